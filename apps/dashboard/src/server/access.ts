import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/** Who may ask. */
export interface Access {
  /** What a browser on another machine must show once, as `?token=`; undefined on loopback. */
  readonly token: string | undefined;
  /** Why a request is refused, or nothing where it may pass. */
  refusal(request: IncomingMessage, url: URL): Refusal | undefined;
  /** The cookie that a browser which showed the token gets, so that the token leaves the address. */
  cookie(): string;
}

/** A refused request: its status and a sentence. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly why: string;
}

const cookieName = "vitscale-dashboard";

/** Whether an address is of this machine only. */
export const isLoopback = (host: string) => host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);

/**
 * The rule of access for a server that listens on an address. On loopback nobody else can connect, but a page of another site can make
 * this browser ask: requests whose Host is a foreign name are refused (a name that was rebound to this address), and so are writes from
 * another origin. On any other address a token is needed too.
 *
 * @throws RangeError for an empty token, which everyone could show
 */
export function access(host: string, token?: string): Access {
  if (token === "")
    throw new RangeError("the token is empty, which would let everyone in; leave it out and one is made");
  const secret = isLoopback(host) ? token : (token ?? randomBytes(24).toString("base64url"));
  return {
    token: secret,
    cookie: () => `${cookieName}=${digest(secret ?? "").toString("hex")}; HttpOnly; SameSite=Strict; Path=/`,
    refusal(request, url) {
      const name = hostName(request.headers.host);
      if (name === undefined || !(isLoopback(name) || isIP(name) > 0 || name === host)) {
        return { status: 403, why: "the Host of the request is not this server's; open it by its address" };
      }
      if (request.method !== "GET" && request.method !== "HEAD" && !isSameOrigin(request)) {
        return { status: 403, why: "only the dashboard's own page may write" };
      }
      if (secret === undefined || showsToken(request, url, secret)) return undefined;
      return { status: 401, why: "this address needs a token; open the link that the server printed when it started" };
    },
  };
}

/** A page's own requests carry its origin, and browsers since 2020 say where a request comes from. */
function isSameOrigin({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  return headers.origin === `http://${headers.host}`;
}

function showsToken(request: IncomingMessage, url: URL, secret: string): boolean {
  const shown = url.searchParams.get("token");
  if (shown !== null) return timingSafeEqual(digest(shown), digest(secret));
  const cookies = (request.headers.cookie ?? "").split(/;\s*/);
  const value = cookies.find((cookie) => cookie.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? "";
  return timingSafeEqual(digest(value), digest(digest(secret).toString("hex")));
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** The name or address in a Host header, without port and brackets. */
function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d+)?$/i.exec(header ?? "");
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
