/**
 * A WebSocket that comes back.
 *
 *     resting --open()--> opening --open--> live
 *                            ^  `--close/timeout--> waiting --timer, online, visible--> opening
 *                            `-- live --close, or a ping unanswered--> waiting
 *
 * A browser hides the protocol's own pings, and a box that lost its power closes nothing; so a live socket that has been
 * silent for a while is sent `{"type":"ping"}`, and counts as lost when nothing at all comes back. Waiting doubles from
 * a quarter of a second to five, with jitter, so that a hundred phones do not come back in the same instant.
 */
import { Pauses } from "./pauses";

export type LiveState = "resting" | "opening" | "live" | "waiting";

export interface LiveOptions {
  /** Path and query at this origin, asked for at each attempt because tokens and sessions change. */
  path: () => string;
  protocols: () => string[];
  onState: (state: LiveState) => void;
  onMessage: (message: unknown) => void;
  /** False where the service tells everything every few seconds anyway and wants no words from the page. */
  pings?: boolean;
}

const OPENING_MS = 5_000;
const SILENCE_MS = 15_000;
const PONG_MS = 4_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const SPREAD = 0.25;

export class LiveSocket {
  state: LiveState = "resting";
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly pauses = new Pauses(FIRST_WAIT_MS, LONGEST_WAIT_MS, SPREAD);

  constructor(private readonly options: LiveOptions) {}

  open(): void {
    if (this.state !== "resting") return;
    addEventListener("online", this.hurry);
    addEventListener("pageshow", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.dial();
  }

  close(): void {
    removeEventListener("online", this.hurry);
    removeEventListener("pageshow", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.drop();
    this.enter("resting");
  }

  /** False when it cannot be sent now; nothing is queued here. */
  send(message: unknown): boolean {
    if (this.state !== "live" || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** Somebody looks at the page, or the phone found a network: do not make them wait for the timer. */
  private readonly hurry = (): void => {
    if (document.visibilityState === "hidden") return;
    if (this.state === "waiting") this.dial();
    else if (this.state === "live") this.doubt();
  };

  private dial(): void {
    this.drop();
    this.enter("opening");
    const address = new URL(this.options.path(), location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address.href, this.options.protocols());
    this.socket = socket;
    this.after(OPENING_MS, () => this.lost());
    socket.onopen = () => {
      this.pauses.restart();
      this.enter("live");
      this.listen();
    };
    socket.onclose = () => this.lost();
    socket.onmessage = (event) => {
      this.listen();
      this.options.onMessage(JSON.parse(String(event.data)));
    };
  }

  private lost(): void {
    this.drop();
    this.enter("waiting");
    this.after(this.pauses.next(), () => this.dial());
  }

  private listen(): void {
    this.after(SILENCE_MS, () => this.doubt());
  }

  private doubt(): void {
    if (this.options.pings ?? true) this.send({ type: "ping" });
    this.after(PONG_MS, () => this.lost());
  }

  private drop(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }

  private after(delay_ms: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, delay_ms);
  }

  private enter(state: LiveState): void {
    this.state = state;
    this.options.onState(state);
  }
}
