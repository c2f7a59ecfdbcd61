/**
 * Path of the program `ocamba`: of `OCAMBA_BINARY` of the environment, an absolute path, of the package for this platform,
 * or of the folder of a bundle or of this package.
 *
 * @throws Error if it is missing, or not of this package's version
 */
export const binary: string;
