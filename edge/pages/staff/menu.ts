/** The menu on a staff tablet: fetched once, again when it changed, with what is sold out laid over it. */
import { signal } from "@preact/signals";
import type { Menu } from "@holdfast/protocol";
import { LastWord } from "@holdfast/pages";
import { MenuBook, NO_MENU } from "@holdfast/pages/menu/book";
import type { Desk } from "./desk";
import type { House } from "./house";

/** Nobody takes an order without a menu. */
const AGAIN_MS = 2_000;

export class Dishes {
  readonly book = signal(NO_MENU);
  readonly failed = signal(false);
  private readonly word = new LastWord(() => this.desk.get<Menu>("/menu"), (menu) => this.take(menu), () => (this.failed.value = true), AGAIN_MS);

  constructor(
    private readonly house: House,
    private readonly desk: Desk,
  ) {}

  /** Fetch, and follow what the house hears. Call the answer to stop. */
  start(): () => void {
    void this.word.ask();
    const deaf = this.house.listen((message) => {
      if (message.type === "hello" || message.type === "menu_changed") void this.word.ask();
      else if (message.type === "menu:stock") this.mark(message.menu_item, message.sold_out);
    });
    return () => {
      deaf();
      this.word.drop();
    };
  }

  private take(menu: Menu): void {
    this.book.value = new MenuBook(menu);
    this.failed.value = false;
  }

  private mark(menu_item: number, sold_out: boolean): void {
    this.word.heard(() => (this.book.value = this.book.value.marked(menu_item, sold_out)));
  }
}
