import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

/** A request that cannot be answered: its status and a sentence for the page. */
export class RequestError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * What the page may do: run its own script, use its own style and font, ask its own server, show pictures of this server or that it
 * made itself (exports). Nothing inline, nothing from elsewhere, in no frame.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** For everything else: a picture that is opened by itself, an SVG with a script in it, runs nothing and loads nothing. */
export const filePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'";

const headers = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Sends a whole answer. */
export function send(
  response: ServerResponse,
  type: string,
  body: string | Buffer,
  { status = 200, policy = filePolicy, cache = "no-store", more = {} as Record<string, string> } = {},
): void {
  response.writeHead(status, {
    ...headers,
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "content-security-policy": policy,
    "cache-control": cache,
    ...more,
  });
  response.end(body);
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  send(response, "application/json", JSON.stringify(value), { status });
}

/** Sends text in pieces, no faster than it is taken. */
export async function sendPieces(
  response: ServerResponse,
  type: string,
  fileName: string,
  pieces: AsyncIterable<string>,
): Promise<void> {
  response.writeHead(200, {
    ...headers,
    "content-type": type,
    "content-security-policy": filePolicy,
    "cache-control": "no-store",
    "content-disposition": `attachment; filename="${fileName.replace(/[^\w.-]+/g, "-")}"`,
  });
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}

/** Opens a stream of server-sent events. @returns what sends one */
export function openEvents(response: ServerResponse): (name: string, value: unknown) => void {
  response.writeHead(200, { ...headers, "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("retry: 1000\n\n");
  return (name, value) => {
    // A page that takes nothing any more must not fill this process.
    if (response.writableLength > 8 << 20) response.destroy();
    else response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
  };
}

const largestBody = 2 << 20;

/** The JSON that a request carries. @throws RequestError when it carries none, or too much */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    throw new RequestError(415, "the request must carry application/json");
  }
  const tooMuch = new RequestError(413, `the request carries more than ${largestBody} bytes`);
  // Said beforehand, it can be refused without breaking the connection.
  if (Number(request.headers["content-length"]) > largestBody) throw tooMuch;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > largestBody) throw tooMuch;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new RequestError(400, "the request carries no JSON");
  }
}
