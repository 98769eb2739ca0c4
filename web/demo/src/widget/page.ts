/** What the parts of the widget's page share. */
import { WidgetError } from "/widget-futures/index.js";

export const CALL_MEMBER = "org.matrix.msc3401.call.member";

export const params = new URLSearchParams(location.search);
export const ownKey = `_${params.get("userId")}_${params.get("deviceId")}`;

export function element<T extends HTMLElement = HTMLInputElement>(id: string): T {
  return document.getElementById(id) as T;
}

export function show(id: string, text: string): void {
  const shown = element(id);
  if (shown.textContent !== text) shown.textContent = text; // what is read out to people is not told twice
}

export function enable(...states: [id: string, enabled: boolean][]): void {
  for (const [id, enabled] of states) element<HTMLButtonElement>(id).disabled = !enabled;
}

/** Does what a button asks for; what goes wrong is shown as a sentence. */
export async function attempt(work: () => unknown): Promise<void> {
  try {
    show("error", "");
    await work();
  } catch (error) {
    showError(error);
  }
}

export function showError(error: unknown): void {
  show("error", sentence(error));
}

export function sentence(error: unknown): string {
  const code = error instanceof WidgetError ? ` (${error.code})` : "";
  return `${error instanceof Error ? error.message : String(error)}${code}`;
}

export function secondsUntil(at: number): number {
  return Math.ceil((at - Date.now()) / 1000);
}
