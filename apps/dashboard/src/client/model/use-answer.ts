import { useEffect, useRef, useState } from "preact/hooks";

/** What a question has brought so far. */
export interface Answered<T> {
  /** The last answer; it stays while the next one is awaited, so that nothing flickers. */
  readonly value: T | undefined;
  readonly error: string | undefined;
  readonly isWaiting: boolean;
}

const nothingAsked = { value: undefined, error: undefined, isWaiting: false };

/**
 * Asks whenever the key changes, and not more often than every 400 ms; an answer that was overtaken is dropped.
 *
 * @param key everything that the answer depends on; undefined asks nothing, and has no answer
 */
export function useAnswer<T>(key: string | undefined, ask: (signal: AbortSignal) => Promise<T>): Answered<T> {
  const [state, setState] = useState<Answered<T>>({ value: undefined, error: undefined, isWaiting: key !== undefined });
  const asked = useRef(0);
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    setState((before) => ({ ...before, isWaiting: true }));
    const timer = setTimeout(
      () => {
        asked.current = performance.now();
        ask(abort.signal).then(
          (value) => !abort.signal.aborted && setState({ value, error: undefined, isWaiting: false }),
          (error: Error) =>
            !abort.signal.aborted && setState(({ value }) => ({ value, error: error.message, isWaiting: false })),
        );
      },
      Math.max(0, asked.current + 400 - performance.now()),
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);
  return key === undefined ? nothingAsked : state;
}
