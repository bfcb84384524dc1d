import * as tf from "@tensorflow/tfjs-core";

/** The variables of tfjs that a recorded function read without being given them: its graph holds their values as constants. */
export class CapturedVariables {
  readonly #values = new Map<tf.Variable, tf.DataId>();

  note(tensor: tf.TensorInfo): void {
    if (tensor instanceof tf.Variable && !this.#values.has(tensor)) this.#values.set(tensor, tensor.dataId);
  }

  /** One that has another value by now; `undefined` if none has. */
  get assigned(): tf.Variable | undefined {
    return [...this.#values].find(([variable, dataId]) => variable.dataId !== dataId)?.[0];
  }
}
