import { packageBuild } from "../../tsup.shared.ts";

export default packageBuild({
  index: "src/index.ts",
  cli: "src/cli.ts",
  peer: "src/peer.ts",
  overlap: "src/overlap.ts",
  "overlap-rank": "src/overlap-rank.ts",
});
