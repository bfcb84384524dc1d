import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Schedule, type ScheduleOptions } from "./schedule.ts";

const samples = (length: number, first = 0) => Uint32Array.from({ length }, (_, i) => first + i);
const options: ScheduleOptions = { batchSize: 4, shuffle: true, last: "drop", epochs: 3, seed: 0 };

/** All samples of all steps, row after row, with their epochs. */
function stream(schedule: Schedule) {
  return Array.from({ length: schedule.steps }, (_, step) => {
    const { indices, epochs } = schedule.rows(step);
    return [...indices].map((index, row) => ({ index, epoch: epochs[row]! }));
  }).flat();
}

describe("Schedule", () => {
  it("drops what does not fill a batch, other samples in other epochs", () => {
    const schedule = new Schedule(samples(10), options);
    expect([schedule.stepsPerEpoch, schedule.steps]).toEqual([2, 6]);
    const dropped = [0, 1, 2].map((epoch) => {
      const seen = stream(schedule).filter((row) => row.epoch === epoch);
      expect(new Set(seen.map(({ index }) => index)).size).toBe(8);
      return [...samples(10)].filter((index) => !seen.some((row) => row.index === index)).join();
    });
    expect(new Set(dropped).size).toBeGreaterThan(1);
  });

  it("wraps so that every sample comes once an epoch", () => {
    const schedule = new Schedule(samples(10), { ...options, last: "wrap" });
    expect([schedule.stepsPerEpoch, schedule.steps]).toEqual([2.5, 7]);
    const rows = stream(schedule);
    expect(rows).toHaveLength(28);
    for (const epoch of [0, 1]) {
      const seen = rows.filter((row) => row.epoch === epoch).map(({ index }) => index);
      expect(seen.sort((a, b) => a - b)).toEqual([...samples(10)]);
    }
  });

  it("pads without shuffling", () => {
    const schedule = new Schedule(samples(6, 100), { ...options, shuffle: false, last: "pad", epochs: 1 });
    expect(stream(schedule).map(({ index }) => index)).toEqual([100, 101, 102, 103, 104, 105, -1, -1]);
  });

  it("fills batches larger than the set by wrapping", () => {
    const schedule = new Schedule(samples(3), { ...options, batchSize: 7, last: "wrap", epochs: 7 });
    expect(schedule.steps).toBe(3);
    const counts = [0, 1, 2].map((index) => stream(schedule).filter((row) => row.index === index).length);
    expect(counts).toEqual([7, 7, 7]);
  });

  it("finds its place again from any step, and asks for rows in any order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom("drop", "wrap", "pad"),
        fc.integer({ min: 0, max: 50 }),
        (length, batchSize, last, step) => {
          fc.pre(last !== "drop" || batchSize <= length);
          const run = { ...options, batchSize, last, epochs: Number.POSITIVE_INFINITY };
          const schedule = new Schedule(samples(length), run);
          const rows = schedule.rows(step);
          schedule.rows(step + 9);
          expect(schedule.rows(step)).toEqual(rows);
          const place = schedule.place(step);
          if (batchSize <= length) expect(schedule.stepAt(place)).toBe(step);
          if (last !== "wrap") expect(rows.epochs[0]).toBe(place.epoch);
        },
      ),
    );
  });

  it("has an order for each epoch and seed", () => {
    const orders = [0, 1].flatMap((seed) => {
      const schedule = new Schedule(samples(100), { ...options, batchSize: 100, seed });
      return [0, 1, 2].map((epoch) => schedule.rows(epoch).indices.join());
    });
    expect(new Set(orders).size).toBe(6);
  });

  it("says where there is no batch", () => {
    const schedule = new Schedule(samples(10), options);
    expect(() => schedule.stepAt({ epoch: 1, batch: 2 })).toThrow(
      "there is no batch 2 in epoch 1: an epoch has 2 batches, the run 6 in all",
    );
  });
});
