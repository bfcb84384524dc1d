import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts a worker thread from the built file beside the package's index, or, where this runs from TypeScript source, from
 * source through tsx.
 *
 * @param built name of the entry in `dist`, such as "thread-entry"
 * @param source the entry's source file
 */
export function startThread(built: string, source: URL, options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL(`./${built}.js`, import.meta.url), options);
  // Node 20 applies no loader to the entry of a worker, but to what the entry imports.
  const tsx = import.meta.resolve("tsx/esm/api");
  const code = `import { register } from "${tsx}"; register(); await import("${source.href}");`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    ...options,
    execArgv: ["--conditions=@vitscale/source"],
  });
}
