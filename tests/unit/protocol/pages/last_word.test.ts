/** Whatever overtakes what, a page ends up showing the newest word, and stops asking for it. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { signal } from "@preact/signals";
import { LastWord, Refused } from "@holdfast/pages";
import { Page } from "./wire";

interface Out {
  answer: (told: string) => Promise<void>;
  fail: () => Promise<void>;
}

/** Questions that wait to be answered by hand, in whatever order. */
function asking(): { word: LastWord<string>; shown: { value: string }; out: Out[]; failures: unknown[] } {
  const shown = signal("nothing");
  const out: Out[] = [];
  const failures: unknown[] = [];
  const question = (): Promise<string> => new Promise((resolve, reject) => {
    const settled = async (): Promise<void> => {
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    };
    const answer = (told: string): Promise<void> => (resolve(told), settled());
    const fail = (): Promise<void> => (reject(new Error("gone")), settled());
    out.push({ answer, fail });
  });
  const word = new LastWord<string>(question, (told) => (shown.value = told), (error) => failures.push(error));
  return { word, shown, out, failures };
}

/** Something that is done by hand, too. */
function action(): { done: () => Promise<string>; answer: (told: string) => void } {
  let resolve: (told: string) => void = () => undefined;
  const promise = new Promise<string>((settle) => (resolve = settle));
  return { done: () => promise, answer: (told) => resolve(told) };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("an answer is taken, and nothing is asked without a reason", async () => {
  const { word, shown, out } = asking();
  void word.ask();
  await out[0]!.answer("one");
  expect(shown.value).toBe("one");
  expect(out).toHaveLength(1);
});

test("news that came before the answer stays on top of it, and it is asked again", async () => {
  const { word, shown, out } = asking();
  void word.ask();
  word.heard(() => (shown.value = "three"));
  expect(shown.value).toBe("three");
  await out[0]!.answer("one of three");
  expect(shown.value).toBe("three");
  expect(out).toHaveLength(2);
  await out[1]!.answer("three and the rest");
  expect(shown.value).toBe("three and the rest");
  expect(out).toHaveLength(2);
});

test("news of a part is laid over an answer about the whole, so both count", async () => {
  const { word, shown, out } = asking();
  void word.ask();
  word.heard(() => (shown.value = `${shown.value}+sold out`));
  await out[0]!.answer("menu of today");
  expect(shown.value).toBe("menu of today+sold out");
});

test("news after the answer is taken without a question", async () => {
  const { word, shown, out } = asking();
  void word.ask();
  await out[0]!.answer("one");
  word.heard(() => (shown.value = "two"));
  expect([shown.value, out.length]).toEqual(["two", 1]);
});

test("however much news there is, asking again comes to an end", async () => {
  const { word, shown, out } = asking();
  void word.ask();
  for (let turn = 0; turn < out.length; turn += 1) {
    word.heard(() => (shown.value = `news ${turn}`));
    await out[turn]!.answer("old");
    expect(shown.value).toBe(`news ${turn}`);
  }
  expect(out).toHaveLength(4);
});

test("two questions are never out together, so no answer overtakes another", async () => {
  const { word, shown, out } = asking();
  void word.ask();
  void word.ask();
  void word.ask();
  expect(out).toHaveLength(1);
  await out[0]!.answer("before");
  expect(shown.value).toBe("before");
  expect(out).toHaveLength(2);
  await out[1]!.answer("after");
  expect([shown.value, out.length]).toEqual(["after", 2]);
});

test("who asks while a question is out waits for the next one's answer, not for its", async () => {
  const { word, out } = asking();
  const told: string[] = [];
  void word.ask().then(() => told.push("first"));
  void word.ask().then(() => told.push("second"));
  await out[0]!.answer("before");
  expect(told).toEqual(["first"]);
  await out[1]!.answer("after");
  expect(told).toEqual(["first", "second"]);
});

test("asking faster than the service answers still shows its answers", async () => {
  const { word, shown, out } = asking();
  void word.ask();
  for (let turn = 0; turn < 5; turn += 1) {
    void word.ask();
    void word.ask();
    await out[turn]!.answer(`answer ${turn}`);
    expect(shown.value).toBe(`answer ${turn}`);
  }
});

test("an error keeps what is shown, is told, and lets the next question out", async () => {
  const { word, shown, out, failures } = asking();
  void word.ask();
  await out[0]!.answer("one");
  const asked = word.ask();
  word.heard(() => (shown.value = "two"));
  await out[1]!.fail();
  await asked;
  expect([shown.value, failures.length, out.length]).toEqual(["two", 1, 2]);
  void word.ask();
  await out[2]!.answer("three");
  expect(shown.value).toBe("three");
});

describe("what nobody answered, or not just now,", () => {
  let page: Page;
  let asked: number;
  /** What each question comes to; those after the last come to the same. */
  let fates: (() => unknown)[];
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    page = new Page();
    asked = 0;
  });
  afterEach(() => void vi.restoreAllMocks());

  const gone = (error: unknown = new Error("gone")) => (): never => {
    throw error;
  };
  const there = (): string => "there";
  const question = async (): Promise<unknown> => fates[Math.min(asked++, fates.length - 1)]!();
  const retried = (failed?: (error: unknown) => void): LastWord<unknown> => new LastWord(question, () => undefined, failed, 1_000);
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  test("is asked again, and what was refused is not", async () => {
    fates = [gone(), gone(new Refused(503, "storage_failed", "")), gone(new Refused(404, "unknown", ""))];
    await retried().ask();
    await pass(60_000);
    expect(asked).toBe(3);
  });

  test("is asked ever more rarely, and from the start after an answer", async () => {
    fates = [gone(), gone(), gone(), gone(), gone(), gone(), gone(), there, gone()];
    const word = retried();
    await word.ask();
    for (const pause_ms of [1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]) {
      const before = asked;
      await pass(pause_ms - 1);
      expect(asked).toBe(before);
      await pass(1);
      expect(asked).toBe(before + 1);
    }
    await word.ask();
    await pass(1_000);
    expect(asked).toBe(10);
  });

  test("is not asked by all pages in the same instant, nor later than in half a minute", async () => {
    fates = [gone()];
    for (const [chance, first_ms] of [[0, 500], [1, 1_500]] as const) {
      vi.mocked(Math.random).mockReturnValue(chance);
      asked = 0;
      const word = retried();
      await word.ask();
      await pass(first_ms - 1);
      expect(asked).toBe(1);
      await pass(1);
      expect(asked).toBe(2);
      await pass(120_000);
      const before = asked;
      await pass(30_000);
      expect(asked).toBeGreaterThan(before);
      word.close();
    }
  });

  test("is not asked before the time that was said, even by whoever comes back to it", async () => {
    fates = [gone(new Refused(429, "rate_limited", "", 30)), there];
    await retried().ask();
    page.look(false);
    page.look(true);
    await pass(30_000);
    expect(asked).toBe(1);
    await pass(1_000);
    expect(asked).toBe(2);
  });

  test("is asked in the end whatever time was said", async () => {
    fates = [gone(new Refused(503, "portal", "", 1e9)), there];
    await retried().ask();
    await pass(60_000);
    expect(asked).toBe(1);
    await pass(300_000);
    expect(asked).toBe(2);
  });

  test("is not asked while nobody looks, and at once when somebody does", async () => {
    fates = [gone(), there];
    await retried().ask();
    page.look(false);
    await pass(600_000);
    expect(asked).toBe(1);
    page.look(true);
    await pass(0);
    expect(asked).toBe(2);
    page.look(false);
    page.look(true);
    await pass(600_000);
    expect(asked).toBe(2);
  });

  test("is nobody's question once it is about something else", async () => {
    fates = [gone()];
    const word = retried();
    await word.ask();
    word.drop();
    page.look(true);
    await pass(60_000);
    expect(asked).toBe(1);
    await word.ask();
    await pass(1_000);
    expect(asked).toBe(3);
  });

  test("is nobody's question any more once it was closed, whoever asks", async () => {
    fates = [gone()];
    const word = retried();
    await word.ask();
    word.close();
    await word.ask();
    page.look(true);
    await pass(60_000);
    expect(asked).toBe(1);
  });

  test.each(["take", "failed"])("is asked again also where its `%s` raised", async (which) => {
    const said = vi.spyOn(console, "error").mockReturnValue();
    const raise = gone(new Error("a mistake"));
    fates = which === "take" ? [there] : [gone(), there];
    let taken = 0;
    const take = (): void => {
      taken += 1;
      if (which === "take" && taken === 1) raise();
    };
    const word = new LastWord(question, take, which === "failed" ? raise : undefined, 1_000);
    await word.ask();
    await pass(1_000);
    await word.ask();
    expect(asked).toBe(3);
    expect(said).toHaveBeenCalledTimes(which === "failed" ? 1 : 0);
  });
});

test("what an action answers is taken, also on top of a question that was asked before", async () => {
  const { word, shown, out } = asking();
  void word.ask();
  const paying = action();
  const paid = word.after(paying.done, (answer) => (shown.value = answer));
  paying.answer("paid");
  expect(await paid).toBe("paid");
  expect(shown.value).toBe("paid");
  await out[0]!.answer("owed");
  expect(shown.value).toBe("paid");
  await out[1]!.answer("paid and printed");
  expect(shown.value).toBe("paid and printed");
});

test.each(["news", "an answer"])("an action's answer is not believed where %s came after it was sent: it is asked", async (newer) => {
  const { word, shown, out } = asking();
  const calling = action();
  const called = word.after(calling.done, (answer) => (shown.value = answer));
  if (newer === "news") word.heard(() => (shown.value = "newer"));
  else {
    void word.ask();
    await out[0]!.answer("newer");
  }
  calling.answer("older");
  expect(await called).toBe("older");
  expect(shown.value).toBe("newer");
  await out[out.length - 1]!.answer("newest");
  expect(shown.value).toBe("newest");
});

test("an action that fails raises, and changes nothing", async () => {
  const { word, shown, out } = asking();
  await expect(word.after(() => Promise.reject(new Error("no")), () => (shown.value = "done"))).rejects.toThrow("no");
  expect([shown.value, out.length]).toEqual(["nothing", 0]);
});

test("once it is about something else, nothing that is on its way counts, and nobody waits for it", async () => {
  const { word, shown, out, failures } = asking();
  const acting = action();
  const acted = word.after(acting.done, (answer) => (shown.value = answer));
  const waiting = [word.ask(), word.ask()];
  word.drop();
  await Promise.all(waiting);
  void word.ask();
  expect(out).toHaveLength(2);
  await out[1]!.answer("of the new place");
  await out[0]!.answer("of the old place");
  acting.answer("done at the old place");
  await acted;
  expect([shown.value, out.length, failures.length]).toEqual(["of the new place", 2, 0]);
});
