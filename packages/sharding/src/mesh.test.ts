import { describe, expect, it } from "vitest";
import { createMesh } from "./mesh.ts";

describe("createMesh", () => {
  const mesh = createMesh({ data: 2, model: 3 });

  it("numbers ranks row by row", () => {
    expect(mesh.size).toBe(6);
    expect([0, 1, 2, 3, 4, 5].map(mesh.coordinatesOf)).toEqual([
      { data: 0, model: 0 },
      { data: 0, model: 1 },
      { data: 0, model: 2 },
      { data: 1, model: 0 },
      { data: 1, model: 1 },
      { data: 1, model: 2 },
    ]);
  });

  it("finds the rank of coordinates", () => {
    for (let rank = 0; rank < mesh.size; rank++) expect(mesh.rankOf(mesh.coordinatesOf(rank))).toBe(rank);
  });

  it("groups ranks along an axis", () => {
    expect(mesh.group(4, "model")).toEqual([3, 4, 5]);
    expect(mesh.group(4, "data")).toEqual([1, 4]);
  });

  it("says what is wrong with an axis, a rank, a coordinate", () => {
    expect(() => createMesh({ data: 0 })).toThrow(
      'mesh axis "data" has 0 ranks; it must be a whole number, at least 1',
    );
    expect(() => createMesh({})).toThrow("a mesh needs at least one axis");
    expect(() => mesh.coordinatesOf(6)).toThrow("rank 6 is not in a mesh of 6; ranks go from 0 to 5");
    expect(() => mesh.rankOf({ data: 2, model: 0 })).toThrow('coordinate 2 on mesh axis "data" is not between 0 and 1');
    expect(() => mesh.group(0, "expert" as "data")).toThrow('the mesh has no axis "expert"; its axes are data, model');
  });
});
