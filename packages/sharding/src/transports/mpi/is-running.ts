import { readFileSync } from "node:fs";

/**
 * Whether a process of this host is there, and not a zombie that nobody has waited for. True where that cannot be told: on
 * systems without /proc.
 */
export function isRunning(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The state follows the name, which is in parentheses and may hold anything.
    return !["Z", "X"].includes(text.charAt(text.lastIndexOf(")") + 2));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT" || process.platform !== "linux";
  }
}
