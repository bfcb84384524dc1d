import { computed, signal } from "@preact/signals";
import { type Address, readLink, start, writeLink } from "./link.ts";

/** The address that the page shows. */
export const address = signal<Address>(start);

/** One field of the address as a signal of its own, so that only what depends on it is drawn again. */
export const field = <Key extends keyof Address>(key: Key) => computed(() => address.value[key]);

/** Changes the address. A step that a person would want to take back gets an entry in the browser's history. */
export function go(change: Partial<Address>, { remember = "view" in change } = {}): void {
  const next = { ...address.peek(), ...change };
  const link = writeLink(next);
  if (link !== location.pathname + location.search) {
    if (remember) history.pushState(null, "", link);
    else history.replaceState(null, "", link);
  }
  address.value = next;
}

/** Lets the address of the browser and the signal agree from now on. */
export function followAddress(): void {
  const read = () => {
    address.value = readLink(location.pathname, location.search);
  };
  window.addEventListener("popstate", read);
  read();
}
