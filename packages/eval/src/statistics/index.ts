export { bootstrap, percentileInterval, type ResampleOptions, resamples } from "./bootstrap.ts";
export { type Estimate, exactly } from "./estimate.ts";
export { mean, meanEstimate, standardDeviation, studentQuantile } from "./mean.ts";
export { quantile } from "./quantile.ts";
export { ranks } from "./ranks.ts";
export { reflectedInterval } from "./reflected-interval.ts";
export { wilsonInterval } from "./wilson.ts";
