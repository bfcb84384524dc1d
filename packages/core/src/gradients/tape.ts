import * as tf from "@tensorflow/tfjs-core";
import { NestedGradientError } from "../trace/errors.ts";
import { withGradients } from "./register.ts";

/**
 * Calls a synchronous function in which whatever takes gradients by tfjs's tape (`tf.grad`, `tf.variableGrads`, …) uses
 * our rules, and may not do so inside another gradient.
 *
 * @throws NestedGradientError for a gradient within a gradient, whichever function takes it.
 */
export function withTape<Result>(f: () => Result): Result {
  const engine = tf.engine();
  const gradients = engine.gradients;
  engine.gradients = ((...args: Parameters<typeof gradients>) => {
    if (engine.state.gradientDepth > 0) throw new NestedGradientError();
    return withGradients(() => gradients.apply(engine, args));
  }) as typeof gradients;
  try {
    return f();
  } finally {
    engine.gradients = gradients;
  }
}
