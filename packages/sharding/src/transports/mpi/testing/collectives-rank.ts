import { runOnMpi } from "../run.ts";
import { checkCollectives } from "./collectives.ts";

/** What ranks do in the test of collectives over MPI. Each prints one line of JSON. */
await runOnMpi(async (transport) => {
  const result = await checkCollectives(transport);
  process.stdout.write(`${JSON.stringify({ rank: transport.rank, result })}\n`);
});
