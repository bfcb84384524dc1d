import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { openSource } from "../open-source.ts";
import { cifar10 } from "../sources/cifar.ts";
import { type RemoteDataset, remoteDatasets } from "./catalogue.ts";
import { download, downloadDataset } from "./download.ts";
import type { Progress } from "./fetch-file.ts";

const { folder } = await temporaryFolder();
const contents = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** How the server answers, and what it was asked for. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let ranges: (string | undefined)[] = [];
const server = createServer((request, response) => {
  ranges.push(request.headers.range);
  answer(request, response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => server.close());
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`;

/** Serves bytes as a good server does, with ranges. */
function serve(bytes: Uint8Array) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from > 0 && from >= bytes.length) response.writeHead(416).end();
    else if (from > 0) {
      const headers = {
        "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
        "content-length": bytes.length - from,
      };
      response.writeHead(206, headers).end(bytes.subarray(from));
    } else response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  };
}

/** Promises all bytes, sends some, and hangs up. */
function breakOff(bytes: Uint8Array, sent: number) {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, sent), () => setTimeout(() => response.destroy(), 100));
  };
}

const dataset: RemoteDataset = {
  baseUrl: "http://127.0.0.1:1/",
  files: [{ name: "file.bin", sha256: sha256(contents) }],
  credit: "nobody",
};
const path = join(folder, "file.bin");

describe("download", () => {
  beforeEach(async () => {
    ranges = [];
    await rm(path, { force: true });
    await rm(`${path}.part`, { force: true });
  });

  it("fetches a file, tells its progress, and does not fetch it again", async () => {
    answer = serve(contents);
    const seen: Progress[] = [];
    const first = await downloadDataset(dataset, {
      to: folder,
      baseUrl,
      onProgress: (progress) => seen.push(progress),
    });
    expect(first).toEqual({ folder, receivedBytes: contents.length, credit: "nobody" });
    expect(contents.equals(await readFile(path))).toBe(true);
    expect(seen.at(-1)).toEqual({ file: "file.bin", receivedBytes: contents.length, totalBytes: contents.length });
    expect(await downloadDataset(dataset, { to: folder, baseUrl })).toMatchObject({ receivedBytes: 0 });
    expect(ranges).toEqual([undefined]);
  });

  it("continues where an earlier call was broken off", async () => {
    await writeFile(`${path}.part`, contents.subarray(0, 150_000));
    answer = serve(contents);
    expect(await downloadDataset(dataset, { to: folder, baseUrl })).toMatchObject({ receivedBytes: 50_000 });
    expect(ranges).toEqual(["bytes=150000-"]);
    expect(contents.equals(await readFile(path))).toBe(true);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it("continues by itself when the connection breaks", async () => {
    answer = (request, response) =>
      (ranges.length === 1 ? breakOff(contents, 90_000) : serve(contents))(request, response);
    await downloadDataset(dataset, { to: folder, baseUrl });
    expect(contents.equals(await readFile(path))).toBe(true);
    expect(ranges).toHaveLength(2);
  });

  it("gives up a connection that keeps breaking, keeps what came, and says so", async () => {
    answer = breakOff(contents, 1000);
    await expect(downloadDataset(dataset, { to: folder, baseUrl })).rejects.toThrow(
      /files\/file\.bin: the connection broke 3 times \(.*\); run again to continue at byte \d+/,
    );
    expect(existsSync(path)).toBe(false);
  });

  it("refuses a wrong checksum, and keeps nothing", async () => {
    answer = serve(Buffer.from("something else"));
    await expect(downloadDataset(dataset, { to: folder, baseUrl })).rejects.toThrow(
      new RegExp(`file\\.bin: has SHA-256 ${sha256(Buffer.from("something else"))} instead of ${sha256(contents)}`),
    );
    expect((await readdir(folder)).filter((name) => name.startsWith("file.bin"))).toEqual([]);
  });

  it("begins anew when the kept part was of another file", async () => {
    await writeFile(`${path}.part`, Buffer.alloc(150_000, 7));
    answer = serve(contents);
    await downloadDataset(dataset, { to: folder, baseUrl });
    expect(ranges).toEqual(["bytes=150000-", undefined]);
    await writeFile(`${path}.part`, Buffer.alloc(300_000, 7));
    await rm(path);
    ranges = [];
    await downloadDataset(dataset, { to: folder, baseUrl });
    expect(ranges).toEqual(["bytes=300000-", undefined]);
  });

  it("replaces the part where a server knows no ranges", async () => {
    await writeFile(`${path}.part`, contents.subarray(0, 10));
    answer = (_request, response) => response.writeHead(200).end(contents);
    await downloadDataset(dataset, { to: folder, baseUrl });
    expect(contents.equals(await readFile(path))).toBe(true);
  });

  it("names an address without the file, at once", async () => {
    answer = (_request, response) => response.writeHead(404).end("no such thing");
    await expect(downloadDataset(dataset, { to: folder, baseUrl })).rejects.toThrow(
      /files\/file\.bin: answers 404 Not Found; check the address, or give a baseUrl/,
    );
    expect(ranges).toHaveLength(1);
  });

  it("stops on request", async () => {
    answer = breakOff(contents, 10);
    const signal = AbortSignal.abort();
    await expect(downloadDataset(dataset, { to: folder, baseUrl, signal })).rejects.toThrow("aborted");
  });

  it("unpacks an archive into the folder that the reader expects", async () => {
    const archive = gzipSync(await readFile(new URL("../../fixtures/ustar.tar", import.meta.url)));
    const packed: RemoteDataset = {
      ...dataset,
      files: [{ name: "packed.tar.gz", sha256: sha256(archive) }],
      unpacksTo: "a".repeat(80),
    };
    answer = serve(archive);
    await downloadDataset(packed, { to: join(folder, "unpacked"), baseUrl });
    expect((await readdir(join(folder, "unpacked"))).sort()).toEqual(["a".repeat(80)]);
    expect(await downloadDataset(packed, { to: join(folder, "unpacked"), baseUrl })).toMatchObject({
      receivedBytes: 0,
    });
    expect(await readFile(join(folder, "unpacked", "a".repeat(80), `${"b".repeat(80)}.cls`), "utf8")).toBe("2");
    await expect(
      downloadDataset({ ...packed, unpacksTo: "elsewhere" }, { to: join(folder, "unpacked"), baseUrl }),
    ).rejects.toThrow(/packed\.tar\.gz: has no folder "elsewhere"/);
  });

  it("knows its data sets, by checksums and places that the readers look in", async () => {
    for (const { baseUrl: url, files } of Object.values(remoteDatasets)) {
      expect(url).toMatch(/^https:.*\/$/);
      for (const file of files) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    await expect(download("imagenet" as "mnist", { to: folder })).rejects.toThrow(
      'no data set "imagenet"; known are cifar10, cifar100, mnist',
    );
    const expected = join(remoteDatasets.cifar10.unpacksTo, "test_batch.bin");
    await expect(openSource(cifar10({ folder, split: "test" }))).rejects.toThrow(expected);
  });
});
