/** The cart beside the menu: lines of guests and staff, for whom the next dish is, and the button to the kitchen. */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { formatMoney, type CartItem, type CartSnapshot, type MenuItem } from "@holdfast/protocol";
import { Badge, Face } from "@holdfast/pages";
import type { MenuBook } from "@holdfast/pages/menu/book";
import { Icon } from "../icons";
import { Choices } from "../sheets";
import type { TableProps } from "./view";

/** What lies over the menu. */
/** What lies over the page: a dish to make up, a line to change, or on a phone the cart. */
export type Over = null | "cart" | { dish: MenuItem } | { line: CartItem };

interface CartProps extends TableProps {
  over: Signal<Over>;
  member: Signal<string | null>;
}

export function CartPanel({ whole, over, member, dishes }: CartProps): JSX.Element {
  const cart = whole.cart.value;
  const sending = useSignal(false);
  const instructions = useSignal("");
  const table = whole.table.value;
  const guests = (table?.members ?? []).filter((each) => !each.staff);
  const nameOf = (pid: string): string => table?.members.find((each) => each.member_pid === pid)?.name ?? "Staff";
  const items = cart?.items ?? [];
  const adding = whole.adding.value;
  const empty = items.length === 0 && adding.length === 0;
  const send = async (): Promise<void> => {
    sending.value = true;
    if (await whole.order(instructions.value.trim())) {
      instructions.value = "";
      if (over.value === "cart") over.value = null;
    }
    sending.value = false;
  };
  return (
    <section class="card" aria-label="Cart">
      <h2>Cart</h2>
      {guests.length > 0 && (
        <Choices label="For whom" value={member.value} onChoose={(next) => (member.value = next)}
          choices={[{ value: null, words: "Table" }, ...guests.map((each) => ({ value: each.member_pid, words: each.name }))]} />
      )}
      {empty && <p class="soft hint">Tap dishes to put them here. Guests' phones see the same cart.</p>}
      <ul class="lines">
        {items.map((item) => <Line key={item.id} item={item} cart={cart!} name={nameOf(item.member)} book={dishes.book.value} onOpen={() => (over.value = { line: item })} />)}
        {adding.map((each, index) => (
          <li key={`adding-${index}`} class="line" data-saving="true">
            <span class="line-button"><span class="number line-qty">{each.qty}×</span><span class="line-words">{dishes.book.value.items.get(each.menu_item)?.name ?? "Dish"}</span></span>
          </li>
        ))}
      </ul>
      {!empty && (
        <>
          <label class="field"><span class="unseen">Word for the kitchen</span>
            <input class="input" placeholder="Word for the kitchen" maxLength={280} value={instructions.value} onInput={(event) => (instructions.value = event.currentTarget.value)} />
          </label>
          <Send cart={cart} sending={sending.value} waiting={adding.length > 0} onSend={() => void send()} />
        </>
      )}
    </section>
  );
}

interface SendProps {
  cart: CartSnapshot | null;
  sending: boolean;
  waiting: boolean;
  onSend: () => void;
}

function Send({ cart, sending, waiting, onSend }: SendProps): JSX.Element {
  const processing = cart?.order_processing_status === "processing" || (cart?.cart_locked ?? false);
  const failed = cart?.order_failure ?? null;
  return (
    <>
      {processing && <p class="hint soft" role="status">{cart?.order_processing_message ?? "An order is being processed…"}</p>}
      {failed && !processing && <p class="field-error" role="alert">The order did not go through: {failed.error}.</p>}
      <button type="button" class={failed ? "button retry wide" : "button go wide"} disabled={sending || waiting || processing} onClick={onSend}>
        <Icon name="kitchen" />
        {sending || processing ? "Sending…" : failed ? "Try again" : "Send to kitchen"}
        {cart && <span class="number">{formatMoney(cart.total_minor, cart.currency)}</span>}
      </button>
    </>
  );
}

interface LineProps {
  item: CartItem;
  cart: CartSnapshot;
  name: string;
  book: MenuBook;
  onOpen: () => void;
}

function Line({ item, cart, name, book, onOpen }: LineProps): JSX.Element {
  const more = [...book.wordsOf(item), item.note, item.takeaway ? "take away" : ""].filter(Boolean);
  const recalled = cart.recalled.some((each) => each.id === item.id);
  return (
    <li class="line">
      <button type="button" class="line-button" disabled={cart.cart_locked} aria-label={`Change ${item.name}, ${item.qty}`} onClick={onOpen}>
        <span class="number line-qty">{item.qty}×</span>
        <span class="line-words">{item.name}{more.length > 0 && <span class="soft"> {more.join(", ")}</span>}{recalled && <Badge tone="bad">changed: look again</Badge>}</span>
        <Face id={item.member} name={name} small />
        <span class="number line-price">{formatMoney(item.qty * item.price_minor, cart.currency)}</span>
      </button>
    </li>
  );
}
