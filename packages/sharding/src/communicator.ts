import type { collectives } from "@vitscale/core";
import { registerEagerCollectives } from "./collectives/eager.ts";
import type { Mesh, MeshAxes } from "./mesh.ts";
import type { Transport } from "./transports/transport.ts";

/** A rank of a mesh, with what it needs to take part in collectives. */
export interface Communicator<Axes extends MeshAxes = MeshAxes> {
  /** Tells the communicators of a thread apart. */
  readonly id: number;
  readonly mesh: Mesh<Axes>;
  readonly transport: Transport;
  /** This rank. */
  readonly rank: number;
  /** The ranks that differ from this one along one axis, for the functions of `collectives`. */
  group(axis: keyof Axes & string): collectives.RankGroup;
  /** Does one thing at a time, in the order of the calls: programs with collectives must not overtake each other. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
}

const communicators: Communicator[] = [];

/** The communicator that an eager collective was called with. */
export function communicatorOf({ communicator }: collectives.RankGroup): Communicator {
  const found = communicators[communicator];
  if (!found) throw new Error(`internal: there is no communicator ${communicator} in this thread`);
  return found;
}

/**
 * Makes this thread (or process) a rank of a mesh.
 *
 * @throws RangeError when the transport's world has another number of ranks than the mesh.
 */
export function createCommunicator<Axes extends MeshAxes>(mesh: Mesh<Axes>, transport: Transport): Communicator<Axes> {
  const { rank, size } = transport;
  if (size !== mesh.size) {
    const axes = Object.entries(mesh.axes).map(([name, ranks]) => `${name}=${ranks}`);
    throw new RangeError(
      `a mesh of ${axes.join(",")} has ${mesh.size} ranks, but ${size} were started; start ${mesh.size}, or give a mesh of ${size}`,
    );
  }
  registerEagerCollectives();
  let turn: Promise<unknown> = Promise.resolve();
  const id = communicators.length;
  const communicator: Communicator<Axes> = {
    id,
    mesh,
    transport,
    rank,
    group(axis) {
      const ranks = mesh.group(rank, axis);
      return { over: axis, ranks, position: ranks.indexOf(rank), communicator: id };
    },
    inTurn(work) {
      const result = turn.then(work);
      turn = result.catch(() => {});
      return result;
    },
  };
  communicators.push(communicator as unknown as Communicator);
  return communicator;
}
