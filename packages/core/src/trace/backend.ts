import * as tf from "@tensorflow/tfjs-core";
import { Emitter } from "../graph/emit.ts";
import { GraphBuilder, type Node } from "../graph/graph.ts";
import { type DataOf, type HostTensor, hostTensor, newData, sizeOf } from "../host-tensor.ts";
import { CapturedVariables } from "./captured-variables.ts";
import {
  DisposedTensorError,
  EscapedTensorError,
  TracedListError,
  TracedRandomError,
  TracedReadError,
} from "./errors.ts";
import { type VisibleType, visibleType } from "./visible-type.ts";

/** The name under which the recording backend is registered with tfjs. */
export const recordingBackendName = "vitscale-recording";

type DataId = tf.DataId;

/** The element types that tfjs and the graph share. */
function asDType(dtype: tf.DataType): VisibleType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new TypeError(`a ${dtype} tensor cannot be recorded; inside jit use float32, int32 or bool`);
}

function asHostTensor(values: tf.backend_util.BackendValues, shape: readonly number[], dtype: tf.DataType): HostTensor {
  const type = asDType(dtype);
  const data = newData(type, sizeOf(shape));
  data.set(values as ArrayLike<number>);
  return hostTensor(type, [...shape], data as DataOf<typeof type>);
}

/** Functions of tfjs that draw numbers on the host, as the names of the scopes that they open. */
const randomScope =
  /^(dropout|rand|randomGamma|randomNormal|randomStandardNormal|randomUniform|randomUniformInt|truncatedNormal)__op$/;

/** @throws TracedRandomError when one of them makes a tensor, naming the outermost. */
function refuseRandom(): void {
  for (const { name } of tf.engine().state.scopeStack) {
    const call = randomScope.exec(name)?.[1];
    if (call !== undefined) throw new TracedRandomError(call);
  }
}

/** @throws TracedListError for the values of a list out of which tfjs left the tensors: too few for the shape of the list. */
function refuseGaps(values: tf.backend_util.BackendValues, shape: readonly number[], dtype: tf.DataType): void {
  const size = sizeOf(shape);
  if (values.length < size) throw new TracedListError(`${dtype}[${shape}]`, size, size - values.length);
}

/**
 * A tfjs backend whose tensors are graph nodes: its kernels (`rules/`) append operations instead of computing. It is
 * active only while {@link recordGraph} calls a function.
 */
export class RecordingBackend extends tf.KernelBackend {
  readonly #nodes = new Map<DataId, Node>();
  readonly #captured = new Map<DataId, Node>();
  #variables = new CapturedVariables();
  #emitter: Emitter | undefined;

  /** Records into a new graph until {@link end}. */
  begin(): GraphBuilder {
    if (this.#emitter) throw new Error("internal: a recording was begun inside another");
    this.#nodes.clear();
    this.#captured.clear();
    this.#variables = new CapturedVariables();
    const builder = new GraphBuilder();
    this.#emitter = new Emitter(builder);
    return builder;
  }

  end(): void {
    this.#emitter = undefined;
    this.#captured.clear();
  }

  /** What the recording under way, or the last one, read of variables. */
  get variables(): CapturedVariables {
    return this.#variables;
  }

  get isRecording(): boolean {
    return this.#emitter !== undefined;
  }

  get emitter(): Emitter {
    if (!this.#emitter) throw new EscapedTensorError("");
    return this.#emitter;
  }

  /** The node that a tensor stands for; a tensor of another backend becomes a constant of the graph. */
  nodeOf(tensor: tf.TensorInfo): Node {
    this.#variables.note(tensor);
    const node = this.#nodes.get(tensor.dataId) ?? this.#captured.get(tensor.dataId);
    if (node) return this.emitter.reshape(node, tensor.shape);
    const owner = tf.engine().state.tensorInfo.get(tensor.dataId as object)?.backend as tf.KernelBackend | undefined;
    const description = `${tensor.dtype}[${tensor.shape}]`;
    if (!owner) throw new DisposedTensorError(description);
    if (owner === this) throw new EscapedTensorError(description);
    const values = owner.readSync(tensor.dataId as object) as tf.backend_util.BackendValues;
    const constant = this.emitter.constant(asHostTensor(values, tensor.shape, tensor.dtype));
    this.#captured.set(tensor.dataId, constant);
    return constant;
  }

  /** A tfjs tensor handle for a node. To tfjs, which has neither type, bytes are integers and bfloat16 are float32. */
  tensorOf(node: Node): tf.TensorInfo {
    const visible = this.emitter.cast(node, visibleType(node.dtype));
    const dataId = {};
    this.#nodes.set(dataId, visible);
    return { dataId, shape: [...visible.shape], dtype: visible.dtype as tf.DataType };
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    refuseRandom();
    refuseGaps(values, shape, dtype);
    const dataId = {};
    this.#nodes.set(dataId, this.emitter.constant(asHostTensor(values, shape, dtype)));
    return dataId;
  }

  override move(dataId: DataId, values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): void {
    this.#nodes.set(dataId, this.emitter.constant(asHostTensor(values, shape, dtype)));
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const node = this.#nodes.get(dataId);
    if (node?.operation === "constant") {
      return node.attributes.value.data.slice() as tf.backend_util.BackendValues;
    }
    if (node?.operation === "full") {
      return newData(node.dtype as VisibleType, sizeOf(node.shape)).fill(node.attributes.value);
    }
    const { dtype, shape } = node ?? tf.engine().state.tensorInfo.get(dataId) ?? { dtype: "", shape: [] };
    const description = `${dtype}[${shape}]`;
    throw this.isRecording && node ? new TracedReadError(description) : new EscapedTensorError(description);
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: object): boolean {
    this.#nodes.delete(dataId);
    return true;
  }

  override refCount(): number {
    return 1;
  }

  override incRef(): void {}

  override numDataIds(): number {
    return this.#nodes.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.#nodes.clear();
  }
}
