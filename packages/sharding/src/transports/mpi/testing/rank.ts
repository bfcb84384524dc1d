import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { run as runPing } from "../../testing/ping.ts";
import { runOnMpi } from "../run.ts";
import type { MpiTransport } from "../transport.ts";

/** What ranks do in the tests of MPI, by the name that they are started with. Each rank prints one line of JSON. */
const scenarios: { readonly [name: string]: (transport: MpiTransport) => Promise<unknown> } = {
  messages: async (transport) => ({
    ring: await runPing(transport, { kind: "ring", rounds: 3, blocking: false }),
    blocking: await runPing(transport, { kind: "ring", rounds: 3, blocking: true }),
    order: await order(transport),
    long: await longMessages(transport),
    disagree: await disagree(transport),
    late: await late(transport),
    growth: await manyMessages(transport),
    leave: await leave(transport),
  }),
  /** Rank 1 ends in the middle. */
  exit: async (transport) => {
    if (transport.rank === 1) process.exit(3);
    return refusal(transport.receive(1, { channel: 0, label: "from who ends" }, new Uint8Array(8)).wait());
  },
  /** Rank 1 dies without a word. */
  kill: async (transport) => {
    if (transport.rank === 1) process.kill(process.pid, "SIGKILL");
    const killed = performance.now();
    const reason = await refusal(
      transport.receive(1, { channel: 0, label: "from who dies" }, new Uint8Array(8)).wait(),
    );
    return { reason, seconds: (performance.now() - killed) / 1000 };
  },
  /** Everybody waits, until something from outside ends it. */
  wait: async (transport) => {
    print({ pid: process.pid });
    await transport
      .receive((transport.rank + 1) % transport.size, { channel: 0, label: "x" }, new Uint8Array(8))
      .wait();
  },
  nothing: async () => "done",
  "late start": async () => "started",
  "late start, caught": async () => "started",
  "death before starting": async () => "started",
  "death while starting": async () => "started",
};

const lateRanks: { readonly [name: string]: string } = {
  "late start": "1",
  "late start, caught": "1",
  "death while starting": "2",
};

const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function refusal(promise: Promise<void>): Promise<string> {
  try {
    await promise;
    return "nothing went wrong";
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

/** Rank 0 sends before and after rank 1 looks, on two channels; rank 1 looks the other way round. */
async function order(transport: MpiTransport): Promise<number[]> {
  const values = [9, 1, 2];
  if (transport.rank === 0) {
    for (const [i, value] of values.entries()) {
      const data = Uint8Array.of(value);
      await transport.send(1, { channel: i === 0 ? 7 : 3, label: "x" }, data).wait();
      // It was sent; what becomes of its memory no longer matters.
      data[0] = 0;
    }
  }
  if (transport.rank !== 1) return [];
  const into = values.map(() => new Uint8Array(1));
  const received = into.map((memory, i) => transport.receive(0, { channel: i === 2 ? 7 : 3, label: "x" }, memory));
  for (const transfer of received.reverse()) await transfer.wait();
  return into.map(([value]) => value as number);
}

/** Rings of messages that do not fit in an envelope, and are cut into chunks; returns wrong bytes. */
async function longMessages(transport: MpiTransport): Promise<number> {
  const { rank, size } = transport;
  const [next, previous] = [(rank + 1) % size, (rank + size - 1) % size];
  const value = (from: number, i: number) => (from * 31 + i * 7 + (i >> 8)) & 0xff;
  let wrong = 0;
  for (const bytes of [2048, 2049, 65_536, 300_001]) {
    const data = Uint8Array.from({ length: bytes }, (_, i) => value(rank, i));
    // Not at the beginning of its buffer.
    const into = new Uint8Array(new ArrayBuffer(bytes + 8), 8);
    const envelope = { channel: 32_767, label: `${bytes} bytes, ${"a long name ".repeat(bytes === 2049 ? 400 : 1)}` };
    const sent = transport.send(next, envelope, data);
    await transport.receive(previous, envelope, into).wait();
    await sent.wait();
    wrong += into.reduce((count, byte, i) => count + (byte === value(previous, i) ? 0 : 1), 0);
  }
  return wrong;
}

/** The two ends call one message by different names, and give different lengths. */
async function disagree(transport: MpiTransport): Promise<string[]> {
  const { rank } = transport;
  if (rank > 1) return [];
  const refusals: string[] = [];
  for (const [channel, lengths] of [
    [8, 8],
    [4096, 8192],
  ].entries()) {
    const label = ["all-gather of a", "all-reduce of b"][rank] as string;
    const mine = new Uint8Array(lengths[rank] as number);
    const sent = transport.send(1 - rank, { channel: channel + 10, label }, mine);
    refusals.push(await refusal(transport.receive(1 - rank, { channel: channel + 10, label }, mine.slice()).wait()));
    void sent;
  }
  return refusals;
}

async function late(transport: MpiTransport): Promise<string> {
  const patienceMs = transport.patienceMs;
  transport.patienceMs = 30;
  const from = (transport.rank + 1) % transport.size;
  const reason = await refusal(transport.receive(from, { channel: 20, label: "never" }, new Uint8Array(8)).wait());
  transport.patienceMs = patienceMs;
  return reason;
}

/** Five thousand messages of each rank, short and long; returns by how many MiB the process has grown since the first thousand. */
async function manyMessages(transport: MpiTransport): Promise<number> {
  const { rank, size } = transport;
  const [next, previous] = [(rank + 1) % size, (rank + size - 1) % size];
  const messages = [8, 1000, 5000, 40_000, 8].map((bytes) => ({
    data: new Uint8Array(bytes),
    into: new Uint8Array(bytes),
  }));
  let before = 0;
  for (let round = 0; round < 1_000; round++) {
    if (round === 200) before = process.memoryUsage().rss;
    const transfers = messages.flatMap(({ data, into }, channel) => [
      transport.send(next, { channel, label: "many" }, data),
      transport.receive(previous, { channel, label: "many" }, into),
    ]);
    for (const transfer of transfers) transfer.waitSync();
  }
  return (process.memoryUsage().rss - before) / 2 ** 20;
}

/** Rank 1 sends something short and something long, and leaves; who waits for more from it learns that. */
async function leave(transport: MpiTransport): Promise<unknown> {
  const { rank } = transport;
  const envelope = { channel: 30, label: "long" };
  const long = new Uint8Array(50_000).fill(rank);
  if (rank === 1) transport.send(2, envelope, long);
  const list = await runPing(transport, { kind: "leave", rank: 1 });
  if (rank !== 2) return list;
  await transport.receive(1, envelope, long).wait();
  const more = await refusal(transport.receive(1, { channel: 0, label: "more" }, new Uint8Array(8)).wait());
  return { list, isLong: long.every((byte) => byte === 1), more };
}

const [, , name = "", released = ""] = process.argv;
const scenario = scenarios[name];
if (!scenario) throw new Error(`there is no scenario "${name}"`);
const rank = process.env.PMI_RANK ?? process.env.OMPI_COMM_WORLD_RANK;
const die = () => process.kill(process.pid, "SIGKILL");
if (name === "death before starting" && rank === "1") die();
if (name === "death while starting" && rank === "1") setTimeout(die, 700);
// One rank is late for the start: it comes when the test, which has seen what it waits for, makes this file.
const isLate = name.startsWith("late start");
if (rank === lateRanks[name]) {
  const latest = performance.now() + 20_000;
  while (!existsSync(released) && performance.now() < latest) await sleep(20);
}
const ended = runOnMpi(async (transport) => print({ rank: transport.rank, result: await scenario(transport) }), {
  patienceMs: 20_000,
  graceMs: 3_000,
  startMs: isLate ? 500 : 30_000,
  chunkBytes: 20_000,
});
if (name !== "late start, caught") await ended;
else {
  // As a command line program does: says what went wrong, and has nothing left to do.
  await ended.catch((error: Error) => process.stderr.write(`${error.name}: ${error.message}\n`));
  process.exitCode = 1;
}
