/** A manager's menu while colleagues, saves and slow answers overtake each other: nothing that was typed is lost. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Fleet } from "../../../../cloud/pages/owner/fleet";
import { Desk } from "../../../../cloud/pages/owner/menu/desk";
import type { BrandMenu, MenuAnswer } from "../../../../cloud/pages/owner/menu/shapes";

interface Out {
  method: string;
  body: { draft_version: number } | undefined;
  answer: (body: unknown) => Promise<void>;
}

let out: Out[];

const ask = (method: string, _path: string, body?: Out["body"]): Promise<unknown> => new Promise((resolve) => {
  out.push({ method, body, answer: async (told) => void (resolve(told), await vi.advanceTimersByTimeAsync(0)) });
});
const fleet = { ask, account: { value: { email: "ana@example.com", csrf: "" } } } as unknown as Fleet;

const named = (name: string): BrandMenu =>
  ({ menu: { menu_version: 1, currency: "EUR", categories: [name], items: [], modifier_groups: [] }, venues: {} }) as unknown as BrandMenu;
const seen = (draft_version: number, name: string): MenuAnswer =>
  ({ draft: named(name), draft_version, saved_by: null, saved_at: null, published: null, published_version: 0, venues: [], versions: [] });

beforeEach(() => {
  vi.useFakeTimers();
  out = [];
});
afterEach(() => void vi.useRealTimers());

async function opened(): Promise<Desk> {
  const desk = new Desk(fleet, `brand-${Math.random()}`, true, true);
  void desk.load();
  await out[0]!.answer(seen(1, "first"));
  return desk;
}

const shown = (desk: Desk): string => desk.draft.value!.menu.categories[0]!;

test("a draft that was asked for before a save and comes after it is not the draft any more", async () => {
  const desk = await opened();
  desk.edit(() => named("second"));
  void desk.load();
  await vi.advanceTimersByTimeAsync(700);
  expect(out.map((each) => each.method)).toEqual(["GET", "GET", "PUT"]);
  await out[2]!.answer({ draft_version: 2 });
  await out[1]!.answer({ ...seen(1, "first"), published_version: 7 });
  expect([shown(desk), desk.seen.value?.draft_version, desk.seen.value?.published_version]).toEqual(["second", 2, 7]);
});

test("what is edited is saved over the draft that it was made from, not over a colleague's that was seen meanwhile", async () => {
  const desk = await opened();
  desk.edit(() => named("ours"));
  void desk.load();
  await out[1]!.answer(seen(2, "a colleague's"));
  expect(shown(desk)).toBe("ours");
  await vi.advanceTimersByTimeAsync(700);
  expect(out[2]).toMatchObject({ method: "PUT", body: { draft_version: 1 } });
});

test("a newer draft is shown where nothing was edited", async () => {
  const desk = await opened();
  void desk.load();
  await out[1]!.answer(seen(2, "a colleague's"));
  expect([shown(desk), desk.seen.value?.draft_version]).toEqual(["a colleague's", 2]);
});
