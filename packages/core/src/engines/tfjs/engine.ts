import type { Engine, EngineDescription } from "../engine.ts";
export async function describeTfjsEngines(): Promise<EngineDescription[]> {
  return [];
}
export function tfjsEngine(_: string): Engine {
  throw new Error("x");
}
