/** What the guest tapped and the box has not answered: sent once, replayed word for word, never doubled, never lost. */
import { describe, expect, test } from "vitest";
import { fromSnapshot, NO_CART, type Cart } from "../../../../edge/pages/guest/cart";
import {
  answered, refused, resend, sendable, toChange, toCreate, toRemove, unsent, type Change, type Intents,
} from "../../../../edge/pages/guest/intents";
import { item, snapshot, update } from "./samples";

const SOUP = { menu_item: 17, qty: 1, note: "", modifiers: [], takeaway: false, choices: [] };
const here = (qty: number): Change => ({ qty, takeaway: false });
const CART: Cart = fromSnapshot(snapshot({ cart_version: 3, items: [item({ version: 2, qty: 2 })] }));
const sent = (intents: Intents, cart = CART): Intents => sendable(intents, cart).intents;

describe("sending", () => {
  test("a new line goes out under its own name and mid", () => {
    const { messages } = sendable(toCreate([], SOUP, "mid-1"), NO_CART);
    expect(messages).toEqual([
      { type: "cart_mutate", op: "create", tmpId: "cmid-1", menu_item: 17, qty: 1, note: "", modifiers: [], takeaway: false, choices: [], mid: "mid-1" },
    ]);
  });

  test("a change names the version that the box has", () => {
    const { messages } = sendable(toChange([], "#100", here(5), "mid-1"), CART);
    expect(messages).toEqual([{ type: "cart_mutate", op: "update", id: 100, version: 2, qty: 5, takeaway: false, mid: "mid-1" }]);
  });

  test("what was sent is not sent again on the same connection", () => {
    expect(sendable(sent(toChange([], "#100", here(5), "mid-1")), CART).messages).toEqual([]);
  });

  test("taps made while one is under way wait and are folded into one", () => {
    let intents = sent(toChange([], "#100", here(3), "mid-1"));
    intents = toChange(toChange(intents, "#100", here(4), "mid-2"), "#100", here(5), "mid-3");
    expect(sendable(intents, CART).messages).toEqual([]);
    const after = answered(intents, update("update", 4, item({ qty: 3, version: 3 }), "mid-1"));
    const cart = fromSnapshot(snapshot({ cart_version: 4, items: [item({ qty: 3, version: 3 })] }));
    expect(sendable(after, cart).messages).toEqual([
      { type: "cart_mutate", op: "update", id: 100, version: 3, qty: 5, takeaway: false, mid: "mid-2" },
    ]);
  });

  test("changes of a line that the box has not numbered wait for its number", () => {
    const intents = toChange(sent(toCreate([], SOUP, "mid-1"), NO_CART), "cmid-1", here(3), "mid-2");
    expect(sendable(intents, NO_CART).messages).toEqual([]);
    const numbered = item({ id: 200 });
    const after = answered(intents, update("create", 1, numbered, "mid-1"));
    const cart = fromSnapshot(snapshot({ cart_version: 1, items: [numbered] }));
    expect(sendable(after, cart).messages).toEqual([
      { type: "cart_mutate", op: "update", id: 200, version: 1, qty: 3, takeaway: false, mid: "mid-2" },
    ]);
  });

  test("a change of a line that the box has taken out is dropped", () => {
    expect(sendable(toChange([], "#999", here(3), "mid-1"), CART)).toEqual({ intents: [], messages: [] });
  });
});

describe("agreeing to a dish that has changed", () => {
  test("says so once, and only then", () => {
    const { messages } = sendable(toChange([], "#100", { ...here(2), confirm: true }, "mid-1"), CART);
    expect(messages).toMatchObject([{ op: "update", id: 100, version: 2, confirm: true }]);
    expect(sendable(toChange([], "#100", here(2), "mid-1"), CART).messages[0]).not.toHaveProperty("confirm");
  });
});

describe("taking a line out", () => {
  test("that was never sent leaves nothing to send", () => {
    expect(toRemove(toCreate([], SOUP, "mid-1"), "cmid-1", "mid-2")).toEqual([]);
  });

  test("makes waiting changes of it pointless", () => {
    const intents = toRemove(toChange(sent(toChange([], "#100", here(3), "mid-1")), "#100", here(4), "mid-2"), "#100", "mid-3");
    expect(intents.map((intent) => intent.mid)).toEqual(["mid-1", "mid-3"]);
  });
});

describe("replay", () => {
  test("after a reconnect everything goes out again under the same mid and against the same version", () => {
    const before = sendable(toCreate(toChange([], "#100", here(5), "mid-1"), SOUP, "mid-2"), CART);
    const newer = fromSnapshot(snapshot({ cart_version: 9, items: [item({ version: 8 })] }));
    expect(sendable(unsent(before.intents), newer).messages).toEqual(before.messages);
  });

  test("an intent survives being written to storage and read back", () => {
    const before = sendable(toCreate([], SOUP, "mid-1"), CART);
    const stored = JSON.parse(JSON.stringify(before.intents)) as Intents;
    expect(sendable(unsent(stored), CART).messages).toEqual(before.messages);
  });

  test("a change made after a reload does not alter what was already sent", () => {
    const intents = toChange(unsent(sent(toCreate([], SOUP, "mid-1"), NO_CART)), "cmid-1", here(4), "mid-2");
    expect(sendable(intents, NO_CART).messages).toMatchObject([{ mid: "mid-1", qty: 1 }]);
  });

  test("one that was held back for the pass word goes out alone", () => {
    const intents = sent(toCreate(toCreate([], SOUP, "mid-1"), SOUP, "mid-2"), NO_CART);
    expect(sendable(resend(intents, "mid-2"), NO_CART).messages).toMatchObject([{ mid: "mid-2" }]);
  });
});

describe("an answer", () => {
  test("is recognised by its mid alone: another member's tmpId or change is not ours", () => {
    const intents = sent(toCreate([], SOUP, "mid-1"), NO_CART);
    const theirs = { ...update("create", 1, item({ member: "m-other" }), "mid-9"), tmpId: "cmid-1" };
    expect(answered(intents, theirs)).toEqual(intents);
    expect(answered(intents, update("create", 1, item(), "mid-1"))).toEqual([]);
  });

  test("that a line is gone ends everything that was meant for it", () => {
    const intents = toChange(sent(toChange([], "#100", here(5), "mid-1")), "#100", here(6), "mid-2");
    expect(answered(intents, update("delete", 4, item({ version: 3 }), "mid-9"))).toEqual([]);
  });

  test("of no takes back what was built on it, and nothing else", () => {
    const intents = toCreate(toChange(sent(toChange([], "#100", here(5), "mid-1")), "#100", here(6), "mid-2"), SOUP, "mid-3");
    expect(refused(intents, "mid-1").map((intent) => intent.mid)).toEqual(["mid-3"]);
    expect(refused(intents, "mid-unknown")).toEqual(intents);
  });
});
