/**
 * The kitchen screen's state: the rail as the box tells it, presses that are under way, and the connection.
 *
 * A press is sent under a `mid` until the box answers with the ticket or an error; it survives a reconnect, and nothing
 * is shown as done before. A ticket is acknowledged as `received` only while somebody can see it.
 * Counterpart: `/ws/kitchen` of the box.
 */
import { batch, computed, signal } from "@preact/signals";
import { uuid7, type ErrorMessage, type KitchenAck, type KitchenBump, type KitchenFire, type KitchenMessage, type KitchenTicket, type TicketState } from "@holdfast/protocol";
import { ask, LiveSocket, Refused, type LiveState } from "@holdfast/pages";
import { hung, isFresh, keyOf, rehung, sorted, type Coming, type Rail, type TicketKey } from "./rail";

/** Attempts to open the socket that fail although the box answers, before the token is held to be worn out. */
const MOST_REFUSALS = 3;

export class Board {
  readonly rail = signal<Rail>(new Map());
  readonly stations = signal<string[]>([]);
  readonly link = signal<LiveState>("resting");
  /** When the box was last heard, on this device's clock; null before the first snapshot. */
  readonly heard_ms = signal<number | null>(null);
  /** How far the box's clock is ahead of this device's. */
  readonly skew_ms = signal(0);
  readonly problem = signal<string | null>(null);
  readonly pressed = signal<ReadonlyMap<TicketKey, KitchenAck>>(new Map());
  /** Items whose bump the box has not answered yet, by ticket and line. */
  readonly bumping = signal<ReadonlyMap<string, KitchenBump>>(new Map());
  /** Courses whose call the box has not answered yet. */
  readonly firing = signal<ReadonlyMap<string, KitchenFire>>(new Map());
  readonly sorted = computed(() => sorted(this.rail.value));
  private readonly socket: LiveSocket;
  private refusals = 0;

  constructor(
    token: string,
    readonly station: string | null,
    private readonly onNew: (tickets: KitchenTicket[]) => void,
    private readonly onRefused: () => void,
  ) {
    this.socket = new LiveSocket({
      path: () => (station ? `/ws/kitchen?station=${encodeURIComponent(station)}` : "/ws/kitchen"),
      protocols: () => ["holdfast.v1", `bearer.${token}`],
      onState: (state) => this.entered(state),
      onMessage: (message) => this.heard(message as KitchenMessage),
    });
  }

  start(): void {
    document.addEventListener("visibilitychange", this.acknowledge);
    this.socket.open();
    void this.compareClocks();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.acknowledge);
    this.socket.close();
  }

  press(ticket: KitchenTicket, state: TicketState): void {
    const ack: KitchenAck = { type: "ack", ticket: ticket.ticket, station: ticket.station, state, mid: uuid7() };
    this.pressed.value = new Map(this.pressed.value).set(keyOf(ticket), ack);
    this.socket.send(ack);
  }

  bump(ticket: KitchenTicket, line: number): void {
    const done = !ticket.done.includes(line);
    const bump: KitchenBump = { type: "bump", ticket: ticket.ticket, station: ticket.station, line, done, mid: uuid7() };
    this.bumping.value = new Map(this.bumping.value).set(bumpKeyOf(ticket, line), bump);
    this.socket.send(bump);
  }

  fire({ order_id, course }: Coming): void {
    const fire: KitchenFire = { type: "fire", order_id, course, mid: uuid7() };
    this.firing.value = new Map(this.firing.value).set(fireKeyOf(fire), fire);
    this.socket.send(fire);
  }

  private entered(state: LiveState): void {
    this.link.value = state;
    if (state === "live") this.refusals = 0;
    else if (state === "waiting") void this.wonder();
  }

  /** A browser does not say why a socket was refused. If the box answers otherwise, it is the token. */
  private async wonder(): Promise<void> {
    this.refusals = (await this.compareClocks()) ? this.refusals + 1 : 0;
    if (this.refusals >= MOST_REFUSALS) this.onRefused();
  }

  /** Ages are counted on the box's clock. False when the box does not answer. */
  private async compareClocks(): Promise<boolean> {
    try {
      const { served_ms } = await ask("GET", "/healthz");
      if (served_ms !== null) this.skew_ms.value = served_ms - Date.now();
      return true;
    } catch (error) {
      return error instanceof Refused;
    }
  }

  private heard(message: KitchenMessage): void {
    batch(() => {
      this.heard_ms.value = Date.now();
      if (message.type === "snapshot") this.snapshot(message.stations, message.tickets);
      else if (message.type === "ticket") this.changed(message);
      else if (message.type === "error") this.refused(message);
    });
    this.acknowledge();
  }

  private snapshot(stations: string[], tickets: KitchenTicket[]): void {
    const fresh = tickets.filter((ticket) => isFresh(this.rail.value, ticket));
    this.stations.value = stations;
    this.rail.value = rehung(this.rail.value, tickets);
    this.pressAgain();
    if (fresh.length > 0) this.onNew(fresh);
  }

  private changed(ticket: KitchenTicket): void {
    if (isFresh(this.rail.value, ticket)) this.onNew([ticket]);
    this.rail.value = hung(this.rail.value, ticket);
    this.forgetFired();
    if (isMoot(this.pressed.value.get(keyOf(ticket)), ticket)) this.release(keyOf(ticket));
    this.bumping.value = new Map([...this.bumping.value].filter(([, bump]) => saysSomething(bump, ticket)));
  }

  /** On a new connection nobody knows which presses arrived; those that still say something go out once more. */
  private pressAgain(): void {
    for (const [key, ack] of this.pressed.value) {
      if (isMoot(ack, this.rail.value.get(key))) this.release(key);
      else this.socket.send(ack);
    }
    for (const bump of this.bumping.value.values()) this.socket.send(bump);
    this.forgetFired();
    for (const fire of this.firing.value.values()) this.socket.send(fire);
  }

  /** Calls that have nothing left to call. */
  private forgetFired(): void {
    const waiting = new Set(this.sorted.value.coming.map(fireKeyOf));
    this.firing.value = new Map([...this.firing.value].filter(([key]) => waiting.has(key)));
  }

  private refused(error: ErrorMessage): void {
    this.firing.value = new Map([...this.firing.value].filter(([, fire]) => fire.mid !== error.mid));
    const refused = [...this.pressed.value].find(([, ack]) => ack.mid === error.mid);
    if (refused) this.release(refused[0]);
    this.bumping.value = new Map([...this.bumping.value].filter(([, bump]) => bump.mid !== error.mid));
    // That another screen was quicker to acknowledge a ticket is nobody's problem.
    if (refused?.[1].state !== "received") this.problem.value = error.message;
  }

  private release(key: TicketKey): void {
    const pressed = new Map(this.pressed.value);
    pressed.delete(key);
    this.pressed.value = pressed;
  }

  /** The box keeps sending, and in the end alarms the staff, until somebody could see the ticket. */
  private readonly acknowledge = (): void => {
    if (document.visibilityState !== "visible") return;
    for (const ticket of this.rail.value.values()) {
      if (ticket.state === "fired" && !this.pressed.value.has(keyOf(ticket))) this.press(ticket, "received");
    }
  };
}

export const fireKeyOf = ({ order_id, course }: Pick<Coming, "order_id" | "course">): string => `${order_id}/${course}`;
export const bumpKeyOf = (ticket: KitchenTicket, line: number): string => `${keyOf(ticket)}#${line}`;

/** Whether a bump under way still wants something else than how the ticket stands. */
function saysSomething(bump: KitchenBump, ticket: KitchenTicket): boolean {
  return keyOf(bump) !== keyOf(ticket) || ticket.done.includes(bump.line) !== bump.done;
}

/** Whether a press no longer has anything to say about the ticket as it stands. */
function isMoot(ack: KitchenAck | undefined, ticket: KitchenTicket | undefined): boolean {
  if (!ack || !ticket) return true;
  return ack.state === ticket.state || (ack.state === "received" && ticket.state !== "fired");
}
