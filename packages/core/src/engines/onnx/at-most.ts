/** Lets so many pieces of work be under way at a time; the others wait, and begin in the order in which they came. */
export function atMost(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (work) => {
    if (underWay < most) underWay++;
    else await new Promise<void>((begin) => waiting.push(begin));
    try {
      return await work();
    } finally {
      // Who waits takes the place of who leaves.
      const next = waiting.shift();
      if (next) next();
      else underWay--;
    }
  };
}
