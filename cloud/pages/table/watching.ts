/**
 * Hears what the venue says: over the socket of the cloud, and by asking every few seconds while there is none.
 *
 * After each connect the table and the menu are asked for, because nobody knows what was missed; what is followed is told
 * whole by the cloud. Counterpart: `cloud/guests/live.py`.
 */
import { effect } from "@preact/signals";
import type { FarNews, FarOutcome, FarTable, Menu } from "@holdfast/protocol";
import { ask, LastWord, LiveSocket, Refused } from "@holdfast/pages";
import { MenuBook } from "@holdfast/pages/menu/book";
import type { FarGuest } from "./guest";

const LOOK_MS = 2_000;
const PLACE_MS = 8_000;
/** A dish's hour begins and ends without anybody saying so. */
const HOURS_MS = 60_000;

export class Watching {
  private readonly socket: LiveSocket;
  private following = false;
  private looked_ms = 0;
  private readonly word = new LastWord(() => this.fetch(), (seen) => this.take(seen), (error) => this.failed(error));

  constructor(private readonly guest: FarGuest) {
    this.socket = new LiveSocket({
      path: () => `${guest.base}/live`,
      protocols: () => [],
      onState: (state) => void (state === "live" && this.begin()),
      onMessage: (message) => this.hear(message as FarNews),
    });
  }

  async start(): Promise<void> {
    await this.look();
    effect(() => this.tell(this.guest.followed.value));
    setInterval(() => void this.tick(), LOOK_MS);
  }

  private begin(): void {
    this.guest.lost.value = false;
    this.tell(this.guest.followed.value);
    void this.look();
  }

  private tell(commands: string[]): void {
    this.socket.send({ type: "follow", commands });
  }

  private hear(news: FarNews): void {
    const { guest } = this;
    if (news.type === "outcome") guest.heard(news.command_id, news.outcome);
    else if (news.type === "menu") void this.look();
    else if (news.type === "reach") this.reach(news.reached, news.silent_s);
    guest.waitWithOrder();
  }

  private async tick(): Promise<void> {
    const live = this.socket.state === "live";
    if (performance.now() - this.looked_ms > (live ? HOURS_MS : PLACE_MS)) void this.look();
    this.guest.waitWithOrder();
    await this.guest.go();
    if (!live) await this.askAll();
  }

  /** One at a time, so that no answer overtakes another. */
  private async askAll(): Promise<void> {
    if (this.following) return;
    this.following = true;
    try {
      for (const command_id of this.guest.followed.value) {
        const { body } = await ask<FarOutcome>("GET", `${this.guest.base}/outcomes/${encodeURIComponent(command_id)}`);
        // The socket has come back meanwhile: what it tells is newer.
        if (this.socket.state === "live") return;
        this.guest.heard(command_id, body);
        this.guest.lost.value = false;
      }
    } catch (error) {
      this.guest.lost.value = !(error instanceof Refused);
    } finally {
      this.following = false;
    }
  }

  private look(): Promise<void> {
    this.looked_ms = performance.now();
    return this.word.ask();
  }

  private reach(reached: boolean, silent_s: number | null): void {
    const { place } = this.guest;
    this.word.heard(() => (place.value = place.value && { ...place.value, reached, silent_s }));
  }

  private async fetch(): Promise<[FarTable, Menu]> {
    const { base, code } = this.guest;
    const place = (await ask<FarTable>("GET", `${base}/tables/${encodeURIComponent(code)}`)).body;
    return [place, (await ask<Menu>("GET", `${base}/menu`)).body];
  }

  private take([place, menu]: [FarTable, Menu]): void {
    const { guest } = this;
    guest.place.value = place;
    if (JSON.stringify(menu) !== JSON.stringify(guest.menu.value.menu)) guest.menu.value = new MenuBook(menu);
    guest.failed.value = null;
    guest.lost.value = false;
    this.socket.open();
  }

  private failed(error: unknown): void {
    const { guest } = this;
    if (error instanceof Refused && error.code !== "rate_limited") guest.failed.value = error.message;
    else guest.lost.value = !(error instanceof Refused);
  }
}
