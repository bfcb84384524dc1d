import { packageBuild } from "../../tsup.shared.ts";

export default packageBuild({
  index: "src/index.ts",
  // Worker threads import operations on images from a file of their own.
  operations: "src/operations.ts",
});
