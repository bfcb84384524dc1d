import { packageBuild } from "../../tsup.shared.ts";

// `nearest` stands apart for packages whose threads do without TensorFlow.js.
export default packageBuild({ index: "src/index.ts", nearest: "src/nearest.ts" });
