/**
 * A guest who is not on the venue's Wi-Fi: the cart on this phone, the seat at the table, the order on its way.
 *
 * Rule of the file: what was asked for is kept on the phone before it is sent, under ids of the phone's own, and asked
 * for again under them until the cloud has answered; so a reload, a lost answer or two presses order once. What became of
 * it is only what the box has said. Counterpart: `cloud/guests/desk.py`.
 */
import { computed, signal } from "@preact/signals";
import { uuid7, type FarOutcome, type FarTable, type Menu, type SlotChoice } from "@holdfast/protocol";
import { ask, forget, keep, recall, Refused } from "@holdfast/pages";
import { MenuBook, NO_MENU } from "@holdfast/pages/menu/book";
import { told } from "./standing";

export interface FarLine {
  mid: string;
  menu_item: number;
  qty: number;
  note: string;
  modifiers: number[];
  choices: SlotChoice[];
}

/** `session_pid` is null until the box has let the guest in. */
interface Seat {
  name: string;
  mid: string;
  command_id: string;
  member_pid: string;
  ws_token: string;
  session_pid: string | null;
}

export interface Sent {
  mid: string;
  /** Null until the cloud has taken it. */
  command_id: string | null;
  lines: FarLine[];
  total_minor: number;
  outcome: Pick<FarOutcome, "status" | "code" | "message" | "result">;
}

const LOOK_MS = 2_000;
const PLACE_MS = 8_000;
const NOTHING_YET: Sent["outcome"] = { status: "WAITING", code: "", message: "", result: {} };

export class FarGuest {
  readonly menu = signal(NO_MENU);
  readonly place = signal<FarTable | null>(null);
  readonly lines = signal<FarLine[]>([]);
  readonly seat = signal<Seat | null>(null);
  readonly sent = signal<Sent | null>(null);
  /** Why there is nothing to see; null once there is. */
  readonly failed = signal<string | null>(null);
  /** The cloud itself does not answer this phone. */
  readonly lost = signal(false);
  /** Why the guest is not let in yet. */
  readonly turnedAway = signal<string | null>(null);
  readonly asksName = signal(false);
  readonly total_minor = computed(() => this.lines.value.reduce((sum, line) => sum + line.qty * this.each(line), 0));
  readonly pieces = computed(() => this.lines.value.reduce((sum, line) => sum + line.qty, 0));
  private readonly base: string;
  private readonly name: string;
  /** The guest has pressed the button and waits to be let in. */
  private wants = false;

  constructor(venue_id: string, private readonly code: string) {
    this.base = `/v/${encodeURIComponent(venue_id)}`;
    this.name = `far.${venue_id}.${code}`;
    this.lines.value = recall<FarLine[]>(`${this.name}.lines`) ?? [];
    this.seat.value = recall<Seat>(`${this.name}.seat`);
    this.sent.value = recall<Sent>(`${this.name}.sent`);
  }

  async start(): Promise<void> {
    await this.lookAtPlace();
    setInterval(() => void this.lookAtPlace(), PLACE_MS);
    setInterval(() => void this.follow(), LOOK_MS);
  }

  each(line: Pick<FarLine, "menu_item" | "modifiers" | "choices">): number {
    const dish = this.menu.value.items.get(line.menu_item);
    return dish ? this.menu.value.priceOf(dish, { ...line, takeaway: false }) : 0;
  }

  add(line: Omit<FarLine, "mid">): void {
    const same = this.lines.value.find((each) => each.menu_item === line.menu_item && !each.note && !line.note && each.modifiers.length + each.choices.length + line.modifiers.length + line.choices.length === 0);
    this.hold(same ? this.lines.value.map((each) => (each === same ? { ...each, qty: each.qty + line.qty } : each)) : [...this.lines.value, { ...line, mid: uuid7() }]);
  }

  change(line: FarLine, qty: number): void {
    this.hold(this.lines.value.flatMap((each) => (each !== line ? [each] : qty > 0 ? [{ ...each, qty }] : [])));
  }

  /** The button: kept on the phone first, then sent, as soon as the guest has a seat. */
  order(): void {
    if (this.lines.value.length === 0 || (this.sent.value && !this.isOver)) return;
    if (this.seat.value?.session_pid) return this.send();
    this.wants = true;
    this.asksName.value = this.seat.value === null;
  }

  get isOver(): boolean {
    return this.sent.value === null || told(this.sent.value.outcome, this.place.value).over;
  }

  /** The guest has seen what became of it. */
  seen(): void {
    this.sent.value = null;
    forget(`${this.name}.sent`);
  }

  async sitDown(name: string, word: string): Promise<void> {
    const mid = uuid7();
    const body = { table: this.code, name, mid, word: word || null };
    const seat = (await ask<Omit<Seat, "name" | "mid" | "session_pid">>("POST", `${this.base}/session/join`, { body })).body;
    this.sit({ ...seat, name, mid, session_pid: null });
    this.turnedAway.value = null;
    this.asksName.value = false;
    this.wants = true;
    void this.follow();
  }

  private send(): void {
    this.wants = false;
    this.post({ mid: uuid7(), command_id: null, lines: this.lines.value, total_minor: this.total_minor.value, outcome: NOTHING_YET });
    this.hold([]);
    void this.follow();
  }

  private hold(lines: FarLine[]): void {
    this.lines.value = lines;
    keep(`${this.name}.lines`, lines);
  }

  private sit(seat: Seat | null): void {
    this.seat.value = seat;
    if (seat) keep(`${this.name}.seat`, seat);
    else forget(`${this.name}.seat`);
  }

  private post(sent: Sent): void {
    this.sent.value = sent;
    keep(`${this.name}.sent`, sent);
  }

  private following = false;

  /** Ask what became of whatever is under way. One at a time, so that no answer overtakes another. */
  private async follow(): Promise<void> {
    if (this.following) return;
    this.following = true;
    try {
      if (this.seat.value?.session_pid === null) await this.followSeat(this.seat.value);
      else if (this.sent.value && !this.isOver) await this.followOrder(this.sent.value);
      this.lost.value = false;
    } catch (error) {
      this.lost.value = !(error instanceof Refused);
      if (error instanceof Refused && error.code !== "rate_limited") this.refused(error);
    } finally {
      this.following = false;
    }
  }

  private async followSeat(seat: Seat): Promise<void> {
    const { status, message, result } = await this.outcome(seat.command_id);
    if (status === "DONE") {
      this.sit({ ...seat, session_pid: result["session_pid"] ?? "" });
      if (this.wants) this.send();
    } else if (status === "REFUSED" || status === "EXPIRED" || status === "UNKNOWN") {
      this.leave(status === "REFUSED" ? message : "The venue could not be reached in time. Nothing was ordered.");
    }
  }

  /** The seat is no good any more: the guest is asked anew, the cart stays. */
  private leave(words: string): void {
    this.sit(null);
    this.turnedAway.value = words;
    this.asksName.value = true;
  }

  private async followOrder(sent: Sent): Promise<void> {
    const command_id = sent.command_id ?? (await this.submit(sent));
    const { status, code, message, result } = await this.outcome(command_id);
    this.post({ ...sent, command_id, outcome: { status, code, message, result } });
    if (status === "REFUSED" || status === "EXPIRED") this.giveBack(sent, code, message);
  }

  private async submit(sent: Sent): Promise<string> {
    const seat = this.seat.value;
    if (!seat?.session_pid) throw new Refused(401, "unauthenticated", "Please join the table again.");
    const { session_pid, member_pid, ws_token: token } = seat;
    const gps = await whereabouts(this.place.value);
    const body = { session_pid, member_pid, mid: sent.mid, lines: sent.lines, ...(gps ? { gps } : {}) };
    const { command_id } = (await ask<{ command_id: string }>("POST", `${this.base}/orders`, { body, token })).body;
    this.post({ ...sent, command_id });
    return command_id;
  }

  /** What was not ordered is in the cart again, under new ids. */
  private giveBack(sent: Sent, code: string, message: string): void {
    this.hold([...sent.lines.map((line) => ({ ...line, mid: uuid7() })), ...this.lines.value]);
    if (SEATLESS.has(code)) {
      this.seen();
      this.wants = true;
      this.leave(message);
    }
  }

  private refused(error: Refused): void {
    const { sent } = this;
    if (sent.value && !this.isOver) {
      const lost = sent.value;
      this.post({ ...lost, outcome: { status: "REFUSED", code: error.code, message: error.message, result: {} } });
      this.giveBack(lost, error.code, error.message);
    } else if (this.seat.value?.session_pid === null) this.leave(error.message);
  }

  private async outcome(command_id: string): Promise<FarOutcome> {
    return (await ask<FarOutcome>("GET", `${this.base}/outcomes/${encodeURIComponent(command_id)}`)).body;
  }

  async lookAtPlace(): Promise<void> {
    try {
      this.place.value = (await ask<FarTable>("GET", `${this.base}/tables/${encodeURIComponent(this.code)}`)).body;
      const menu = (await ask<Menu>("GET", `${this.base}/menu`)).body;
      if (JSON.stringify(menu) !== JSON.stringify(this.menu.value.menu)) this.menu.value = new MenuBook(menu);
      this.failed.value = null;
      this.lost.value = false;
    } catch (error) {
      if (error instanceof Refused && error.code !== "rate_limited") this.failed.value = error.message;
      else this.lost.value = !(error instanceof Refused);
    }
  }
}

/** With these the box says that it does not know this guest (any more), or wants the pass word. */
const SEATLESS: ReadonlySet<string> = new Set(["token_invalid", "unknown_session", "session_closed", "pass_required", "unauthenticated"]);

const SATELLITE_MS = 8_000;

/** Where the phone is, for venues that want to know; whatever goes wrong, the box says what would help. */
async function whereabouts(place: FarTable | null): Promise<{ lat: number; lon: number; accuracy_m: number } | null> {
  if (!place || place.location_policy === "off" || place.location_policy === "ip" || !navigator.geolocation) return null;
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude, accuracy_m: coords.accuracy }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout: SATELLITE_MS, maximumAge: 60_000 },
    );
  });
}
