/** Whatever is slow on the way to a guest's phone, its strip shows what the box has said last. */
import type { PlayTime } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Playing } from "../../../../edge/pages/guest/playtime";
import { Table } from "../../../../edge/pages/guest/table";
import { Wire } from "../../protocol/pages/wire";
import { JOINED, snapshot } from "./samples";

const session = (station: string, changes: Partial<PlayTime> = {}): PlayTime => ({
  play_session_id: `p-${station}`, station, kind: "console", status: "ACTIVE", remaining_seconds: 3600, played_seconds: 0, postpaid: false,
  due_minor: 0, currency: "EUR", called: false, ...changes,
});

let wire: Wire;
beforeEach(() => void (wire = new Wire("http://box/t/T1X")));
afterEach(() => wire.cut());

const told = (...sessions: PlayTime[]): { sessions: PlayTime[] } => ({ sessions });

function seated(): { table: Table; playing: Playing; stations: () => string[] } {
  const table = new Table("T1X");
  table.me.value = JOINED;
  const playing = new Playing(table);
  return { table, playing, stations: () => playing.sessions.value.map((each) => each.station) };
}

const [ONE, TWO, THREE] = [session("PS5-1"), session("PS5-2"), session("PS5-3")];

test("an answer from before the box told of more does not take it away", async () => {
  const { table, stations } = seated();
  table.adopt(snapshot());
  table.onPlay({ type: "play_time", happened: "started", station: "PS5-3", seconds: 0, sessions: [ONE, TWO, THREE] });
  await wire.requests[0]!.answer(told(ONE));
  expect(stations()).toEqual(["PS5-1", "PS5-2", "PS5-3"]);
  await wire.requests[1]!.answer(told(ONE, TWO, THREE));
  expect(stations()).toEqual(["PS5-1", "PS5-2", "PS5-3"]);
  expect(wire.requests).toHaveLength(2);
});

test("an answer that nobody answers leaves what the box told, and the next snapshot asks again", async () => {
  const { table, stations } = seated();
  table.adopt(snapshot());
  table.onPlay({ type: "play_time", happened: "started", station: "PS5-2", seconds: 0, sessions: [ONE, TWO] });
  await wire.requests[0]!.lose();
  expect(stations()).toEqual(["PS5-1", "PS5-2"]);
  expect(wire.requests).toHaveLength(1);
  table.adopt(snapshot());
  await wire.requests[1]!.answer(told(TWO));
  expect(stations()).toEqual(["PS5-2"]);
});

test("the answer to a call for the staff does not undo what happened since it was sent", async () => {
  const { table, playing, stations } = seated();
  table.adopt(snapshot());
  await wire.requests[0]!.answer(told(ONE));
  const called = playing.call(ONE);
  table.onPlay({ type: "play_time", happened: "started", station: "PS5-2", seconds: 0, sessions: [ONE, TWO] });
  await wire.requests[1]!.answer(told({ ...ONE, called: true }));
  await called;
  expect(wire.requests.map((each) => each.method)).toEqual(["GET", "POST", "GET"]);
  expect(stations()).toEqual(["PS5-1", "PS5-2"]);
  await wire.requests[2]!.answer(told({ ...ONE, called: true }, TWO));
  expect(playing.sessions.value.map((each) => each.called)).toEqual([true, false]);
});

test("an answer that comes when the table was closed is nobody's", async () => {
  const { table, stations } = seated();
  table.adopt(snapshot());
  table.standUp();
  await wire.requests[0]!.answer(told(ONE));
  expect(stations()).toEqual([]);
});

test("what nobody answers is asked again, and for a table that was closed it is not", async () => {
  const { table, stations } = seated();
  table.adopt(snapshot());
  await wire.requests[0]!.lose();
  await wire.pass(4_500);
  await wire.requests[1]!.answer(told(ONE));
  expect(stations()).toEqual(["PS5-1"]);
  table.adopt(snapshot());
  await wire.requests[2]!.lose();
  table.standUp();
  await wire.pass(60_000);
  expect(wire.requests).toHaveLength(3);
});
