export { constantKernels, differentiableKernels, registerGradients, withGradients } from "./register.ts";
