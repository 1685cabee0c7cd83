/**
 * The house as this tablet knows it: tables, orders, stations, alarms and how the box stands, from `/ws/staff`.
 *
 * A new connection begins with a `hello` that replaces everything, so nothing that was missed matters. Whoever shows
 * more than is kept here (a table's bill, a shift) listens to the news and fetches again when they concern it.
 * Counterparts: `edge/web/staff/socket.py`, `edge/web/staff/news.py`, `GET /status`.
 */
import { batch, computed, signal } from "@preact/signals";
import type { Afar, StaffHello, StaffLink, StaffMessage, StaffOrder, StaffTable, Station, StockNews } from "@holdfast/protocol";
import { ask, LastWord, LiveSocket, Refused, type Answer, type LiveState } from "@holdfast/pages";
import type { Person } from "./person";
import { alarmsAfter, ordersAfter, stationsAfter, type Alarm } from "./news";
import { noteAll } from "./stations/countdown";

/** `GET /status`, as far as a screen shows it. */
export interface BoxStatus {
  link: string;
  link_message: string;
  last_sync_ms: number | null;
  unsynced: number;
  unsynced_value_minor: number;
  currency: string;
  clock_trusted: boolean;
  disk_free_bytes: number;
  disk_used_percent: number;
  storage: string;
  phones: number;
  mqtt: string;
  devices: { station_id: string; station: string; device: string; health: string; power_w: number | null }[];
}

/** Attempts to open the socket that fail although the box answers, before the token is held to be worn out. */
const MOST_REFUSALS = 3;
const STATUS_EVERY_MS = 10_000;

export class House {
  readonly tables = signal<StaffTable[]>([]);
  /** Orders that are not served yet. */
  readonly orders = signal<ReadonlyMap<string, StaffOrder>>(new Map());
  readonly stations = signal<Station[]>([]);
  readonly alarms = signal<Alarm[]>([]);
  readonly stock = signal<ReadonlyMap<number, StockNews>>(new Map());
  readonly link = signal<StaffLink | null>(null);
  /** What comes from the cloud and wants somebody, until when the link is cut on purpose, and cards not sent yet. */
  readonly afar = signal<Afar>({ waiting: 0, drill_ends_ms: null, unsent_cards: 0, unsent_minor: 0, most_unsent_minor: 0, currency: "EUR", upgrade: null });
  readonly status = signal<BoxStatus | null>(null);
  readonly line = signal<LiveState>("resting");
  /** When the box was last heard, on this device's clock; null before the first `hello`. */
  readonly heard_ms = signal<number | null>(null);
  /** How far the box's clock is ahead of this device's. */
  readonly skew_ms = signal(0);
  readonly live = computed(() => this.line.value === "live");
  private readonly listeners = new Set<(message: StaffMessage) => void>();
  private readonly socket: LiveSocket;
  private refusals = 0;
  /** Whether the box has answered last time it was asked how it stands, be it with a no. */
  private answers = false;
  private readonly standing = new LastWord(() => ask<BoxStatus>("GET", "/status"), (answer) => this.stands(answer), (error) => (this.answers = error instanceof Refused));
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    readonly me: Person,
    private readonly onWorn: () => void,
  ) {
    this.socket = new LiveSocket({
      path: () => "/ws/staff",
      protocols: () => ["holdfast.v1", `bearer.${me.token}`],
      onState: (state) => this.entered(state),
      onMessage: (message) => this.heard(message as StaffMessage),
    });
  }

  start(): void {
    this.socket.open();
    void this.look();
    this.timer = setInterval(() => void this.look(), STATUS_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.standing.drop();
    this.socket.close();
  }

  /** Be told of every message; `hello` means that anything may have changed. Call the answer to stop. */
  listen(listener: (message: StaffMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  table(code: string): StaffTable | undefined {
    return this.tables.value.find((each) => each.code === code);
  }

  private entered(state: LiveState): void {
    this.line.value = state;
    if (state === "live") this.refusals = 0;
    else if (state === "waiting") void this.wonder();
  }

  /** A browser does not say why a socket was refused. If the box answers otherwise, it is the token. */
  private async wonder(): Promise<void> {
    this.refusals = (await this.look()) ? this.refusals + 1 : 0;
    if (this.refusals >= MOST_REFUSALS) this.onWorn();
  }

  /** How the box stands. False when it does not answer. */
  private async look(): Promise<boolean> {
    await this.standing.ask();
    return this.answers;
  }

  private stands({ body, served_ms }: Answer<BoxStatus>): void {
    this.answers = true;
    this.status.value = body;
    if (served_ms !== null) this.skew_ms.value = served_ms - Date.now();
  }

  private heard(message: StaffMessage): void {
    batch(() => {
      this.heard_ms.value = Date.now();
      noteAll(message);
      this.take(message);
    });
    for (const listener of this.listeners) listener(message);
  }

  private take(message: StaffMessage): void {
    switch (message.type) {
      case "hello":
        return this.greeted(message);
      case "table:status":
        this.tables.value = this.tables.value.map((each) => (each.code === message.table.code ? message.table : each));
        return;
      case "order:status":
        this.orders.value = ordersAfter(this.orders.value, message.order);
        return;
      case "link:status":
        this.link.value = message.link;
        void this.look();
        return;
      case "afar":
        this.afar.value = message.afar;
        return;
      case "menu:stock":
        this.stock.value = new Map(this.stock.value).set(message.menu_item, message);
        return;
      case "alarm":
        this.alarms.value = alarmsAfter(this.alarms.value, message);
        return;
      default:
        this.stations.value = stationsAfter(this.stations.value, message);
    }
  }

  private greeted(hello: StaffHello): void {
    this.tables.value = hello.tables;
    this.orders.value = new Map(hello.orders.map((order) => [order.order_id, order]));
    this.stations.value = hello.stations;
    this.alarms.value = hello.alarms as Alarm[];
    this.link.value = hello.link;
    this.afar.value = hello.afar;
    void this.look();
  }
}
