// The table that evaluations start from, and accuracy on it.
export { type Share, topKAccuracy, wilsonInterval } from "./accuracy.ts";
export { checkPredictions, type Predictions } from "./predictions.ts";
