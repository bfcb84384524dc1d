import { connectMpi, type MpiOptions } from "./connect.ts";
import type { MpiTransport } from "./transport.ts";

/**
 * Runs a program as the rank that this process was started as, and leaves the world after it.
 *
 * When the program fails, its reason is printed and told to the other ranks, whose transfers from this one fail with a
 * `RankLostError`. They may finish (write a checkpoint) within `graceMs`; then everything is ended.
 *
 * @throws what the program throws, and what `connectMpi` does.
 */
export async function runOnMpi<Output>(
  program: (transport: MpiTransport) => Promise<Output> | Output,
  options: MpiOptions = {},
): Promise<Output> {
  const { transport } = await connectMpi(options);
  let result: Output;
  try {
    result = await program(transport);
  } catch (error) {
    const { message = String(error) } = error as Partial<Error>;
    // Before the launcher ends this process, which may be soon.
    process.stderr.write(`rank ${transport.rank} of ${transport.size} failed: ${message}\n`);
    await transport.leave(message);
    throw error;
  }
  await transport.close();
  return result;
}
