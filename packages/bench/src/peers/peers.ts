import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { ownProgram, packageFolder } from "../package-files.ts";
import type { NodePeer } from "./implementations/index.ts";
import type { Command } from "./line-process.ts";
import { findPeer, installCommand } from "./packages.ts";
import type { Task } from "./protocol.ts";

/** Something that computes the same as this project. */
export interface Peer {
  readonly name: string;
  /** What it is, for a reader of the report. */
  readonly about: string;
  readonly tasks: readonly Task["kind"][];
  /** How to start it here, or why it cannot be started and what to install. */
  locate(): Promise<{ readonly command: (threads: number) => Command } | { readonly missing: string }>;
}

/** Every peer, this project first. */
export const peers = [
  nodePeer("vitscale", { about: "this project, jitted", tasks: ["train-step", "inference", "products"] }),
  pythonPeer("torch", { about: "PyTorch, eager", script: "torch_peer.py", install: "pip install torch numpy" }),
  pythonPeer("jax", { about: "JAX, jitted by XLA", script: "jax_peer.py", install: "pip install jax" }),
  nodePeer("tfjs-node", {
    about: "TensorFlow.js on libtensorflow, eager",
    tasks: ["train-step"],
    needs: "@tensorflow/tfjs-node",
    remedy: `${installCommand("@tensorflow/tfjs-node@4.22.0")} (Node 22 or older; its install script fetches libtensorflow)`,
  }),
  nodePeer("tfjs-wasm", {
    about: "TensorFlow.js on WebAssembly, eager",
    tasks: ["train-step"],
    needs: "@tensorflow/tfjs-backend-wasm",
  }),
  nodePeer("jax-js", { about: "jax-js on WebAssembly, jitted", tasks: ["train-step"], needs: "@jax-js/jax" }),
  nodePeer("transformers.js", {
    about: "transformers.js on the exported model",
    tasks: ["inference"],
    needs: "@huggingface/transformers",
  }),
  nodePeer("onnxruntime-node", {
    about: "onnxruntime-node on the exported model",
    tasks: ["inference"],
    needs: "onnxruntime-node",
  }),
  nodePeer("tfjs-cpu", { about: "TensorFlow.js in plain JavaScript, eager", tasks: ["train-step"] }),
] as const satisfies readonly Peer[];

/** Name of a peer. */
export type PeerName = (typeof peers)[number]["name"];

function nodePeer<Name extends NodePeer>(
  name: Name,
  { about, tasks, needs, remedy }: { about: string; tasks: readonly Task["kind"][]; needs?: string; remedy?: string },
) {
  return {
    ...{ name, about, tasks },
    async locate() {
      if (needs !== undefined && findPeer(needs) === undefined) {
        return { missing: `${needs} is not installed; ${remedy ?? installCommand(needs)}` };
      }
      const { file, args } = ownProgram("peer");
      return {
        command: (threads: number) => ({
          file,
          args: [...args, name],
          environment: { VITSCALE_THREADS: `${threads}` },
        }),
      };
    },
  } satisfies Peer;
}

function pythonPeer<Name extends string>(
  name: Name,
  { about, script, install }: { about: string; script: string; install: string },
) {
  return {
    ...{ name, about },
    tasks: ["train-step", "inference", "products"],
    async locate() {
      const pythons = (process.env.VITSCALE_PYTHON ?? "python3").split(delimiter);
      const path = join(packageFolder, "peers", script);
      for (const python of pythons) {
        if (await hasModule(python, name))
          return { command: (threads: number) => ({ file: python, args: [path, `${threads}`] }) };
      }
      const remedy = `${install}, and set VITSCALE_PYTHON to that Python (or to several, with "${delimiter}" between)`;
      return { missing: `${pythons.join(" and ")} has no module ${name}; ${remedy}` };
    },
  } as const satisfies Peer;
}

/** Whether a Python has a module, found without the seconds that importing it takes. */
async function hasModule(python: string, name: string): Promise<boolean> {
  const program = `import importlib.util as u, sys; sys.exit(u.find_spec("${name}") is None)`;
  try {
    await promisify(execFile)(python, ["-c", program]);
    return true;
  } catch {
    return false;
  }
}
