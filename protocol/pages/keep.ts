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

const stored = (name: string): string | null | undefined => place()?.getItem(PREFIX + name);

function parsed<T>(text: string | null | undefined): T | null {
  if (!text) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

export const recall = <T>(name: string): T | null => parsed<T>(memory.get(name) ?? stored(name));

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

/** The same, unless something that is not `mine` was kept under that name since, here or by another page of this browser. */
export function forgetOwn<T>(name: string, mine: (kept: T) => boolean): void {
  const owns = (text: string | null | undefined): boolean => {
    const kept = parsed<T>(text);
    return kept !== null && mine(kept);
  };
  if (owns(memory.get(name))) memory.delete(name);
  if (owns(stored(name))) place()?.removeItem(PREFIX + name);
}
