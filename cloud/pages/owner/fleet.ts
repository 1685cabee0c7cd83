/**
 * All venues of an owner as the cloud tells them: lists over HTTP, changes over the socket.
 *
 * After each reconnect the lists are fetched again, because nobody knows what was missed. While the socket is away they
 * are fetched every five seconds. Counterpart: the owner's API of the cloud (`cloud/owners`).
 */
import { batch, computed, signal } from "@preact/signals";
import type { OwnerAccount, OwnerMessage, OwnerNews, OwnerOrder, ReplacementCode, VenueRow } from "@holdfast/protocol";
import { ask, LastWord, LiveSocket, Refused, type LiveState } from "@holdfast/pages";
import { byUrgency, filed, summed, type Venue } from "./figures";
import { watched } from "./place";

const POLL_MS = 5_000;

/** A venue's orders of today; of none where no venue is shown in full. */
interface Today {
  venue_id: string | null;
  orders: OwnerOrder[];
}

export class Fleet {
  /** `undefined` until the cloud was asked, null when nobody is signed in. */
  readonly account = signal<OwnerAccount | null | undefined>(undefined);
  /** Null until the first list. */
  readonly venues = signal<ReadonlyMap<string, Venue> | null>(null);
  readonly place = watched();
  readonly chosen = computed(() => (this.place.value.section === "venue" ? this.place.value.more[0] ?? null : null));
  /** Today's orders of the chosen venue; null while they are on their way. */
  readonly orders = signal<OwnerOrder[] | null>(null);
  /** How often the cloud has said that there is something new about these. */
  readonly news = signal<Readonly<Partial<Record<OwnerNews, number>>>>({});
  /** How often the things of a venue were read anew, as far as the cloud has said. */
  readonly health = signal<Readonly<Record<string, number>>>({});
  /** How often facts of a venue came in, as far as the cloud has said. */
  readonly facts = signal<Readonly<Record<string, number>>>({});
  readonly link = signal<LiveState>("resting");
  readonly unreachable = signal(false);
  readonly sorted = computed(() => byUrgency(this.venues.value?.values() ?? []));
  /** Whether the role is bound to some venues: then what is the whole organisation's is not shown. */
  readonly bound = computed(() => (this.account.value?.reach ?? null) !== null);
  readonly summary = computed(() => summed(this.sorted.value));
  /** The venue that is shown in full: the chosen one, or the only one there is. */
  readonly venue = computed(() => {
    const only = this.sorted.value.length === 1 ? this.sorted.value[0] : null;
    return this.venues.value?.get(this.chosen.value ?? "") ?? only ?? null;
  });
  private readonly socket = new LiveSocket({
    path: () => "/ws/owner",
    protocols: () => [],
    onState: (state) => this.entered(state),
    onMessage: (message) => this.heard(message as OwnerMessage),
    pings: false,
  });

  /** The list of venues did not come last time. */
  private behind = false;
  private readonly rows = new LastWord(() => this.fetchVenues(), (venues) => this.took(venues), (error) => {
    this.behind = true;
    this.failed(error);
  });
  private readonly today = new LastWord(() => this.fetchOrders(), (today) => this.tookOrders(today), (error) => this.failed(error));

  constructor() {
    this.chosen.subscribe(() => this.chose());
    setInterval(() => this.lookAgain(), POLL_MS);
  }

  /** Whoever has a session already goes on with it. */
  async resume(): Promise<void> {
    const before = this.account.value;
    try {
      const { body } = await ask<OwnerAccount>("GET", "/api/me");
      this.begin(body);
    } catch (error) {
      if (!(error instanceof Refused)) this.unreachable.value = true;
      // Somebody may have signed in since it was asked.
      else if (before === this.account.value) this.account.value = null;
    }
  }

  /** Raises `Refused` or `Unreachable`. */
  async signIn(email: string, password: string, code: string): Promise<void> {
    await ask("POST", "/api/login", { body: { email, password, code } });
    this.begin((await ask<OwnerAccount>("GET", "/api/me")).body);
  }

  async signOut(): Promise<void> {
    try {
      await ask("POST", "/api/logout", { headers: { "X-CSRF-Token": this.account.value?.csrf ?? "" } });
    } catch (error) {
      // Refused means that the session is gone already; unanswered, it would go on behind a page that says it ended.
      if (!(error instanceof Refused)) return void (this.unreachable.value = true);
    }
    this.end();
  }

  /** A code for the venue's next box. Raises `Refused` or `Unreachable`. */
  async replace(venue: Venue): Promise<ReplacementCode> {
    const headers = { "X-CSRF-Token": this.account.value?.csrf ?? "" };
    const path = `/api/venues/${encodeURIComponent(venue.venue_id)}/replace`;
    return (await ask<ReplacementCode>("POST", path, { body: { epoch: venue.epoch }, headers })).body;
  }

  private begin(account: OwnerAccount): void {
    this.unreachable.value = false;
    this.account.value = account;
    this.socket.open();
    void this.refresh();
  }

  private end(): void {
    this.socket.close();
    this.rows.drop();
    this.today.drop();
    batch(() => {
      this.account.value = null;
      this.venues.value = null;
      this.orders.value = null;
    });
  }

  private chose(): void {
    this.today.drop();
    this.orders.value = null;
    void this.refresh();
  }

  /**
   * One question or change under this session; its answer's body.
   *
   * A session that has ended takes the page back to the login. Raises `Refused` or `Unreachable`.
   */
  async ask<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
    const account = this.account.value;
    const headers: Record<string, string> = method === "GET" ? {} : { "X-CSRF-Token": account?.csrf ?? "" };
    try {
      return (await ask<T>(method, path, { headers, ...(body === undefined ? {} : { body }) })).body;
    } catch (error) {
      if (error instanceof Refused && error.status === 401 && account === this.account.value) this.end();
      throw error;
    }
  }

  async refresh(): Promise<void> {
    if (!this.account.value) return;
    await this.rows.ask();
    await this.today.ask();
  }

  private async fetchVenues(): Promise<Venue[]> {
    const { venues } = await this.ask<{ venues: VenueRow[] }>("GET", "/api/venues");
    const heard_ms = Date.now();
    return venues.map((row) => ({ ...row, heard_ms }));
  }

  private took(venues: Venue[]): void {
    this.behind = false;
    this.venues.value = new Map(venues.map((venue) => [venue.venue_id, venue]));
  }

  private async fetchOrders(): Promise<Today> {
    const venue_id = this.venue.value?.venue_id ?? null;
    if (venue_id === null || !this.account.value) return { venue_id: null, orders: [] };
    const { orders } = await this.ask<{ orders: OwnerOrder[] }>("GET", `/api/venues/${encodeURIComponent(venue_id)}/orders?day=today`);
    return { venue_id, orders };
  }

  private tookOrders({ venue_id, orders }: Today): void {
    if (venue_id !== null && venue_id === this.venue.value?.venue_id) this.orders.value = orders.reduce(filed, []);
    this.unreachable.value = this.behind;
  }

  private failed(error: unknown): void {
    // Who is signed out has been taken back to the login already.
    if (!(error instanceof Refused && error.status === 401)) this.unreachable.value = true;
  }

  private stir(venue_id: string): void {
    this.facts.value = { ...this.facts.value, [venue_id]: (this.facts.value[venue_id] ?? 0) + 1 };
  }

  private entered(state: LiveState): void {
    this.link.value = state;
    // Nobody knows what was missed.
    if (state === "live" && this.venue.value) this.stir(this.venue.value.venue_id);
    if (state === "live" || state === "waiting") void this.refresh();
  }

  private lookAgain(): void {
    if (document.visibilityState === "hidden") return;
    if (this.account.value === undefined) void this.resume();
    else if (this.account.value && (this.link.value !== "live" || this.unreachable.value)) void this.refresh();
  }

  private heard(message: OwnerMessage): void {
    if (message.type === "venue") {
      const { type: _type, ...row } = message;
      const venue = { ...row, heard_ms: Date.now() };
      this.rows.heard(() => (this.venues.value = new Map(this.venues.value).set(row.venue_id, venue)));
    } else if (message.type === "news") {
      this.news.value = { ...this.news.value, [message.about]: (this.news.value[message.about] ?? 0) + 1 };
    } else if (message.type === "health") {
      this.health.value = { ...this.health.value, [message.venue_id]: (this.health.value[message.venue_id] ?? 0) + 1 };
    } else if (message.type === "facts") {
      this.stir(message.venue_id);
    } else if (message.venue_id === this.venue.value?.venue_id) {
      this.today.heard(() => (this.orders.value = filed(this.orders.value ?? [], message)));
    }
  }
}
