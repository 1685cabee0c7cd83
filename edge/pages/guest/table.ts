/**
 * The table as this phone knows it, and everything a guest can do there.
 *
 * State of the table is kept here and nowhere else. What the box says goes through the pure files beside it
 * (`cart.ts`, `intents.ts`, `ordering.ts`); how it is heard is `hearing.ts`, how an order is asked for is `asking.ts`;
 * what is drawn is derived from the signals.
 */
import { batch, computed, signal } from "@preact/signals";
import type { CartItem, CartSnapshot, Joined, Member, PlacedOrder, PlayTimeMessage, TableMessage } from "@holdfast/protocol";
import { uuid7 } from "@holdfast/protocol";
import { ask, forget, keep, recall, type LiveState, type Tone } from "@holdfast/pages";
import { corrected, fromSnapshot as cartFrom, NO_CART, type Cart } from "./cart";
import * as intents from "./intents";
import { NO_MENU } from "@holdfast/pages/menu/book";
import { countedByDish, linesOf, piecesOf, totalOf, type Line, type Recalled } from "./lines";
import { forgetMembership, join, rememberedMembership } from "./membership";
import * as ordering from "./ordering";

export interface Notice {
  tone: Tone;
  words: string;
}

/** What a cart mutation is refused with, as far as the page does more than say so. */
interface Refusal {
  code: string;
  message: string;
  item?: CartItem;
  retry_after_s?: number;
}

const PACE_MS = 1_000;

export class Table {
  readonly menu = signal(NO_MENU);
  readonly me = signal<Joined | null>(null);
  readonly members = signal<Member[]>([]);
  readonly orders = signal<PlacedOrder[]>([]);
  readonly cart = signal<Cart>(NO_CART);
  /** Lines whose dish is no longer what was added, by id. */
  readonly recalled = signal<Recalled>(new Map());
  readonly intents = signal<intents.Intents>([]);
  readonly ordering = signal(ordering.IDLE);
  readonly locationPolicy = signal<CartSnapshot["location_policy"]>("off");
  readonly link = signal<LiveState>("resting");
  /** Whether the cart shown is the box's, not merely this phone's idea of it. */
  readonly synced = signal(false);
  /** Counts how often the box's whole word was taken in; whoever shows more than is kept here fetches again then. */
  readonly adopted = signal(0);
  readonly everLive = signal(false);
  readonly notice = signal<Notice | null>(null);
  /** The mutation that waits for the pass word, or null. */
  readonly passFor = signal<string | null>(null);
  readonly closed = signal(false);
  /** Whether what this guest adds next is taken away. */
  readonly takeaway = signal(false);

  readonly live = computed(() => this.link.value === "live");
  readonly lost = computed(() => this.everLive.value && !this.live.value);
  readonly lines = computed<Line[]>(() =>
    linesOf(this.cart.value, this.intents.value, this.menu.value, this.me.value?.member_pid ?? "", this.recalled.value),
  );
  /** How many of each menu item anyone has put into the cart. */
  readonly inCart = computed(() => countedByDish(this.lines.value));
  readonly total_minor = computed(() => totalOf(this.lines.value));
  readonly pieces = computed(() => piecesOf(this.lines.value));
  readonly host = computed(() => {
    const mine = this.members.value.find((member) => member.member_pid === this.me.value?.member_pid);
    return mine?.host ?? this.me.value?.host ?? false;
  });
  readonly frozen = computed(() => this.ordering.value.stage === "processing" || this.ordering.value.asking === "yes");
  readonly around = computed<ordering.Surroundings>(() => ({
    me: this.me.value?.member_pid ?? "",
    live: this.live.value,
    empty: this.lines.value.length === 0,
    recalled: this.lines.value.some((line) => line.recalled !== null),
    nameOf: this.nameOf,
  }));

  /** Set by `playtime.ts`, which shows it. */
  onPlay: (message: PlayTimeMessage) => void = () => undefined;

  /** Set by `hearing.ts`, which owns the socket. */
  transmit: (message: unknown) => boolean = () => false;

  readonly pictures = "/dishes";

  constructor(readonly code: string) {}

  readonly nameOf = (member: string): string =>
    this.members.value.find((each) => each.member_pid === member)?.name ?? "someone";

  async sitDown(name: string): Promise<void> {
    this.seat(await join(this.code, name));
  }

  /** A reload while the box is away: the phone still knows who it is. */
  sitDownFromMemory(): void {
    const known = rememberedMembership(this.code);
    if (known) this.seat(known);
  }

  private seat(joined: Joined): void {
    batch(() => {
      this.closed.value = false;
      this.intents.value = intents.unsent(recall<intents.Intents>(`taps.${joined.session_pid}`) ?? []);
      this.me.value = joined;
    });
  }

  /** The table was closed: nothing of it counts any more, and the phone may join the next one. */
  standUp(): void {
    forgetMembership(this.code);
    batch(() => {
      this.setIntents([]);
      this.me.value = null;
      this.members.value = [];
      this.orders.value = [];
      this.passFor.value = null;
      this.cart.value = NO_CART;
      this.ordering.value = ordering.IDLE;
      this.synced.value = false;
      this.closed.value = true;
    });
  }

  /** The box's whole word replaces everything but the guest's own unanswered taps. */
  adopt(snapshot: CartSnapshot): void {
    batch(() => {
      this.cart.value = cartFrom(snapshot);
      this.members.value = snapshot.members;
      this.orders.value = snapshot.orders;
      this.recalled.value = new Map(snapshot.recalled.map((line) => [line.id, line.reason]));
      this.ordering.value = ordering.fromSnapshot(this.ordering.value, snapshot);
      this.locationPolicy.value = snapshot.location_policy;
      this.synced.value = true;
      this.adopted.value += 1;
    });
  }

  // ── The cart ─────────────────────────────────────────────────────────────────────────────────
  add(made: intents.NewLine): void {
    this.act(intents.toCreate(this.intents.value, made, uuid7()));
  }

  change(line: Line, change: Partial<intents.Change>): void {
    const wanted = { qty: line.qty, takeaway: line.takeaway, ...change };
    if (wanted.qty < 1) this.act(intents.toRemove(this.intents.value, line.key, uuid7()));
    else this.act(intents.toChange(this.intents.value, line.key, wanted, uuid7()));
  }

  private act(next: intents.Intents): void {
    if (this.frozen.value) return;
    this.setIntents(next);
    this.flush();
  }

  setIntents(next: intents.Intents): void {
    this.intents.value = next;
    const me = this.me.value;
    if (!me) return;
    if (next.length > 0) keep(`taps.${me.session_pid}`, next);
    else forget(`taps.${me.session_pid}`);
  }

  /** Send what can be sent; nothing goes out before the box's cart is known, because versions come from there. */
  flush(): void {
    if (!this.live.value || !this.synced.value) return;
    const sending = intents.sendable(this.intents.value, this.cart.value);
    if (sending.messages.every((message) => this.transmit(message))) this.setIntents(sending.intents);
  }

  refuse(mid: string, refusal: Refusal): void {
    switch (refusal.code) {
      case "pass_required":
        this.passFor.value = mid;
        return;
      case "rate_limited":
        setTimeout(() => this.again(mid), (refusal.retry_after_s ?? 0) * 1_000 || PACE_MS);
        return;
      case "version_conflict":
        if (refusal.item) this.cart.value = corrected(this.cart.value, refusal.item);
    }
    this.setIntents(intents.refused(this.intents.value, mid));
    this.notice.value = { tone: "warn", words: refusal.message };
  }

  private again(mid: string): void {
    this.setIntents(intents.resend(this.intents.value, mid));
    this.flush();
  }

  // ── The order ────────────────────────────────────────────────────────────────────────────────
  hear(message: TableMessage): void {
    this.ordering.value = ordering.heard(this.ordering.value, message);
  }

  /** The cart's lines have become an order; the next snapshot lists it. */
  orderPlaced(): void {
    this.cart.value = { ...this.cart.value, items: new Map() };
    this.ordering.value = ordering.IDLE;
  }

  // ── The pass word ────────────────────────────────────────────────────────────────────────────
  /** Raises `Refused` (`wrong_pass`, `rate_limited`) or `Unreachable`. On success the held mutations are replayed. */
  async givePassWord(word: string): Promise<void> {
    const me = this.me.value;
    if (!me) return;
    await ask("POST", "/session/validate_pass", { body: { session_pid: me.session_pid, word }, token: me.ws_token });
    this.passGiven();
  }

  passGiven(): void {
    if (this.passFor.value === null) return;
    this.passFor.value = null;
    this.setIntents(intents.unsent(this.intents.value));
    this.flush();
  }

  /** The guest would rather not: what waited for the word is taken back. */
  passDeclined(): void {
    this.passFor.value = null;
    this.setIntents(this.intents.value.filter((intent) => !intent.sent));
  }
}
