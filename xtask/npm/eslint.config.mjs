// Only rules about security. `cargo xtask audit eslint` runs it. The answers are here, since packages have a maximum size.
import security from "eslint-plugin-security";

export default [
  security.configs.recommended,
  {
    rules: {
      // Reports each computed key. Those here are a table's own names, and an unknown name is refused before.
      "security/detect-object-injection": "off",
    },
  },
  {
    // The folders of this project's own packages, and the certificate that the program names, which was checked before.
    files: ["bindings/node/cli/installed.js", "bindings/node/cli/sandbox.js", "bindings/node/lib/native.js"],
    rules: { "security/detect-non-literal-fs-filename": "off" },
  },
  {
    files: ["bindings/node/cli/sandbox.js"],
    // What the pattern repeats cannot match in two ways.
    rules: { "security/detect-unsafe-regex": "off" },
  },
];
