import { join } from "node:path";
import { packageBuild } from "../../tsup.shared.ts";
import { buildPage } from "./build-page.ts";

export default {
  ...packageBuild({ index: "src/index.ts", cli: "src/cli.ts" }),
  onSuccess: () => buildPage(join(import.meta.dirname, "dist/page")),
};
