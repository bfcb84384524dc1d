import type { Step } from "../../fusion/fuse.ts";
import type { Kernel } from "../../fusion/kernel.ts";
import { type CustomOpRequest, capability, createCustomOps } from "../../native/index.ts";
import { type Address, ortApi } from "./c-api.ts";
import { kernelDomain } from "./lowering/index.ts";

/** Compiled kernels of one program, as operators that its session knows by name. */
export interface KernelLibrary {
  /** The operator that runs a kernel; kernels with equal programs and shapes share one. */
  nameOf(kernel: Kernel): string;
  /** Makes the operators known to a session that is about to be created. */
  register(sessionOptions: Address): void;
  /** Frees them; the session must be gone. */
  dispose(): void;
}

/**
 * Whether native kernels are used: where the machine can, unless `VITSCALE_NATIVE=off`. With the reason where not.
 *
 * @throws RangeError when that is another word, which someone meant something by.
 */
export function nativeSupport(): { readonly isUsed: boolean; readonly reason: string } {
  const given = process.env.VITSCALE_NATIVE ?? "";
  if (!["", "on", "off"].includes(given)) {
    throw new RangeError(`VITSCALE_NATIVE is "${given}"; it must be off, for ordinary operators, or on, or not be set`);
  }
  if (given === "off") return { isUsed: false, reason: "VITSCALE_NATIVE=off" };
  const found = capability();
  return found.available
    ? { isUsed: true, reason: `native kernels for ${found.targets.at(-1)}` }
    : { isUsed: false, reason: `no native kernels: ${found.reason}` };
}

/** Compiles the kernels among steps; `undefined` where there are none. */
export function compileKernels(steps: readonly Step[]): KernelLibrary | undefined {
  const names = new Map<string, string>();
  const requests: CustomOpRequest[] = [];
  const nameByKernel = new Map<Kernel, string>();
  for (const step of steps) {
    if (step.kind !== "kernel") continue;
    const { kernel } = step;
    const { program, outputs } = kernel;
    const after = kernel.after.length;
    const outputShapes = outputs.map(({ shape }) => shape);
    const onto = outputs.flatMap((output, index) => (output.kind === "piece" && output.onto ? [index] : []));
    const key = JSON.stringify([program, outputShapes, onto, after], keepNonFinite);
    const name = names.get(key) ?? `Kernel${names.size}`;
    if (!names.has(key)) requests.push({ name, program, outputShapes, onto, after });
    names.set(key, name);
    nameByKernel.set(kernel, name);
  }
  if (requests.length === 0) return undefined;

  const api = ortApi();
  const ops = createCustomOps(requests);
  const domain = api.create("CreateCustomOpDomain", kernelDomain);
  for (const { address } of ops.ops) api.check("CustomOpDomain_Add", domain, address);
  return {
    nameOf: (kernel) => nameByKernel.get(kernel) as string,
    register: (sessionOptions) => api.check("AddCustomOpDomain", sessionOptions, domain),
    dispose: () => {
      api.call("ReleaseCustomOpDomain", domain);
      ops.dispose();
    },
  };
}

/** JSON has neither −0 nor the non-finite numbers, and two constants that differ must not look alike. */
function keepNonFinite(_: string, value: unknown): unknown {
  if (typeof value !== "number" || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return Object.is(value, -0) ? "-0" : String(value);
}
