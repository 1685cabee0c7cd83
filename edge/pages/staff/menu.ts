/** The menu on a staff tablet: fetched once, again when it changed, with what is sold out laid over it. */
import { signal } from "@preact/signals";
import type { Menu } from "@holdfast/protocol";
import { MenuBook, NO_MENU } from "@holdfast/pages/menu/book";
import type { Desk } from "./desk";
import type { House } from "./house";

export class Dishes {
  readonly book = signal(NO_MENU);
  readonly failed = signal(false);

  constructor(
    private readonly house: House,
    private readonly desk: Desk,
  ) {}

  /** Fetch, and follow what the house hears. Call the answer to stop. */
  start(): () => void {
    void this.fetch();
    return this.house.listen((message) => {
      if (message.type === "hello" || message.type === "menu_changed") void this.fetch();
      else if (message.type === "menu:stock") this.mark(message.menu_item, message.sold_out);
    });
  }

  private async fetch(): Promise<void> {
    try {
      this.book.value = new MenuBook(await this.desk.get<Menu>("/menu"));
      this.failed.value = false;
    } catch {
      this.failed.value = true;
    }
  }

  private mark(menu_item: number, sold_out: boolean): void {
    const { menu } = this.book.value;
    const items = menu.items.map((item) => (item.id === menu_item ? { ...item, sold_out } : item));
    this.book.value = new MenuBook({ ...menu, items });
  }
}
