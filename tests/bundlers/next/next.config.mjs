// As an application has it; EXTERNAL is what the README recommends.
export default {
  output: "standalone",
  ...(process.env.EXTERNAL && { serverExternalPackages: ["ocamba-hood"] }),
};
