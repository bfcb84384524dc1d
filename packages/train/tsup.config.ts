import { packageBuild } from "../../tsup.shared.ts";

// Ranks in threads begin with a module of their own.
export default packageBuild({ index: "src/index.ts", cli: "src/cli.ts", "train-rank": "src/mesh/rank.ts" });
