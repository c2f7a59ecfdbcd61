export default {
  test: { include: ["**/*.vitest.mjs"], setupFiles: ["./setup.cjs"], watch: false, cache: false },
};
