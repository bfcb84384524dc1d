import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * The link that a person opens, with the token where the server wants one. A server that listens on every address of its machine
 * (0.0.0.0, ::) has no address of that name: the link then has the machine's first address that others can reach.
 */
export function linkOf(
  { host, port, token }: { readonly host: string; readonly port: number; readonly token: string | undefined },
  interfaces = networkInterfaces(),
): string {
  const isEvery = host === "0.0.0.0" || host === "::";
  const name = isEvery ? (outerAddress(interfaces) ?? "localhost") : host;
  const query = token === undefined ? "" : `?token=${encodeURIComponent(token)}`;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}/${query}`;
}

/** IPv4 before IPv6; an address that holds on one link only (fe80::) is none that can be opened. */
function outerAddress(interfaces: ReturnType<typeof networkInterfaces>): string | undefined {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  const outer = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return (outer.find(({ family }) => family === "IPv4") ?? outer[0])?.address;
}
