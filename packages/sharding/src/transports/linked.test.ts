import { expect, it } from "vitest";
import { linked } from "./linked.ts";
import { simulatedRanks } from "./simulated.ts";

it("a linked transport lets no message arrive before it is due, and changes none", async () => {
  const [a, b] = simulatedRanks(2).map((transport) => linked(transport, { bytesPerSecond: 1e5, latencyMs: 10 }));
  const envelope = { channel: 1, label: "block" };
  const [first, second] = [new Uint8Array(1000), new Uint8Array(500)];
  const start = performance.now();
  a!.send(1, envelope, new Uint8Array(1000).fill(7));
  a!.send(1, envelope, new Uint8Array(500).fill(9));
  const receives = [b!.receive(0, envelope, first), b!.receive(0, envelope, second)];
  const times: number[] = [];
  await Promise.all(receives.map((receive) => receive.wait().then(() => times.push(performance.now() - start))));
  expect([first.every((x) => x === 7), second.every((x) => x === 9)]).toEqual([true, true]);
  // 1,000 bytes take 10 ms, the 500 after them 5 ms more; both 10 ms later. Timers may be a millisecond early, and never late here.
  expect(times[0]).toBeGreaterThan(18);
  expect(times[1]).toBeGreaterThan(23);
});
