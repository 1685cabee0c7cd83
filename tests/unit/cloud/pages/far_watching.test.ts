/** A guest far away is told by the cloud's socket and by answers: a late answer never takes back what the socket told. */
import type { FarNews, FarOutcome, FarTable } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FarGuest } from "../../../../cloud/pages/table/guest";
import { Watching } from "../../../../cloud/pages/table/watching";
import { Wire, type Request } from "../../protocol/pages/wire";

let wire: Wire;
beforeEach(() => void (wire = new Wire("http://cloud/v/harbour/t/T1")));
afterEach(() => wire.cut());

const of = (part: string): Request[] => wire.of(part);
const tell = (news: FarNews): void => wire.tell(news);
const PLACE: FarTable = { venue_name: "The Harbour", table_name: "T1", reached: true, silent_s: 1, location_policy: "off" };
const MENU = { menu_version: 1, currency: "EUR", venue_name: "The Harbour", categories: [], items: [], modifier_groups: [], takeaway: true, shop: false };
const OUTCOME: FarOutcome = { status: "WAITING", code: "", message: "", result: {}, order: null };

test("that the venue has gone away is not taken back by what was asked before", async () => {
  const guest = new FarGuest("harbour", "T1");
  void new Watching(guest).start();
  await of("/tables/")[0]!.answer(PLACE);
  await of("/menu")[0]!.answer(MENU);
  wire.connect();
  await of("/tables/")[1]!.answer(PLACE);
  tell({ type: "reach", reached: false, silent_s: 40 });
  await of("/menu")[1]!.answer(MENU);
  expect(guest.place.value).toMatchObject({ reached: false, silent_s: 40 });
  await of("/tables/")[2]!.answer({ ...PLACE, reached: false, silent_s: 41 });
  await of("/menu")[2]!.answer(MENU);
  expect([guest.place.value?.silent_s, of("/tables/").length]).toEqual([41, 3]);
});

test("what became of an order is not asked into the past once the socket is back", async () => {
  const guest = new FarGuest("harbour", "T1");
  guest.seat.value = { command_id: "c-1", session_pid: null } as never;
  const heard = vi.spyOn(guest, "heard");
  void new Watching(guest).start();
  await of("/tables/")[0]!.answer(PLACE);
  await of("/menu")[0]!.answer(MENU);
  await wire.pass(2_000);
  wire.connect();
  tell({ type: "outcome", command_id: "c-1", outcome: { ...OUTCOME, status: "TAKEN" } });
  await of("/outcomes/")[0]!.answer(OUTCOME);
  expect(heard.mock.calls.map(([, told]) => told.status)).toEqual(["TAKEN"]);
});
