/** A run that can be asked to stop, and how it was asked. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Exit code by convention, 128 + the signal's number, once the process was asked to stop. */
  readonly exitCode: number | undefined;
  /** Lets signals end the process again. */
  release(): void;
}

/** A launcher that signals a process and then its group, as GNU timeout does, reaches it twice with one request. */
const sameRequestMs = 500;

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Turns the first SIGINT (Ctrl-C), SIGTERM (schedulers, `kill`) or SIGHUP (the terminal was closed) into a request to stop after the current step; a second one ends
 * the process at once, unless it is the same within half a second. `onStop` is called with the name of the first.
 */
export function listenForStop(onStop: (name: string) => void): StopSignal {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let askedAt = 0;
  const listeners = Object.entries(numbers).map(([name, number]) => {
    const listener = () => {
      if (exitCode !== undefined) {
        const isEcho = exitCode === 128 + number && performance.now() - askedAt < sameRequestMs;
        if (isEcho) return;
        process.exit(exitCode);
      }
      askedAt = performance.now();
      exitCode = 128 + number;
      if (name === "SIGHUP") goOnWithoutConsole();
      controller.abort(name);
      onStop(name);
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}

/** With the terminal goes the console: what can no longer be shown shall not end the process before its checkpoint is written. */
function goOnWithoutConsole(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}
