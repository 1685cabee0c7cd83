/**
 * What of the menu is sold out, as the box says, and turning it over.
 *
 * Rule of the file: a dish is off only once the box says so, and what is not known of a press stays said until the next one,
 * whatever is asked meanwhile. Counterpart: `POST /api/v1/menu/sold_out`.
 */
import { computed, signal } from "@preact/signals";
import type { Menu, MenuItem } from "@holdfast/protocol";
import { ask, LastWord, Refused } from "@holdfast/pages";

const AGAIN_MS = 5_000;
const wordsOf = (error: unknown, words: string): string => (error instanceof Refused ? error.message : words);

export class Dishes {
  /** Null until the first answer. */
  readonly all = signal<MenuItem[] | null>(null);
  /** Dishes about which the box has not answered yet. */
  readonly busy = signal<ReadonlySet<number>>(new Set());
  /** What came of the last press, where it did not go as it should. */
  private readonly pressed = signal<string | null>(null);
  /** What keeps the list from being new. */
  private readonly aged = signal<string | null>(null);
  readonly problem = computed(() => this.pressed.value ?? this.aged.value);
  private readonly word = new LastWord(fetchAll, (items) => this.take(items), (error) => this.failed(error), AGAIN_MS);

  constructor(private readonly token: string) {}

  /** Ask the box which dishes there are. */
  look(): void {
    void this.word.ask();
  }

  /** Nobody looks at it any more. */
  drop(): void {
    this.word.close();
  }

  /** Off, or on again. */
  async turn({ id, sold_out }: MenuItem): Promise<void> {
    this.busy.value = new Set(this.busy.value).add(id);
    this.pressed.value = null;
    try {
      await ask("POST", "/api/v1/menu/sold_out", { token: this.token, body: { menu_item: id, sold_out: !sold_out } });
      this.word.heard(() => this.mark(id, !sold_out));
    } catch (error) {
      this.pressed.value = wordsOf(error, "The box does not answer; nobody knows whether this was done. Look before you press again.");
    }
    this.look();
    this.busy.value = new Set([...this.busy.value].filter((each) => each !== id));
  }

  private mark(id: number, sold_out: boolean): void {
    this.all.value = this.all.value?.map((dish) => (dish.id === id ? { ...dish, sold_out } : dish)) ?? null;
  }

  private take(items: MenuItem[]): void {
    this.all.value = items;
    this.aged.value = null;
  }

  private failed(error: unknown): void {
    this.aged.value = wordsOf(error, "The box does not answer; this may be old.");
  }
}

const fetchAll = async (): Promise<MenuItem[]> => (await ask<Menu>("GET", "/menu")).body.items;
