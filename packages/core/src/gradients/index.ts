export { constantKernels, differentiableKernels, registerGradients, withGradients } from "./register.ts";
export { withTape } from "./tape.ts";
