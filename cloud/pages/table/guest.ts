/**
 * A guest who is not on the venue's Wi-Fi: the cart on this phone, the seat at the table, the orders.
 *
 * Rule of the file: what was asked for is kept on the phone before it is sent, under ids of the phone's own, and asked
 * for again under them until the cloud has answered; so a reload, a lost answer or two presses order once. What became of
 * it is only what the box has said, told by `watching.ts`. Counterpart: `cloud/guests`.
 */
import { computed, signal } from "@preact/signals";
import { uuid7, type FarOutcome, type FarTable, type OrderReply } from "@holdfast/protocol";
import { forget, keep, recall, Refused } from "@holdfast/pages";
import { NO_MENU, type Shelf, type Wanted } from "@holdfast/pages/menu/book";
import { whereabouts } from "@holdfast/pages/whereabouts";
import * as cart from "./cart";
import * as seats from "./seat";
import { isPlaced, kept, NOTHING_YET, submit, type Followed, type Sent } from "./sending";
import { told } from "./standing";

export class FarGuest implements Shelf {
  readonly menu = signal(NO_MENU);
  readonly place = signal<FarTable | null>(null);
  readonly lines = signal<cart.FarLine[]>([]);
  readonly instructions = signal("");
  readonly takeaway = signal(false);
  readonly frozen = signal(false);
  readonly seat = signal<seats.Seat | null>(null);
  /** On its way; null once it has become one of `orders`, or came to nothing and the guest has seen so. */
  readonly sent = signal<Sent | null>(null);
  readonly orders = signal<Followed[]>([]);
  /** The order to congratulate on. */
  readonly placed = signal<OrderReply | null>(null);
  /** Why there is nothing to see; null once there is. */
  readonly failed = signal<string | null>(null);
  /** The cloud itself does not answer this phone. */
  readonly lost = signal(false);
  /** Why the guest is not let in yet. */
  readonly turnedAway = signal<string | null>(null);
  readonly asksName = signal(false);
  readonly total_minor = computed(() => cart.totalOf(this.menu.value, this.lines.value));
  readonly pieces = computed(() => this.lines.value.reduce((sum, line) => sum + line.qty, 0));
  readonly flawed = computed(() => this.lines.value.some((line) => cart.flawOf(this.menu.value, line) !== null));
  readonly inCart = computed(() => {
    const counts = new Map<number, number>();
    for (const line of this.lines.value) counts.set(line.menu_item, (counts.get(line.menu_item) ?? 0) + line.qty);
    return counts;
  });
  /** What there is to hear of. */
  readonly followed = computed(() => {
    const seat = this.seat.value?.session_pid === null ? [this.seat.value.command_id] : [];
    const sent = this.sent.value?.command_id && !this.isOver ? [this.sent.value.command_id] : [];
    return [...new Set([...seat, ...sent, ...this.orders.value.map((each) => each.command_id)])];
  });
  readonly base: string;
  readonly pictures: string;
  private readonly name: string;
  /** The guest has pressed the button and waits to be let in. */
  private wants = false;
  private submitting = false;

  constructor(venue_id: string, readonly code: string) {
    this.base = `/v/${encodeURIComponent(venue_id)}`;
    this.pictures = `${this.base}/dishes`;
    this.name = `far.${venue_id}.${code}`;
    this.lines.value = cart.restored(recall<cart.FarLine[]>(`${this.name}.lines`) ?? []);
    const seat = recall<seats.Seat>(`${this.name}.seat`);
    this.seat.value = seat?.wish ? seat : null;
    const sent = recall<Sent>(`${this.name}.sent`);
    this.sent.value = sent && { ...sent, located: sent.located ?? true, first: sent.first ?? null, given: sent.given ?? null };
    this.orders.value = kept(recall<Followed[]>(`${this.name}.orders`) ?? [], Date.now());
  }

  get isOver(): boolean {
    return this.sent.value === null || told(this.sent.value.outcome, this.place.value).over;
  }

  // ── The cart ─────────────────────────────────────────────────────────────────────────────────
  add(wanted: Wanted): void {
    this.hold(cart.added(this.lines.value, this.menu.value, wanted));
  }

  change(line: cart.FarLine, change: Partial<Pick<cart.FarLine, "qty" | "takeaway">>): void {
    this.hold(cart.changed(this.lines.value, this.menu.value, line.mid, change));
  }

  agree(line: cart.FarLine): void {
    this.hold(cart.agreed(this.lines.value, this.menu.value, line.mid));
  }

  private hold(lines: cart.FarLine[]): void {
    this.lines.value = lines;
    keep(`${this.name}.lines`, lines);
  }

  // ── The order ────────────────────────────────────────────────────────────────────────────────
  /** The button: kept on the phone first, then sent, as soon as the guest has a seat. */
  order(): void {
    if (this.lines.value.length === 0 || this.flawed.value || !this.isOver) return;
    if (this.seat.value?.session_pid) return void this.send(null);
    this.wants = true;
    this.asksName.value = this.seat.value === null;
  }

  /** An order that did not go through is still in the table's cart: it is asked for anew, as it is. */
  again({ told: { order } }: Followed): void {
    if (!this.isOver) return;
    this.post({ ...this.made(null), special_instructions: order.special_instructions, lines: [], total_minor: order.total_minor });
    void this.go();
  }

  private async send(first: seats.Wish | null): Promise<void> {
    this.wants = false;
    this.post(this.made(first));
    this.hold([]);
    this.instructions.value = "";
    await this.go();
  }

  private made(first: seats.Wish | null): Sent {
    return {
      mid: uuid7(), command_id: null, lines: cart.sendable(this.lines.value, this.menu.value), total_minor: this.total_minor.value,
      special_instructions: this.instructions.value.trim(), gps: null, located: false, first, given: null, outcome: NOTHING_YET,
    };
  }

  /** Hand over what waits to be handed over; asked again and again until somebody answers. */
  async go(): Promise<void> {
    const sent = this.sent.value;
    if (this.submitting || !sent || sent.command_id !== null || this.isOver) return;
    this.submitting = true;
    try {
      const located = await this.located(sent);
      this.post({ ...located, ...(await submit(this.base, located, this.seat.value)) });
      this.lost.value = false;
    } catch (error) {
      this.lost.value = !(error instanceof Refused);
      if (error instanceof Refused && error.code !== "rate_limited") this.lapse(sent, error.code, error.message);
    } finally {
      this.submitting = false;
    }
  }

  /** Where the phone is belongs to what is sent and is asked once: a repeat with another place would be refused. */
  private async located(sent: Sent): Promise<Sent> {
    if (sent.located) return sent;
    const gps = await whereabouts(this.place.value?.location_policy ?? "off");
    const located = { ...sent, gps, located: true };
    this.post(located);
    return located;
  }

  /** The guest has seen what became of it. */
  seen(): void {
    this.sent.value = null;
    forget(`${this.name}.sent`);
  }

  private post(sent: Sent): void {
    this.sent.value = sent;
    keep(`${this.name}.sent`, sent);
  }

  /** What was not ordered is in the cart again, under new ids. */
  private lapse(sent: Sent, code: string, message: string): void {
    this.post({ ...sent, outcome: { ...NOTHING_YET, status: code === "" ? "EXPIRED" : "REFUSED", code, message } });
    this.hold([...sent.lines.map((line) => ({ ...line, mid: uuid7() })), ...this.lines.value]);
    this.instructions.value ||= sent.special_instructions;
    if (!seats.SEATLESS.has(code)) return;
    this.seen();
    this.wants = true;
    this.leave(message);
  }

  // ── The seat ─────────────────────────────────────────────────────────────────────────────────
  /** At a venue that cannot be asked the guest sits down by the order, and both wait. Raises `Refused`, `Unreachable`. */
  async sitDown(name: string, word: string): Promise<void> {
    const wish = seats.wish(this.code, name, word);
    const waits = this.place.value?.reached === false && this.lines.value.length > 0;
    if (!waits) this.sit(await seats.sitDown(this.base, wish));
    this.turnedAway.value = null;
    this.asksName.value = false;
    this.wants = true;
    if (waits) void this.send(wish);
  }

  /** The venue went away before it had let the guest in: then the order itself asks for the seat. */
  waitWithOrder(): void {
    const seat = this.seat.value;
    if (!this.wants || seat?.session_pid !== null || this.place.value?.reached !== false || this.lines.value.length === 0) return;
    const { wish } = seat;
    this.sit(null);
    void this.send(wish);
  }

  private sit(seat: seats.Seat | null): void {
    this.seat.value = seat;
    if (seat) keep(`${this.name}.seat`, seat);
    else forget(`${this.name}.seat`);
  }

  /** The seat is no good any more: the guest is asked anew, the cart stays. */
  private leave(words: string): void {
    this.sit(null);
    this.turnedAway.value = words;
    this.asksName.value = true;
  }

  // ── What the venue says ──────────────────────────────────────────────────────────────────────
  heard(command_id: string, outcome: FarOutcome): void {
    const seat = this.seat.value;
    if (seat?.session_pid === null && seat.command_id === command_id) this.heardOfSeat(seat, outcome);
    else if (this.sent.value?.command_id === command_id && !this.isOver) this.heardOfOrder(this.sent.value, outcome);
    else if (outcome.order) this.follow(command_id, outcome.order);
  }

  private heardOfSeat(seat: seats.Seat, { status, message, result }: FarOutcome): void {
    if (status === "DONE") {
      this.sit(seats.seated(seat, result["session_pid"] ?? ""));
      if (this.wants && !this.flawed.value && this.lines.value.length > 0) void this.send(null);
    } else if (status === "REFUSED" || status === "EXPIRED" || status === "UNKNOWN") {
      this.leave(status === "REFUSED" ? message : "The venue could not be reached in time. Nothing was ordered.");
    }
  }

  private heardOfOrder(sent: Sent, outcome: FarOutcome): void {
    const { status, code, message, result, order } = outcome;
    if (status === "REFUSED") return this.lapse(sent, code, message);
    if (status === "EXPIRED") return this.lapse(sent, "", message);
    if (sent.first && sent.given && result["session_pid"]) {
      this.sit(seats.seated({ ...sent.given, wish: sent.first, session_pid: null }, result["session_pid"]));
    }
    this.post({ ...sent, outcome });
    if (!order || sent.command_id === null) return;
    this.seen();
    this.follow(sent.command_id, order);
  }

  private follow(command_id: string, told: Followed["told"]): void {
    const known = this.orders.value.find((each) => each.told.order.order_id === told.order.order_id);
    const now: Followed = { cheered: false, since_ms: Date.now(), ...known, command_id, told };
    const placed = !now.cheered && isPlaced(now);
    if (placed) this.placed.value = { order_id: told.order.order_id, ticket: told.order.ticket ?? "" };
    const next = { ...now, cheered: now.cheered || placed };
    this.orders.value = kept(known ? this.orders.value.map((each) => (each === known ? next : each)) : [next, ...this.orders.value], Date.now());
    keep(`${this.name}.orders`, this.orders.value);
  }
}
