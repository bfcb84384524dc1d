import { readFileSync } from "node:fs";
import { type HostTensor, hostTensor } from "@vitscale/core";

/** The float32 tensors of a safetensors file. */
export function readSafetensors(path: URL): Record<string, HostTensor<"float32">> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString()) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  return Object.fromEntries(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(([name, { shape, data_offsets }]) => {
        const [from, to] = data_offsets.map((offset) => bytes.byteOffset + 8 + headerLength + offset) as [
          number,
          number,
        ];
        return [name, hostTensor("float32", shape, new Float32Array(bytes.buffer.slice(from, to)))];
      }),
  );
}
