/** A page's network played by hand: each request waits until the test answers it, and the socket says what the test tells. */
import { vi } from "vitest";

export interface Request {
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  /** Answers it, and lets the page do what it does then. */
  answer: (body?: object, status?: number, tag?: string, headers?: Record<string, string>) => Promise<void>;
  /** Nobody answers it. */
  lose: () => Promise<void>;
}

class Socket {
  static readonly OPEN = 1;
  readonly readyState = Socket.OPEN;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;

  send(): void {}
  close(): void {}
}

/** A page that somebody looks at, for what asks the browser for nothing else. Undone by `vi.unstubAllGlobals`. */
export class Page extends EventTarget {
  visibilityState = "visible";

  constructor() {
    super();
    vi.stubGlobal("document", this);
    vi.stubGlobal("addEventListener", this.addEventListener.bind(this));
    vi.stubGlobal("removeEventListener", this.removeEventListener.bind(this));
  }

  /** From now on somebody looks at it, or nobody does. */
  look(visible: boolean): void {
    this.visibilityState = visible ? "visible" : "hidden";
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

export class Wire {
  requests: Request[] = [];
  /** Answers what is asked from now on at once; null leaves it to the test. */
  always: ((request: Request) => void) | null = null;
  private socket: Socket | null = null;
  readonly page = new Page();

  /** The page's clock stands, and it is at `href`. Undone by `cut`. */
  constructor(href: string) {
    vi.useFakeTimers();
    const opened = (socket: Socket): void => void (this.socket = socket);
    vi.stubGlobal("WebSocket", class extends Socket {
      constructor() {
        super();
        opened(this);
      }
    });
    vi.stubGlobal("location", { href, hash: "" });
    vi.stubGlobal("fetch", (path: string, init: RequestInit) => this.asked(path, init));
  }

  cut(): void {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }

  private asked(path: string, init: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      const answer: Request["answer"] = async (body, status = 200, tag = "", headers = {}) => {
        resolve(new Response(body ? JSON.stringify(body) : null, { status, headers: { ETag: tag, ...headers } }));
        await this.pass(0);
      };
      const lose: Request["lose"] = async () => {
        reject(new TypeError("network"));
        await this.pass(0);
      };
      const request = { method: init.method ?? "GET", path, headers: init.headers as Record<string, string>, answer, lose };
      this.requests.push(request);
      this.always?.(request);
    });
  }

  /** Requests so far whose address has `part` in it. */
  of(part: string): Request[] {
    return this.requests.filter((each) => each.path.includes(part));
  }

  connect(): void {
    this.socket?.onopen();
  }

  tell(message: object): void {
    this.socket?.onmessage({ data: JSON.stringify(message) });
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }
}
