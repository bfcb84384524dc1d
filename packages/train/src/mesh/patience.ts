/** Ten minutes: while one rank judges an evaluation or waits for a slow disk, the others wait for it. */
const defaultSeconds = 600;

/**
 * How long a rank of a run waits for another before it takes it for stuck, in milliseconds: `VITSCALE_PATIENCE`, which is in seconds, or ten
 * minutes. A rank that died is noticed within seconds all the same.
 *
 * @throws RangeError when the variable is no positive number.
 */
export function patienceMs({ VITSCALE_PATIENCE: text }: Readonly<Record<string, string | undefined>>): number {
  const seconds = text === undefined || text === "" ? defaultSeconds : Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return 1000 * seconds;
  throw new RangeError(`VITSCALE_PATIENCE is "${text}"; give the seconds that ranks wait for each other, such as 600`);
}
