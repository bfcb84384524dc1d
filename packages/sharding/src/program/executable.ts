import {
  checkArguments,
  type DeviceTensor,
  type Engine,
  type Executable,
  type graph,
  hostTensor,
} from "@vitscale/core";
import { type Collective, carryOut } from "../collectives/algorithms.ts";
import { complete } from "../collectives/exchange.ts";
import { describeCollective } from "../collectives/traffic.ts";
import { nextTurn } from "../collectives/turns.ts";
import { openWire } from "../collectives/wire.ts";
import type { Communicator } from "../communicator.ts";
import type { Turn } from "../transports/transport.ts";
import type { CutProgram, Segment, Transfer } from "./cut.ts";
import { type Dependencies, dependenciesOf, type Task } from "./frontier.ts";
import { runSchedule } from "./schedule.ts";
import { MeshTensor } from "./tensor.ts";
import { describeTask, type TaskObserver } from "./timeline.ts";
import { type KeptValues, Values } from "./values.ts";

/** What a {@link MeshExecutable} is made of. */
export interface MeshProgram {
  readonly name: string;
  readonly engine: Engine;
  readonly communicator: Communicator;
  /** Computes the segments. */
  readonly local: Engine;
  readonly program: CutProgram;
  readonly executables: ReadonlyMap<graph.Graph, Executable>;
  /** Positions of inputs that are handed over. */
  readonly donated: ReadonlySet<number>;
  readonly onTask: TaskObserver | undefined;
}

/** A cut program with its segments compiled. */
export class MeshExecutable implements Executable {
  readonly #dependencies: Dependencies;
  readonly #reads: ReadonlyMap<graph.Node, number>;
  readonly #kept: KeptValues;
  #runs = 0;

  constructor(readonly parts: MeshProgram) {
    const { program, donated } = parts;
    this.#dependencies = dependenciesOf(program);
    this.#reads = new Map([...this.#dependencies.readers].map(([value, tasks]) => [value, tasks.length]));
    this.#kept = {
      borrowed: new Set(program.inputs.filter((_, i) => !donated.has(i))),
      results: new Set(program.outputs),
    };
  }

  async run(inputs: readonly DeviceTensor[]): Promise<DeviceTensor[]> {
    const { engine, communicator, program, name } = this.parts;
    checkArguments(name, engine, program.inputs, inputs);
    return communicator.inTurn(async () => {
      const what = `${name} run ${++this.#runs}`;
      // Without collectives it is no turn: other ranks need not run it.
      const turn = program.transfers.length > 0 ? nextTurn(communicator.transport, "compiled", what) : undefined;
      const values = new Values(this.#reads, this.#kept);
      try {
        // While it waited for its turn, some may have gone.
        checkArguments(name, engine, program.inputs, inputs);
        for (const [i, value] of program.inputs.entries()) values.set(value, (inputs[i] as MeshTensor).local);
        await runSchedule(this.#dependencies, {
          compute: (segment) => this.#observed(segment, () => this.#compute(segment, values)),
          transfer: (transfer) => this.#observed(transfer, () => this.#transfer(transfer, values, turn as Turn)),
        });
        return program.outputs.map((output) => new MeshTensor(engine, values.get(output)));
      } catch (error) {
        values.free();
        throw new Error(`program "${name}" failed on rank ${communicator.rank}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    });
  }

  async dispose(): Promise<void> {
    for (const executable of this.parts.executables.values()) await executable.dispose();
  }

  async #compute(segment: Segment, values: Values): Promise<void> {
    const executable = this.parts.executables.get(segment.graph) as Executable;
    const results = await executable.run(segment.inputs.map((value) => values.get(value)));
    for (const [i, output] of segment.outputs.entries()) values.set(output, results[i] as DeviceTensor);
    for (const value of new Set(segment.inputs)) values.wasRead(value);
  }

  async #transfer({ node, inputs, channel }: Transfer, values: Values, turn: Turn): Promise<void> {
    const { communicator, local } = this.parts;
    const [operand] = inputs;
    const collective = node as Collective;
    const { ranks, position } = collective.attributes;
    const label = `${turn.what} #${channel}, ${describeCollective(collective, operand)}`;
    const wire = openWire(communicator.transport, { ranks, position, channel, label, turn });
    const tensor = values.get(operand);
    const data = tensor.data ?? (await tensor.read());
    const { dtype, shape } = operand;
    // Memory that the engine uses again: new memory for each arrival is zeroed first, and keeps the garbage collector busy.
    const place = local.allocate?.(node.dtype, node.shape);
    try {
      const result = await complete(carryOut(collective, { dtype, shape, data }, wire, place?.data));
      if (place !== undefined && result === place.data) values.set(node, place);
      else {
        place?.dispose();
        // A group of one hands its operand on, whose memory may be freed or written over.
        const owned = result.buffer === data.buffer ? result.slice() : result;
        values.set(node, local.upload(hostTensor(node.dtype, node.shape, owned)));
      }
    } catch (error) {
      place?.dispose();
      throw error;
    }
    for (const value of new Set(inputs)) values.wasRead(value);
  }

  async #observed(task: Task, work: () => Promise<void>): Promise<void> {
    const { onTask, communicator } = this.parts;
    if (!onTask) return work();
    const start = performance.now();
    await work();
    onTask({ kind: task.kind, name: describeTask(task), rank: communicator.rank, start, end: performance.now() });
  }
}
