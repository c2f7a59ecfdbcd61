/**
 * Path of the program `ocamba`: of `OCAMBA_BINARY` of the environment, an absolute path, or of the package for this platform.
 *
 * @throws Error if it is missing, or not of this package's version
 */
export const binary: string;
