import * as tf from "@tensorflow/tfjs-core";

/**
 * Calls a synchronous function while a tfjs backend is the current one, and makes the user's current again afterwards.
 * The backend must be registered and ready.
 */
export function onBackend<Result>(name: string, f: () => Result): Result {
  const engine = tf.engine();
  // Asking for the backend chooses one if none is chosen yet.
  const previous = engine.backend && engine.backendName;
  if (previous === name) return f();
  // Synchronous in effect: for a backend that is ready, the promise only reports what already happened.
  void tf.setBackend(name);
  try {
    return f();
  } finally {
    void tf.setBackend(previous);
  }
}
