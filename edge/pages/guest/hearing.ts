/**
 * How the phone hears the box: the socket while it is there, the snapshot every two seconds while it is not.
 *
 * Each time something may have been missed (a new connection, a jump in `cart_version`, an order) the snapshot is fetched
 * and cart updates that arrive meanwhile are kept and applied after it; versions decide which of them are news. A snapshot
 * from before the box told of something else is not believed but fetched again. Counterpart: `/ws/table` and
 * `GET /cart_snapshot` of the box.
 */
import type { CartSnapshot, CartUpdate, ErrorMessage, Menu, TableMessage } from "@holdfast/protocol";
import { signal } from "@preact/signals";
import { ask, LastWord, LiveSocket, Refused, type Answer, type LiveState } from "@holdfast/pages";
import type { Asking } from "./asking";
import { applied, missedSomething } from "./cart";
import { answered, unsent } from "./intents";
import { MenuBook, NO_MENU } from "@holdfast/pages/menu/book";
import type { Table } from "./table";

const POLL_MS = 2_000;
/** So often in a row a snapshot that was overtaken is fetched again before it is taken all the same. */
const MOST_AGAIN = 3;
/** Refusals that say nothing about the cart or the menu; any other means that this phone saw them wrongly. */
const RETRIED: ReadonlySet<string> = new Set(["pass_required", "rate_limited"]);

export class Hearing {
  private readonly socket: LiveSocket;
  /** Updates kept back while a snapshot is on its way; null when none is. */
  private kept: CartUpdate[] | null = null;
  /** Something happened while it was on its way, so it may already be old. */
  private stale = false;
  /** The box told of something else while it was on its way, so it is old. */
  private overtaken = false;
  private again = 0;
  /** The last one did not come, and nobody would ask again by themselves while the socket is there. */
  private behind = false;
  readonly menuFailed = signal(false);
  private menuTag: string | null = null;
  /** The menu that is shown stays while nobody answers. */
  private readonly dishes = new LastWord(() => this.fetchMenu(), (answer) => this.takeMenu(answer), () => this.noMenu(), POLL_MS);
  private poll: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly table: Table,
    private readonly asking: Asking,
    private readonly instructions: () => string,
  ) {
    this.socket = new LiveSocket({
      path: () => `/ws/table?sid=${encodeURIComponent(table.me.value?.session_pid ?? "")}`,
      protocols: () => ["holdfast.v1", `bearer.${table.me.value?.ws_token ?? ""}`],
      onState: (state) => this.entered(state),
      onMessage: (message) => this.heard(message as TableMessage),
    });
    table.transmit = (message) => this.socket.send(message);
  }

  start(): void {
    this.socket.open();
    clearInterval(this.poll);
    this.poll = setInterval(() => this.lookAgain(), POLL_MS);
    void this.resync();
  }

  stop(): void {
    clearInterval(this.poll);
    this.socket.close();
  }

  /** Resolves when it came, or did not; until there is a menu there is nothing to sell, so it is asked for again and again. */
  firstMenu(): Promise<void> {
    return this.dishes.ask();
  }

  /** The menu, or a 304 where it is the one that is already shown. Raises `Refused` or `Unreachable`. */
  private fetchMenu(): Promise<Answer<Menu>> {
    // Without the tag the request is the very one that the page has preloaded.
    const headers: Record<string, string> = this.menuTag ? { "If-None-Match": this.menuTag } : {};
    return ask<Menu>("GET", "/menu", { headers });
  }

  private takeMenu(answer: Answer<Menu>): void {
    if (answer.status === 304) return;
    this.menuTag = answer.etag;
    this.table.menu.value = new MenuBook(answer.body);
    this.menuFailed.value = false;
  }

  private noMenu(): void {
    this.menuFailed.value = this.table.menu.value === NO_MENU;
  }

  private entered(state: LiveState): void {
    this.table.link.value = state;
    if (state !== "live") return;
    this.table.everLive.value = true;
    this.table.setIntents(unsent(this.table.intents.value));
    void this.resync();
    void this.dishes.ask();
  }

  private lookAgain(): void {
    if (document.visibilityState === "hidden") return;
    if (this.socket.state !== "live" || this.behind) void this.resync();
  }

  /** The snapshot replaces everything; updates kept meanwhile follow, then what the guest has tapped goes out. */
  async resync(): Promise<void> {
    const me = this.table.me.value;
    if (this.kept) this.stale = true;
    if (!me || this.kept) return;
    this.kept = [];
    this.stale = this.overtaken = false;
    try {
      const path = `/cart_snapshot?session_pid=${encodeURIComponent(me.session_pid)}`;
      const { body } = await ask<CartSnapshot>("GET", path, { token: me.ws_token });
      if (me === this.table.me.value) this.take(body);
    } catch (error) {
      if (me === this.table.me.value) this.failed(error);
    } finally {
      const kept = me === this.table.me.value ? (this.kept ?? []) : [];
      this.kept = null;
      for (const update of kept) this.updated(update);
      this.table.flush();
    }
    if (this.stale) await this.resync();
  }

  private take(snapshot: CartSnapshot): void {
    this.behind = false;
    this.again = this.overtaken && this.table.synced.value && this.again < MOST_AGAIN ? this.again + 1 : 0;
    if (this.again > 0) return;
    const before = this.table.ordering.value;
    this.table.adopt(snapshot);
    this.asking.caughtUp(before, snapshot);
  }

  private failed(error: unknown): void {
    this.behind = true;
    if (error instanceof Refused && (error.status === 401 || error.status === 404)) this.leave();
  }

  private leave(): void {
    this.stop();
    this.table.standUp();
  }

  private heard(message: TableMessage): void {
    this.asking.heard(message, this.instructions());
    this.table.hear(message);
    switch (message.type) {
      case "cart_update":
        return this.kept ? void this.kept.push(message) : this.updated(message);
      case "error":
        return this.refused(message);
      case "pass_validated":
        return this.table.passGiven();
      case "table_closed":
        return this.leave();
      case "menu_changed":
        void this.resync();
        return void this.dishes.ask();
      case "sold_out":
        return this.soldOut(message.menu_item, message.sold_out);
      case "play_time":
        return this.table.onPlay(message);
      case "pong":
        return;
      case "order_status":
        this.progressed(message.order_id, message.status);
        return this.toldAnew();
      default:
        this.toldAnew();
    }
  }

  /** The table is another by now than a snapshot that is on its way can know. */
  private toldAnew(): void {
    this.overtaken = true;
    void this.resync();
  }

  private updated(update: CartUpdate): void {
    const { table } = this;
    const missed = missedSomething(table.cart.value, update) || table.recalled.value.has(update.item.id);
    table.cart.value = applied(table.cart.value, update);
    table.setIntents(answered(table.intents.value, update));
    table.flush();
    if (missed) void this.resync();
  }

  private refused(error: ErrorMessage): void {
    if (error.mid) this.table.refuse(error.mid, error);
    else this.table.notice.value = { tone: "warn", words: error.message };
    if (RETRIED.has(error.code)) return;
    void this.resync();
    void this.dishes.ask();
  }

  /** Told to every phone at once, so nobody fetches the menu for it, unless a combo may be out for want of it. */
  private soldOut(id: number, sold_out: boolean): void {
    this.dishes.heard(() => {
      // What is shown is no longer what the tag stands for.
      this.menuTag = null;
      this.table.menu.value = this.table.menu.value.marked(id, sold_out);
    });
    const { menu } = this.table.menu.value;
    // Asked after it was heard, for news that come after a question have it asked once more.
    if (menu.items.some((item) => item.slots.some((slot) => slot.choices.some((choice) => choice.menu_item === id)))) void this.dishes.ask();
  }

  private progressed(order_id: string, status: string): void {
    const order = this.table.orders.value.find((each) => each.order_id === order_id);
    const name = order?.ticket ?? order_id;
    if (status === "ready") this.table.notice.value = { tone: "good", words: `${name} is ready!` };
    if (status === "rejected") this.table.notice.value = { tone: "bad", words: `The kitchen cannot make ${name}. Please ask the staff.` };
  }
}
