/** `performance.now()`, four times a second while somebody looks: a second is never skipped, and nothing is set by it. */
import { signal, type ReadonlySignal } from "@preact/signals";

const EVERY_MS = 250;
const now_ms = signal(performance.now());

export const ticks: ReadonlySignal<number> = now_ms;

setInterval(() => {
  if (document.visibilityState === "visible") now_ms.value = performance.now();
}, EVERY_MS);
