/** A file on its way: raw bytes up, JSON back; `headers` say who sends it. Raises `Refused` or `Unreachable`. */
import type { PictureReply } from "@holdfast/protocol";
import { Refused, Unreachable } from "../http";

const PATIENCE_MS = 90_000;

export async function upload<T = PictureReply>(path: string, file: Blob, headers: Readonly<Record<string, string>>): Promise<T> {
  const impatience = new AbortController();
  const alarm = setTimeout(() => impatience.abort(), PATIENCE_MS);
  try {
    const response = await fetch(path, {
      method: "POST", body: file, signal: impatience.signal,
      headers: { ...headers, "Content-Type": "application/octet-stream" },
    });
    const body = (await response.json()) as T & { error?: { code: string; message: string } };
    if (!response.ok) throw new Refused(response.status, body.error?.code ?? "", body.error?.message ?? "That did not work.");
    return body;
  } catch (error) {
    throw error instanceof Refused ? error : new Unreachable(path);
  } finally {
    clearTimeout(alarm);
  }
}
