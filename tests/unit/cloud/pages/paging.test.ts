/** Pages of a list: earlier ones that failed are one thing to try again, the newest ones anew another. */
import { expect, test } from "vitest";
import type { Fleet } from "../../../../cloud/pages/owner/fleet";
import { Pages, type Page } from "../../../../cloud/pages/owner/paging";

interface Numbers extends Page {
  numbers: number[];
}
interface Out {
  path: string;
  answer: (next: number | null, ...numbers: number[]) => Promise<void>;
  lose: () => Promise<void>;
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
};

/** A list whose requests wait until the test answers them; its first page is 5, 4. */
async function begun(): Promise<{ list: Pages<Numbers, number>; out: Out[] }> {
  const out: Out[] = [];
  const ask = (_method: string, path: string): Promise<unknown> => new Promise((resolve, reject) => {
    const answer: Out["answer"] = (next, ...numbers) => (resolve({ next, numbers }), settled());
    out.push({ path, answer, lose: () => (reject(new Error("gone")), settled()) });
  });
  const list = new Pages<Numbers, number>({ ask } as unknown as Fleet, "/list", (page) => page.numbers);
  list.again();
  await out[0]!.answer(4, 5, 4);
  return { list, out };
}

test("after earlier ones failed, again is the newest anew, and what was wrong is over", async () => {
  const { list, out } = await begun();
  void list.more();
  await out[1]!.lose();
  expect(list.problem.value).toContain("The cloud does not answer");
  list.again();
  await out[2]!.answer(5, 6, 5);
  expect([out[2]!.path, list.rows.value, list.problem.value]).toEqual(["/list", [6, 5], null]);
});

test("trying earlier ones again asks for those", async () => {
  const { list, out } = await begun();
  void list.more();
  await out[1]!.lose();
  list.retry();
  await out[2]!.answer(null, 3);
  expect([out[2]!.path, list.rows.value, list.next.value, list.problem.value]).toEqual(["/list?before=4", [5, 4, 3], null, null]);
});

test("trying a first page again that failed asks for the first page", async () => {
  const { list, out } = await begun();
  list.again();
  await out[1]!.lose();
  expect([list.rows.value, list.problem.value === null]).toEqual([[5, 4], false]);
  list.retry();
  await out[2]!.answer(null, 6);
  expect([out[2]!.path, list.rows.value, list.problem.value]).toEqual(["/list", [6], null]);
});

test("earlier ones of a list that began anew meanwhile do not count, nor does their failure", async () => {
  for (const end of ["answer", "lose"] as const) {
    const { list, out } = await begun();
    void list.more();
    list.again();
    await out[2]!.answer(5, 6, 5);
    await (end === "answer" ? out[1]!.answer(null, 3) : out[1]!.lose());
    expect([list.rows.value, list.problem.value, list.busy.value]).toEqual([[6, 5], null, false]);
  }
});
