// Named axes of ranks.
export { type Coordinates, createMesh, type Mesh, type MeshAxes } from "./mesh.ts";
