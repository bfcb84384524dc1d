// Named axes of ranks.
export { type Coordinates, createMesh, type Mesh, type MeshAxes } from "./mesh.ts";
// What carries bytes between ranks.
export { LateError, MismatchError, RankLostError } from "./transports/errors.ts";
export { type SimulationOptions, simulatedRanks } from "./transports/simulated.ts";
export type { RankProgram } from "./transports/threads/entry.ts";
export { type LaunchOptions, launchThreads } from "./transports/threads/launch.ts";
export { type Envelope, lastChannel, type Transfer, type Transport } from "./transports/transport.ts";
