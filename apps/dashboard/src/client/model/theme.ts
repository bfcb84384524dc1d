import { effect, signal } from "@preact/signals";

/** Light, dark, or as the system has it. */
export type Theme = "auto" | "light" | "dark";

const key = "vitscale-theme";

/** The theme that the person chose; it belongs to the person, so it is kept by the browser and not by links. */
export const theme = signal<Theme>("auto");

/** Applies the theme from now on. */
export function followTheme(): void {
  const kept = localStorage.getItem(key);
  if (kept === "light" || kept === "dark") theme.value = kept;
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    if (theme.value === "auto") localStorage.removeItem(key);
    else localStorage.setItem(key, theme.value);
  });
}

/** The theme after this one. */
export function nextTheme(): void {
  theme.value = ({ auto: "light", light: "dark", dark: "auto" } as const)[theme.value];
}
