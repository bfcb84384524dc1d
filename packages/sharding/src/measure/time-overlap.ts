import { createCommunicator } from "../communicator.ts";
import { createMesh } from "../mesh.ts";
import { linked } from "../transports/linked.ts";
import type { Transport } from "../transports/transport.ts";
import { layerParts } from "./layer-parts.ts";
import type { OverlapCase, OverlapTimes } from "./overlap.ts";
import { timeInRounds } from "./rounds.ts";

/** Times a layer and its parts as one of the ranks of a transport; all of them call it. Returns the same on every rank. */
export async function timeOverlap(transport: Transport, given: OverlapCase, rounds: number): Promise<OverlapTimes> {
  const { ranks, link } = given;
  const communicator = createCommunicator(createMesh({ model: ranks }), link ? linked(transport, link) : transport);
  return timeInRounds(communicator, layerParts(given, communicator.group("model")), rounds);
}
