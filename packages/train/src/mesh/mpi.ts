import { countLocalRanks, type Launch, runOnMpi } from "@vitscale/sharding";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { TrainOptions, TrainResult } from "../trainer.ts";
import { meshOf } from "./mesh.ts";
import { patienceMs } from "./patience.ts";
import { trainAsRank } from "./rank.ts";
import { shareCores } from "./share-cores.ts";

/**
 * Trains a run as the rank that a launcher of MPI started this process as; every process of the launch calls it, once. The folder of the
 * run must be one that all of them see.
 *
 * @param options where no mesh is given, all ranks see different images
 * @throws RangeError before ranks meet when the mesh does not fit configuration or launch; what `trainAsRank` and `runOnMpi` throw.
 */
export async function trainOnMpi(
  config: ResolvedConfig,
  launch: Launch,
  { mesh = { data: launch.size }, engine, stream, signal, ...options }: TrainOptions,
): Promise<TrainResult> {
  const { size } = meshOf(mesh, config);
  if (size !== launch.size) {
    throw new RangeError(
      `the mesh has ${size} ranks, but ${launch.launcher} started ${launch.size} (${launch.evidence}); start ${size}, or give a mesh of ${launch.size}`,
    );
  }
  shareCores(countLocalRanks() ?? 1);
  const own = { ...(engine && { engine }), ...(stream && { stream }), ...(signal && { signal }) };
  return runOnMpi((transport) => trainAsRank(transport, { config, axes: mesh, options }, own), {
    patienceMs: patienceMs(process.env),
  });
}
