/** What an owner may decide after an outage, and how the venue is asked. */
import { expect, test } from "vitest";
import { choicesOf, ticks } from "../../../../cloud/pages/owner/afar/decisions";

const asked = (key: string) => choicesOf({ key }, "€14.00").map(({ words, path, body }) => [words, path, body("id-1")]);
const command = (ask: object) => ({ ask, ttl_s: 86_400, command_id: "id-1" });

test.each([
  ["refund:r:1", [
    ["Grant", "commands", command({ kind: "decide_refund", request_id: "r:1", granted: true })],
    ["Decline", "commands", command({ kind: "decide_refund", request_id: "r:1", granted: false })],
  ]],
  ["task:r-1", [["Do not give it back", "commands", command({ kind: "decide_refund", request_id: "r-1", granted: false })]]],
  ["deposit:p-1", [["Give it back", "commands", command({ kind: "return_payment", payment_pid: "p-1", reason: "The booking could no longer be kept" })]]],
  ["stored:p-1", [
    ["It was sent", "commands", command({ kind: "settle_stored_card", payment_pid: "p-1", sent: true })],
    ["It was declined", "commands", command({ kind: "settle_stored_card", payment_pid: "p-1", sent: false })],
  ]],
  ["credit:e-1", [
    ["Collect from the wallet", "reconciliation/collect", { entry: "e-1", mid: "id-1" }],
    ["Write off €14.00", "commands", command({ kind: "write_off_credit", entry: "e-1", note: "" })],
  ]],
])("of %s the venue is asked", (key, choices) => {
  expect(asked(key)).toEqual(choices);
});

test("what cannot be taken back is asked about first, and nothing else is", () => {
  const sure = ["refund:1", "task:1", "stored:1", "credit:1"].flatMap((key) => choicesOf({ key }, "€1.00")).filter((choice) => choice.sure);
  expect(sure.map(({ words, sure: first }) => [first, words])).toEqual([["Write off…", "Write off €1.00"]]);
});

test("the rest is ticked off, but for what waits for the venue's own staff", () => {
  expect([ticks({ key: "payment:1", kind: "pending" }), ticks({ key: "orphan:1", kind: "orphan" })]).toEqual([true, true]);
  expect([ticks({ key: "command:1", kind: "approval" }), ticks({ key: "refund:1", kind: "refund" })]).toEqual([false, false]);
  expect(choicesOf({ key: "constructor:1" }, "").length + choicesOf({ key: "" }, "").length).toBe(0);
});
