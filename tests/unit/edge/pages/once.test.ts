/** Money asked for under one `mid`: an answer that comes late takes nothing of what was asked for since. */
import { forget, recall } from "@holdfast/pages";
import { afterEach, expect, test } from "vitest";
import type { Desk } from "../../../../edge/pages/staff/desk";
import { Once } from "../../../../edge/pages/staff/table/once";

const NAME = "paying-of-a-test";
type Answer = (paid: object) => Promise<void>;

/** A desk whose requests wait until the test answers them. */
function desk(out: Answer[]): Desk {
  const insist = (): Promise<unknown> => new Promise((resolve) => out.push(async (paid) => {
    resolve(paid);
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  }));
  return { insist } as unknown as Desk;
}
const paying = (out: Answer[]): Once<{ minor: number }, object> => new Once(NAME, desk(out), (asked) => ["/api/v1/payments", asked]);

afterEach(() => forget(NAME));

test("what was asked for is kept until its own answer", async () => {
  const out: Answer[] = [];
  const one = paying(out);
  one.pay({ minor: 500 });
  expect(recall<{ asked: object }>(NAME)?.asked).toEqual({ minor: 500 });
  await out[0]!({});
  expect([recall(NAME), one.stage.value]).toEqual([null, "resting"]);
});

test("a page left and opened again pays anew; the first one's late answer does not make it forget", async () => {
  const out: Answer[] = [];
  paying(out).pay({ minor: 500 });
  const again = paying(out);
  await out[1]!({});
  again.pay({ minor: 700 });
  await out[0]!({});
  expect([recall<{ asked: object }>(NAME)?.asked, again.stage.value]).toEqual([{ minor: 700 }, "asking"]);
});
