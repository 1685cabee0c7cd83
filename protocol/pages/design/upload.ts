/** A file on its way: raw bytes up, JSON back. Raises `Refused` or `Unreachable`. */
import type { PictureReply } from "@holdfast/protocol";
import { Refused, Unreachable } from "../http";

const PATIENCE_MS = 90_000;

export async function upload(path: string, file: Blob, token: string): Promise<PictureReply> {
  const impatience = new AbortController();
  const alarm = setTimeout(() => impatience.abort(), PATIENCE_MS);
  try {
    const response = await fetch(path, {
      method: "POST", body: file, signal: impatience.signal,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/octet-stream" },
    });
    const body = (await response.json()) as PictureReply & { error?: { code: string; message: string } };
    if (!response.ok) throw new Refused(response.status, body.error?.code ?? "", body.error?.message ?? "That did not work.");
    return body;
  } catch (error) {
    throw error instanceof Refused ? error : new Unreachable(path);
  } finally {
    clearTimeout(alarm);
  }
}
