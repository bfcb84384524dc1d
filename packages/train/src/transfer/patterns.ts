/** Names of the classifier: what begins anew (`start.fresh`) when a model learns other classes. */
export const onlyHead: readonly string[] = ["head/.+"];

/** Names of all but the classifier: what is frozen (`optimizer.frozen`) in a linear probe. */
export const allButHead: readonly string[] = ["(?!head/).+"];
