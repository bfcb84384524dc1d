// Trains for long on the ranks of a mesh, and prints how much memory each process had in the middle of the run and at its end:
//
//   node scripts/mesh-soak.mjs runs/soak mpirun -n 4 node packages/train/dist/cli.js train CONFIG --mesh data=2,model=2 --out runs/soak
//   node scripts/mesh-soak.mjs runs/soak node packages/train/dist/cli.js train CONFIG --mesh data=2,model=2 --out runs/soak
//
// The first argument is the folder of the run, the rest the command. Processes of Node that name the folder are its ranks (over MPI) or
// all of them (in threads). Linux only. Ends with the command's exit code: ranks over MPI end well only when no request is left.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";

const [out, command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error("usage: node scripts/mesh-soak.mjs RUN_FOLDER COMMAND …");
  process.exit(2);
}

const sampleMs = 250;
/** By process: its rank, and megabytes by the step that the run had reached. */
const processes = new Map();

const read = (path) => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
};

function stepReached() {
  const rows = join(out, "metrics.jsonl");
  if (!existsSync(rows)) return 0;
  const lines = readFileSync(rows, "utf8").trimEnd().split("\n");
  return lines.reduce((step, line) => Math.max(step, Number(/"step":(\d+)/.exec(line)?.[1] ?? 0)), 0);
}

function sample() {
  const step = stepReached();
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const [program = "", ...given] = read(`/proc/${pid}/cmdline`).split("\0");
    if (!/(^|\/)node$/.test(program) || !given.includes(out)) continue;
    const megabytes = Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
    if (megabytes === 0) continue;
    const rank = /(?:PMI_RANK|OMPI_COMM_WORLD_RANK)=(\d+)/.exec(read(`/proc/${pid}/environ`))?.[1] ?? "all";
    const known = processes.get(pid) ?? { rank, samples: [] };
    known.samples.push({ step, megabytes });
    processes.set(pid, known);
  }
}

const child = spawn(command, args, { stdio: "inherit" });
const timer = setInterval(sample, sampleMs);
child.on("close", (code) => {
  clearInterval(timer);
  const last = stepReached();
  console.log(`${last} steps, load average ${loadavg()[0].toFixed(1)}`);
  const ranks = [...processes.values()].filter(({ samples }) => samples.some(({ step }) => step > 0.9 * last));
  for (const { rank, samples } of ranks.sort((a, b) => `${a.rank}`.localeCompare(`${b.rank}`))) {
    // The least over a stretch of the run, because garbage comes and goes.
    const least = (from, to) => {
      const within = samples.filter(({ step }) => step >= from * last && step <= to * last);
      return Math.min(...within.map(({ megabytes }) => megabytes)).toFixed(0);
    };
    console.log(`rank ${rank}: ${least(0.2, 0.5)} MB in steps up to half, ${least(0.7, 1)} MB from 70 % on`);
  }
  process.exitCode = code ?? 1;
});
