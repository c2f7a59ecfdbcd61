// What webpack has in place of the addon, which it cannot parse: it copies the file that a URL names. The `!` keeps configured
// loaders, as node-loader, away from the file.
import { fileURLToPath } from "node:url";

const addon = { exports: {} };
process.dlopen(addon, fileURLToPath(new URL("!./ocamba-hood.node", import.meta.url).href));
export default addon.exports;
