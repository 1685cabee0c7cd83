/**
 * Things a page remembers across a reload.
 *
 * Storage may be missing, full or forbidden (private windows, embedded browsers). Then the page goes on with what it has
 * in memory: it only forgets at a reload. Values are JSON; one that no longer parses counts as absent.
 */

const memory = new Map<string, string>();
const PREFIX = "holdfast.";

function place(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function recall<T>(name: string): T | null {
  const text = memory.get(name) ?? place()?.getItem(PREFIX + name);
  if (!text) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

export function keep(name: string, value: unknown): void {
  const text = JSON.stringify(value);
  memory.set(name, text);
  try {
    place()?.setItem(PREFIX + name, text);
  } catch {
    // Full or forbidden: memory has it, which is all that can be done.
  }
}

export function forget(name: string): void {
  memory.delete(name);
  place()?.removeItem(PREFIX + name);
}
