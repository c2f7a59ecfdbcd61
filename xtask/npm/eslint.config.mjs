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
    files: ["bindings/node/cli/installed.js"],
    // The names of this project's own packages.
    rules: { "security/detect-non-literal-require": "off" },
  },
  {
    files: ["bindings/node/lib/testing.js"],
    rules: {
      // The program names the file, and was checked before it started.
      "security/detect-non-literal-fs-filename": "off",
      // What the pattern repeats cannot match in two ways.
      "security/detect-unsafe-regex": "off",
    },
  },
];
