import { packageBuild } from "../../tsup.shared.ts";

export default packageBuild({
  index: "src/index.ts",
  // Worker threads import the operation `corrupt` from a file of its own.
  corruptions: "src/corruptions/index.ts",
});
