/** Path of the program `ocamba` for this platform. */
export const binary: string;
