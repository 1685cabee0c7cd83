/** Whatever is slow on the way to a guest's phone, its strip shows what the box has said last. */
import type { PlayTime } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Playing } from "../../../../edge/pages/guest/playtime";
import { Table } from "../../../../edge/pages/guest/table";
import { JOINED, snapshot } from "./samples";

const session = (station: string, changes: Partial<PlayTime> = {}): PlayTime => ({
  play_session_id: `p-${station}`, station, kind: "console", status: "ACTIVE", remaining_seconds: 3600, played_seconds: 0, postpaid: false,
  due_minor: 0, currency: "EUR", called: false, ...changes,
});

interface Asked {
  method: string;
  answer: (...sessions: PlayTime[]) => Promise<void>;
  lose: () => Promise<void>;
}

let asked: Asked[];

/** The address is asked when it is; the answer comes when the test says so. */
beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => new Promise<Response>((resolve, reject) => {
    const settled = (): Promise<void> => new Promise((done) => setTimeout(done));
    asked.push({
      method: init.method ?? "",
      answer: (...sessions) => (resolve(new Response(JSON.stringify({ sessions }))), settled()),
      lose: () => (reject(new TypeError("network")), settled()),
    });
  }));
});
afterEach(() => void vi.unstubAllGlobals());

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
  await asked[0]!.answer(ONE);
  expect(stations()).toEqual(["PS5-1", "PS5-2", "PS5-3"]);
  await asked[1]!.answer(ONE, TWO, THREE);
  expect(stations()).toEqual(["PS5-1", "PS5-2", "PS5-3"]);
  expect(asked).toHaveLength(2);
});

test("an answer that nobody answers leaves what the box told, and the next snapshot asks again", async () => {
  const { table, stations } = seated();
  table.adopt(snapshot());
  table.onPlay({ type: "play_time", happened: "started", station: "PS5-2", seconds: 0, sessions: [ONE, TWO] });
  await asked[0]!.lose();
  expect(stations()).toEqual(["PS5-1", "PS5-2"]);
  expect(asked).toHaveLength(1);
  table.adopt(snapshot());
  await asked[1]!.answer(TWO);
  expect(stations()).toEqual(["PS5-2"]);
});

test("the answer to a call for the staff does not undo what happened since it was sent", async () => {
  const { table, playing, stations } = seated();
  table.adopt(snapshot());
  await asked[0]!.answer(ONE);
  const called = playing.call(ONE);
  table.onPlay({ type: "play_time", happened: "started", station: "PS5-2", seconds: 0, sessions: [ONE, TWO] });
  await asked[1]!.answer({ ...ONE, called: true });
  await called;
  expect(asked.map((each) => each.method)).toEqual(["GET", "POST", "GET"]);
  expect(stations()).toEqual(["PS5-1", "PS5-2"]);
  await asked[2]!.answer({ ...ONE, called: true }, TWO);
  expect(playing.sessions.value.map((each) => each.called)).toEqual([true, false]);
});

test("an answer that comes when the table was closed is nobody's", async () => {
  const { table, stations } = seated();
  table.adopt(snapshot());
  table.standUp();
  await asked[0]!.answer(ONE);
  expect(stations()).toEqual([]);
});
