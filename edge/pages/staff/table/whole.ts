/**
 * One table whole: members, cart, orders, bill. Fetched, and fetched again whenever the house hears that it changed.
 *
 * Lines are put into the cart one after the other, because each change names the version that the last one left; what is
 * tapped meanwhile waits in a row and is shown as `adding`. Counterparts: `GET /api/v1/tables/{code}`,
 * `edge/web/staff/serving_desk.py`.
 */
import { batch, computed, signal } from "@preact/signals";
import type { Bill, CartItem, CartSnapshot, SlotChoice, StaffMessage, StaffTable } from "@holdfast/protocol";
import { LastWord } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import type { House } from "../house";

interface Whole {
  table: StaffTable;
  cart: CartSnapshot | null;
  bill: Bill | null;
}

/** A dish as somebody wants it. */
export interface Wanted {
  menu_item: number;
  qty: number;
  note: string;
  modifiers: number[];
  takeaway: boolean;
  choices: SlotChoice[];
  member: string | null;
}

/** What may be changed about a line; `confirm` agrees to a dish that is another by now. */
export type LineChange = Partial<Omit<Wanted, "menu_item" | "member">> & { confirm?: boolean };

const GATHER_MS = 60;
/** While nobody answers; the house only tells of what changes. */
const AGAIN_MS = 2_000;

export class WholeTable {
  readonly table = signal<StaffTable | null>(null);
  readonly cart = signal<CartSnapshot | null>(null);
  readonly bill = signal<Bill | null>(null);
  /** Why it could not be fetched; null when what is shown is as the box said. */
  readonly problem = signal<string | null>(null);
  /** Dishes that were tapped and are not in the cart yet. */
  readonly adding = signal<readonly Wanted[]>([]);
  readonly live = computed(() => this.table.value !== null);
  private row: Promise<void> = Promise.resolve();
  private readonly word = new LastWord(() => this.desk.get<Whole>(this.path()), (whole) => this.adopt(whole), (error) => (this.problem.value = wordsFor(error)), AGAIN_MS);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopListening: () => void = () => undefined;

  constructor(
    readonly code: string,
    private readonly house: House,
    private readonly desk: Desk,
  ) {}

  start(): void {
    this.stopListening = this.house.listen((message) => this.hear(message));
    void this.refresh();
  }

  stop(): void {
    this.stopListening();
    this.word.close();
    clearTimeout(this.timer);
  }

  private hear(message: StaffMessage): void {
    const session = this.table.value?.session_pid;
    const mine =
      message.type === "hello" ||
      (message.type === "table:status" && message.table.code === this.code) ||
      (message.type === "order:status" && message.order.session_pid === session);
    if (!mine) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), GATHER_MS);
  }

  /** Ask anew. */
  refresh(): Promise<void> {
    return this.word.ask();
  }

  private adopt(whole: Whole): void {
    batch(() => {
      // Carts of two sessions have nothing to do with each other, whatever their versions.
      if (this.table.value?.session_pid !== whole.table.session_pid) this.cart.value = null;
      this.problem.value = null;
      this.table.value = whole.table;
      this.bill.value = whole.bill;
      this.takeCart(whole.cart);
    });
  }

  private takeCart(cart: CartSnapshot | null): void {
    const known = this.cart.value;
    if (known && cart && cart.cart_version < known.cart_version) return;
    this.cart.value = cart;
  }

  path(...steps: string[]): string {
    return ["/api/v1/tables", encodeURIComponent(this.code), ...steps].join("/");
  }

  /** The bill as an answer of the box has it. */
  takeBill(bill: Bill | null): void {
    this.word.heard(() => {
      if (bill && bill.session_pid === this.table.value?.session_pid) this.bill.value = bill;
    });
    void this.refresh();
  }

  // ── The cart ─────────────────────────────────────────────────────────────────────────────────
  add(wanted: Wanted): void {
    this.adding.value = [...this.adding.value, wanted];
    this.inRow(async () => {
      try {
        await this.put(wanted);
      } finally {
        this.adding.value = this.adding.value.filter((each) => each !== wanted);
      }
    });
  }

  change(item: CartItem, to: LineChange): void {
    this.inRow(async () => {
      const version = this.versionOf(item);
      if (to.qty === 0) await this.ask("POST", ["items", `${item.id}`, "remove"], { version });
      else await this.ask("PUT", ["items", `${item.id}`], { version, ...to });
    });
  }

  /** One more on a plain line of the same person where there is one, else a new line. */
  private async put(wanted: Wanted): Promise<void> {
    const same = this.cart.value?.items.find((item) => isSame(item, wanted, this.desk.me.user));
    if (same) await this.ask("PUT", ["items", `${same.id}`], { version: same.version, qty: same.qty + wanted.qty });
    else await this.ask("POST", ["items"], wanted);
  }

  private async ask(method: "POST" | "PUT", steps: string[], body: object): Promise<void> {
    const session = this.table.value?.session_pid;
    const cart = await this.desk.insist<CartSnapshot>(this.path(...steps), body, { method });
    this.word.heard(() => {
      if (session === this.table.value?.session_pid) this.takeCart(cart);
    });
  }

  private versionOf(item: CartItem): number {
    return this.cart.value?.items.find((each) => each.id === item.id)?.version ?? item.version;
  }

  private inRow(what: () => Promise<void>): void {
    this.row = this.row.then(async () => {
      const done = await this.desk.attempt(what);
      if (!done) await this.refresh();
    });
  }

  /** Order what is in the cart as it is shown, once everything tapped is in it. True when the kitchen has it. */
  async order(instructions: string): Promise<boolean> {
    await this.row;
    const cart = this.cart.value;
    if (!cart) return false;
    const asked = { cart_hash: cart.cart_hash, special_instructions: instructions };
    const done = await this.desk.attempt(async () => {
      const reply = await this.desk.insist<{ ticket?: string }>(this.path("order"), asked);
      this.desk.say(reply.ticket ? `${reply.ticket} is in the kitchen.` : "The order is being processed.");
    });
    await this.refresh();
    return done;
  }
}

/** The same dish, made the same way, for the same person: worth no line of its own. */
function isSame(item: CartItem, wanted: Wanted, me: string): boolean {
  const owner = wanted.member ?? `staff:${me}`;
  if (item.choices.length > 0 || wanted.choices.length > 0 || item.takeaway !== wanted.takeaway) return false;
  return item.menu_item === wanted.menu_item && item.member === owner && item.note === wanted.note &&
    item.modifiers.length === wanted.modifiers.length && item.modifiers.every((id) => wanted.modifiers.includes(id));
}

