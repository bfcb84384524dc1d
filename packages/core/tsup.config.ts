import { packageBuild } from "../../tsup.shared.ts";

// What stands apart is for packages whose threads do without TensorFlow.js.
export default packageBuild({
  index: "src/index.ts",
  nearest: "src/nearest.ts",
  "native-libraries": "src/native-libraries.ts",
});
