/**
 * One request, one answer, or an error that says who must act.
 *
 * `Refused` means that the service understood and said no, with the stable code of `protocol/errors.py`. `Unreachable`
 * means that nobody can tell whether it was done: the caller repeats it under the same `mid`.
 */

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retry_after_s: number | null = null,
    /** What else there is to say, where the service says more than a sentence. */
    readonly detail: unknown = null,
    /** What stands beside the code, such as the step that failed. */
    readonly beside: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export class Unreachable extends Error {
  constructor(readonly path: string) {
    super("The connection was lost.");
  }
}

/** Whether the same request may go well in a moment: nobody answered, or the service cannot just now. */
export const isPassing = (error: unknown): boolean => !(error instanceof Refused) || error.status >= 500 || error.status === 429;

export interface Ask {
  body?: unknown;
  token?: string | null;
  headers?: Record<string, string>;
  timeout_ms?: number;
}

export interface Answer<T> {
  status: number;
  etag: string | null;
  /** What the service's clock said, in milliseconds since the epoch, to the second. */
  served_ms: number | null;
  body: T;
}

const PATIENCE_MS = 8_000;

/** `ask("POST", "/session/join", {body})`. A 304 answers with an empty body. Raises `Refused` or `Unreachable`. */
export async function ask<T>(method: string, path: string, options: Ask = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (options.token) headers["Authorization"] = `Bearer ${options.token}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  const impatience = new AbortController();
  const alarm = setTimeout(() => impatience.abort(), options.timeout_ms ?? PATIENCE_MS);
  try {
    const response = await fetch(path, {
      method, headers, signal: impatience.signal, credentials: "same-origin", cache: "no-store",
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const body: unknown = response.status === 204 || response.status === 304 ? null : await parsed(response);
    if (!response.ok && response.status !== 304) throw refusal(response, body);
    const served_ms = Date.parse(response.headers.get("Date") ?? "") || null;
    return { status: response.status, etag: response.headers.get("ETag"), served_ms, body: body as T };
  } catch (error) {
    throw error instanceof Refused ? error : new Unreachable(path);
  } finally {
    clearTimeout(alarm);
  }
}

/** Not JSON means that something between the page and the service answered, for instance a Wi-Fi portal. */
async function parsed(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    if (response.ok) throw new Unreachable(response.url);
    return null;
  }
}

function refusal(response: Response, body: unknown): Refused {
  const error = (body as { error?: { code?: string; message?: string; detail?: unknown; [beside: string]: unknown } } | null)?.error;
  const wait = Number(response.headers.get("Retry-After"));
  return new Refused(
    response.status,
    error?.code ?? `http_${response.status}`,
    error?.message ?? `The service answered ${response.status}.`,
    Number.isFinite(wait) && wait > 0 ? wait : null,
    error?.detail ?? null,
    error ?? {},
  );
}
