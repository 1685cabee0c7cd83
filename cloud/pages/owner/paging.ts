/**
 * A list that is fetched page by page, the newest first: its first page anew on demand, earlier ones one by one.
 *
 * Rule of the file: an earlier page counts only for the list that it was asked for; a list that began anew is not mixed
 * with what was asked before, nor with what went wrong then. Counterpart: `protocol/pages/last_word.ts`.
 */
import { batch, computed, signal } from "@preact/signals";
import { LastWord } from "@holdfast/pages";
import type { Fleet } from "./fleet";
import { problemOf } from "./states";

export interface Page {
  /** What to ask for the page after this one; null where there is none. */
  next: string | number | null;
}

export class Pages<T extends Page, Row> {
  /** Null until the first page. */
  readonly rows = signal<Row[] | null>(null);
  readonly next = signal<Page["next"]>(null);
  /** Earlier ones are on their way. */
  readonly busy = signal(false);
  /** Why the first page could not be had, and why the earlier ones. */
  private readonly first = signal<string | null>(null);
  private readonly earlier = signal<string | null>(null);
  readonly problem = computed(() => this.first.value ?? this.earlier.value);
  private readonly word: LastWord<T>;

  constructor(private readonly fleet: Fleet, private readonly path: string, private readonly rowsOf: (page: T) => Row[]) {
    this.word = new LastWord(() => fleet.ask<T>("GET", path), (page) => this.begin(page), (error) => (this.first.value = problemOf(error)));
  }

  /** The newest ones, anew. */
  again(): void {
    void this.word.ask();
  }

  /** What went wrong, once more. */
  retry(): void {
    if (this.first.value !== null || this.earlier.value === null) this.again();
    else void this.more();
  }

  async more(): Promise<void> {
    const from = this.next.value;
    if (from === null || this.busy.value) return;
    [this.busy.value, this.earlier.value] = [true, null];
    try {
      const page = await this.fleet.ask<T>("GET", `${this.path}?before=${encodeURIComponent(from)}`);
      if (this.next.value === from) this.add(page);
    } catch (error) {
      if (this.next.value === from) this.earlier.value = problemOf(error);
    }
    this.busy.value = false;
  }

  /** Nobody looks at it any more. */
  drop(): void {
    this.word.drop();
  }

  private begin(page: T): void {
    [this.rows.value, this.next.value, this.first.value, this.earlier.value] = [this.rowsOf(page), page.next, null, null];
  }

  private add(page: T): void {
    batch(() => ([this.rows.value, this.next.value] = [[...(this.rows.value ?? []), ...this.rowsOf(page)], page.next]));
  }
}
