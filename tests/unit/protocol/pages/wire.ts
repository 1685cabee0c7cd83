/** A page's network played by hand: each request waits until the test answers it, and the socket says what the test tells. */
import { vi } from "vitest";

export interface Request {
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  /** Answers it, and lets the page do what it does then. */
  answer: (body?: object, status?: number, tag?: string) => Promise<void>;
}

class Socket {
  static readonly OPEN = 1;
  readonly readyState = Socket.OPEN;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;

  send(): void {}
  close(): void {}
}

export class Wire {
  requests: Request[] = [];
  private socket: Socket | null = null;

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
    const deaf = { addEventListener: () => undefined, removeEventListener: () => undefined };
    vi.stubGlobal("location", { href, hash: "" });
    vi.stubGlobal("document", { visibilityState: "visible", ...deaf });
    for (const [name, does] of Object.entries(deaf)) vi.stubGlobal(name, does);
    vi.stubGlobal("fetch", (path: string, init: RequestInit) => this.asked(path, init));
  }

  cut(): void {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }

  private asked(path: string, init: RequestInit): Promise<Response> {
    return new Promise((resolve) => {
      const answer: Request["answer"] = async (body, status = 200, tag = "") => {
        resolve(new Response(body ? JSON.stringify(body) : null, { status, headers: { ETag: tag } }));
        await this.pass(0);
      };
      this.requests.push({ method: init.method ?? "GET", path, headers: init.headers as Record<string, string>, answer });
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
