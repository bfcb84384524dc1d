import { type Communicator, createCommunicator } from "../communicator.ts";
import type { Mesh, MeshAxes } from "../mesh.ts";
import { simulatedRanks } from "../transports/simulated.ts";
import type { Transport } from "../transports/transport.ts";

/** Runs a program on every rank of a mesh, simulated in this thread, and returns what each returned. */
export async function onRanks<Axes extends MeshAxes, Result>(
  mesh: Mesh<Axes>,
  program: (communicator: Communicator<Axes>) => Promise<Result>,
  wrap: (transport: Transport) => Transport = (transport) => transport,
): Promise<Result[]> {
  const transports = simulatedRanks(mesh.size, { patienceMs: 10_000 }).map(wrap);
  // Who fails leaves, so that the others need not lose patience first.
  const results = await Promise.allSettled(
    transports.map(async (transport) => {
      try {
        return await program(createCommunicator(mesh, transport));
      } catch (error) {
        await transport.close();
        throw error;
      }
    }),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<Result>).value);
}
