import { describe, expect, test } from "vitest";
import type { PlaySession, Station } from "@holdfast/protocol";
import { clockface, note, played_s, remaining_s } from "@holdfast/pages";
import { noticeOf } from "../../../../edge/pages/guest/playtime";
import { noteAll } from "../../../../edge/pages/staff/stations/countdown";
import { standingOf, takes, troubleOf, zonesOf } from "../../../../edge/pages/staff/stations/standing";

const session = (changes: Partial<PlaySession> = {}): PlaySession => ({
  id: "s1", station_id: "ps5-1", status: "ACTIVE", remaining_seconds: 3600, played_seconds: 10, scheduled_end_at: null,
  extended_minutes: 0, version: 2, user_id: null, payment_method: "CASH", amount: 4, amount_minor: 400, due_minor: 0,
  currency: "EUR", started_at: null, actual_end_at: null, end_reason: null, payment_id: null, ...changes,
});

const station = (changes: Partial<Station> = {}): Station => ({
  id: "ps5-1", name: "PS5-1", kind: "console", zone: "lounge", status: "ONLINE", session: null, power_w: null, devices: {},
  agent: {}, booked: null, ...changes,
});

describe("the time left", () => {
  test("is what the box said minus what has passed here", () => {
    const told = session();
    note(told, 1_000);
    expect(remaining_s(told, 61_000)).toBe(3540);
    expect(played_s(told, 61_000)).toBe(70);
  });

  test("stands while the session does, and never falls below nothing", () => {
    const paused = session({ status: "PAUSED", remaining_seconds: 30 });
    const over = session({ remaining_seconds: 30 });
    note(paused, 0);
    note(over, 0);
    expect(remaining_s(paused, 90_000)).toBe(30);
    expect(remaining_s(over, 90_000)).toBe(0);
  });

  test("begins anew with every message", () => {
    const first = session();
    const then = session({ remaining_seconds: 5400, version: 3 });
    noteAll({ type: "session:started", session_id: "s1", session: first }, 0);
    noteAll({ type: "session:extended", session_id: "s1", added_seconds: 1800, session: then }, 10_000);
    expect(remaining_s(then, 10_000)).toBe(5400);
  });

  test.each([[0, "0:00"], [0.2, "0:01"], [59, "0:59"], [754, "12:34"], [3661, "1:01:01"]])("%d s reads %s", (seconds, words) => {
    expect(clockface(seconds)).toBe(words);
  });
});

describe("what a guest is told", () => {
  const told = (happened: "extended" | "warning" | "changed", seconds: number): string | undefined =>
    noticeOf({ type: "play_time", happened, station: "PS5-1", seconds, sessions: [] })?.words;

  test("is what happened to their time", () => {
    expect(told("extended", 1800)).toBe("Time added! 30 min more on PS5-1.");
    expect([told("warning", 600), told("warning", 120)]).toEqual(["10 min left on PS5-1.", "2 min left on PS5-1."]);
    expect(told("changed", 0)).toBeUndefined();
  });
});

describe("how a station stands", () => {
  const left = (remaining_seconds: number, more: Partial<PlaySession> = {}): string => {
    const told = session({ remaining_seconds, ...more });
    note(told, 0);
    return standingOf(station({ status: "IN_USE", session: told }), 0);
  };

  test("by the time that is left", () => {
    expect([left(601), left(600), left(121), left(120), left(0)]).toEqual(["playing", "soon", "soon", "last", "last"]);
  });

  test("by how it is paid and whether time runs", () => {
    expect(left(60, { status: "PAUSED" })).toBe("paused");
    expect(left(60, { status: "AWAITING" })).toBe("awaiting");
    expect(left(60, { payment_method: "POSTPAID" })).toBe("open");
  });

  test("without a session by its status", () => {
    const standing = (status: Station["status"]): string => standingOf(station({ status }), 0);
    expect([standing("ONLINE"), standing("OFFLINE"), standing("MAINTENANCE")]).toEqual(["free", "away", "service"]);
  });

  test("what is wrong with its things is said once, the worst first", () => {
    expect(troubleOf(station({ devices: { plug: "lost", gate: "alarmed" } }))).toBe("gate does not obey");
    expect(troubleOf(station({ devices: { plug: "shaky" } }))).toBeNull();
    expect(troubleOf(station({ kind: "pc", agent: { online: false }, session: session() }))).toBe("agent is gone");
  });

  test("one that is out of service or taken takes nobody", () => {
    expect([station(), station({ status: "MAINTENANCE" }), station({ session: session() })].map(takes)).toEqual([true, false, false]);
  });

  test("one zone alone is not worth choosing", () => {
    expect(zonesOf([station(), station()])).toEqual([]);
    expect(zonesOf([station(), station({ zone: "hall" })])).toEqual(["lounge", "hall"]);
  });
});
