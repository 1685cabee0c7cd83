/** What a page keeps over a reload, and what is done when a browser shows it once more. */
import { forget, forgetOwn, keep, recall, whenShownAgain } from "@holdfast/pages";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const stored = new Map<string, string>();
const localStorage = {
  getItem: (name: string) => stored.get(name) ?? null,
  setItem: (name: string, text: string) => void stored.set(name, text),
  removeItem: (name: string) => void stored.delete(name),
};
const own = ({ mid }: { mid: string }): boolean => mid === "one";

beforeEach(() => void vi.stubGlobal("window", { localStorage }));
afterEach(() => {
  forget("paying");
  stored.clear();
  vi.unstubAllGlobals();
});

test("what is one's own is forgotten here and on the tablet", () => {
  keep("paying", { mid: "one" });
  forgetOwn("paying", own);
  expect([recall("paying"), stored.size]).toEqual([null, 0]);
});

test("what was kept since stays", () => {
  keep("paying", { mid: "two" });
  forgetOwn("paying", own);
  expect(recall("paying")).toEqual({ mid: "two" });
});

test("what another page of the browser keeps meanwhile stays on the tablet", () => {
  keep("paying", { mid: "one" });
  stored.set("holdfast.paying", JSON.stringify({ mid: "theirs" }));
  forgetOwn("paying", own);
  expect(stored.get("holdfast.paying")).toBe('{"mid":"theirs"}');
});

test("a page that was loaded is not shown again, one that was kept for the way back is", () => {
  const page = new EventTarget();
  const then = vi.fn();
  const stop = whenShownAgain(then, page);
  const show = (persisted: boolean): boolean => page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
  show(false);
  expect(then).not.toHaveBeenCalled();
  show(true);
  expect(then).toHaveBeenCalledOnce();
  stop();
  show(true);
  expect(then).toHaveBeenCalledOnce();
});
