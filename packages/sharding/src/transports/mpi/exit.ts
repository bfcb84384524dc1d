import { writeSync } from "node:fs";
import { loadNativeLibrary } from "@vitscale/core/native-libraries";

/** Says why a rank failed: Node prints what nobody caught after the exit handlers, when the process may have been ended. */
export function printFailure(who: string, { message, stack = message }: Error): void {
  writeSync(process.stderr.fd, `${who} failed: ${stack}\n`);
}

/** Ends the process without waiting for its threads. */
export function exitNow(code: number): void {
  loadNativeLibrary(null).func("void _exit(int code)")(code);
}
