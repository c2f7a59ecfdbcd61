export default {
  test: {
    include: ["**/*.vitest.mjs"],
    setupFiles: ["./setup.cjs"],
    watch: false,
    cache: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
  },
};
