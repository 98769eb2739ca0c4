/**
 * The releases of matrix-widget-api whose `ClientWidgetApi` can be the host, oldest first. Each is a chunk of its own that
 * the page fetches when that release is chosen, and not before.
 */
import type { WidgetApiLibrary } from "./mwa.js";

const LOADERS = {
  "1.6.0": () => import("matrix-widget-api-1.6.0"),
  "1.8.2": () => import("matrix-widget-api-1.8.2"),
  "1.9.0": () => import("matrix-widget-api-1.9.0"),
  "1.10.0": () => import("matrix-widget-api-1.10.0"),
  "1.13.1": () => import("matrix-widget-api-1.13.1"),
  "1.14.0": () => import("matrix-widget-api-1.14.0"),
  "1.15.0": () => import("matrix-widget-api-1.15.0"),
  "1.16.1": () => import("matrix-widget-api-1.16.1"),
  "1.17.0": () => import("matrix-widget-api-1.17.0"),
  "1.18.0": () => import("matrix-widget-api-1.18.0"),
  "1.19.0": () => import("matrix-widget-api"),
};

export type Release = keyof typeof LOADERS;

export const RELEASES = Object.keys(LOADERS) as readonly Release[];

/** Fetches one release; every later call gets the same. */
export async function loadRelease(release: Release): Promise<WidgetApiLibrary> {
  const { default: library }: { default: unknown } = await LOADERS[release](); // they are CommonJS
  return library as WidgetApiLibrary; // what differs between them, mwa.ts knows
}
