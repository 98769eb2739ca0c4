/** What the parts of the widget's page share. */
import { setText } from "../shared/dom.js";

export { make } from "../shared/dom.js";

export const params = new URLSearchParams(location.search);
export const ownKey = `_${params.get("userId")}_${params.get("deviceId")}`;
/** What the host is called, at the beginning of a sentence. */
export const HOST = (params.get("host") ?? "This host").replace(/^the /, "The ");

export function element<T extends HTMLElement = HTMLInputElement>(id: string): T {
  return document.getElementById(id) as T;
}

export function show(target: string | HTMLElement, text: string): void {
  setText(typeof target === "string" ? element(target) : target, text);
}

/** Offers some buttons and withdraws others. A person whose button goes finds themselves on one beside it. */
export function enable(...states: [id: string, enabled: boolean][]): void {
  const focused = document.activeElement as HTMLElement | null;
  for (const [id, enabled] of states) element<HTMLButtonElement>(id).disabled = !enabled;
  if (focused instanceof HTMLButtonElement && focused.disabled)
    focused.parentElement?.querySelector<HTMLElement>("button:enabled")?.focus();
}

export function secondsUntil(at: number): number {
  return Math.ceil((at - Date.now()) / 1000);
}

/** The share of a time that is left, as the width of a bar. */
export function setBar(bar: HTMLElement, expiresAt: number | undefined, timeoutMs: number | undefined): void {
  const left = expiresAt === undefined || !timeoutMs ? 0 : (expiresAt - Date.now()) / timeoutMs;
  bar.style.transform = `scaleX(${Math.min(1, Math.max(0, left)).toFixed(3)})`;
}
