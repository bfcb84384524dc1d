import type { NetworkInterfaceInfo } from "node:os";
import { expect, it } from "vitest";
import { linkOf } from "./link.ts";

const address = (family: "IPv4" | "IPv6", address: string, internal = false) =>
  ({ family, address, internal }) as NetworkInterfaceInfo;
const loopback = { lo: [address("IPv4", "127.0.0.1", true), address("IPv6", "::1", true)] };
const wired = { eth0: [address("IPv6", "fe80::1"), address("IPv6", "2001:db8::7"), address("IPv4", "192.0.2.7")] };
const link = (host: string, interfaces: object, token?: string) =>
  linkOf({ host, port: 80, token }, interfaces as Record<string, NetworkInterfaceInfo[]>);

it("names an address that can be opened where the server listens on all of them", () => {
  expect(link("0.0.0.0", { ...loopback, ...wired })).toBe("http://192.0.2.7:80/");
  expect(link("::", { ...loopback, ...wired })).toBe("http://192.0.2.7:80/");
  expect(link("::", { ...loopback, eth0: wired.eth0.slice(0, 2) })).toBe("http://[2001:db8::7]:80/");
  expect(link("0.0.0.0", loopback)).toBe("http://localhost:80/");
});

it("keeps any other address, and writes the token so that it arrives as it was", () => {
  expect(link("127.0.0.1", wired)).toBe("http://127.0.0.1:80/");
  expect(link("::1", wired)).toBe("http://[::1]:80/");
  const { searchParams } = new URL(link("192.0.2.7", wired, "a+b & c=#/é"));
  expect(searchParams.get("token")).toBe("a+b & c=#/é");
});
