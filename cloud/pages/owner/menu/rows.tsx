/** One item of a category as a line, and the arrows that move things. */
import type { JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";
import { Badge, count } from "@holdfast/pages";
import type { BrandMenu, Item } from "./shapes";
import { hoursText } from "./words";

interface RowProps {
  draft: BrandMenu;
  /** Where they are found. */
  pictures: string;
  item: Item;
  onOpen: () => void;
  onMove: ((by: -1 | 1) => void) | null;
  first: boolean;
  last: boolean;
}

export function Row({ draft, pictures, item, onOpen, onMove, first, last }: RowProps): JSX.Element {
  const elsewhere = (draft.overrides ?? []).filter((row) => row.items?.some((each) => each.item === item.id)).length;
  const planned = (draft.price_changes ?? []).filter((change) => change.item === item.id).length;
  return (
    <li class="row menu-row">
      <button type="button" class="menu-item" onClick={onOpen}>
        {item.picture && <img class="dish-picture-small" src={`${pictures}/${item.picture.small}`} width={44} height={44} loading="lazy" decoding="async" alt="" />}
        <span class="row-words">
          <strong>{item.name || "A new item"}</strong>
          <span class="menu-badges">
            {!item.name.trim() && <Badge tone="warn">needs a name</Badge>}
            {(item.slots?.length ?? 0) > 0 && <Badge>combo</Badge>}
            {(item.modifier_groups?.length ?? 0) > 0 && <Badge>{count(item.modifier_groups?.length ?? 0, "question")}</Badge>}
            {item.course && <Badge>{item.course}</Badge>}
            {(item.hours?.length ?? 0) > 0 && <Badge>{hoursText(item.hours ?? [])}</Badge>}
            {planned > 0 && <Badge tone="warn">price planned</Badge>}
            {elsewhere > 0 && <Badge>different at {count(elsewhere, "venue")}</Badge>}
          </span>
        </span>
        <span class="menu-price number">
          <strong>{formatMoney(item.price_minor, draft.menu.currency)}</strong>
          {(item.takeaway_price_minor ?? null) !== null && <span class="soft">takeaway {formatMoney(item.takeaway_price_minor ?? 0, draft.menu.currency)}</span>}
        </span>
      </button>
      {onMove && <Arrows what={item.name} first={first} last={last} onMove={onMove} />}
    </li>
  );
}

interface ArrowsProps {
  what: string;
  first: boolean;
  last: boolean;
  onMove: (by: -1 | 1) => void;
}

/** Whoever moves something by keyboard keeps the arrow under their finger, wherever it moves to. */
export function Arrows({ what, first, last, onMove }: ArrowsProps): JSX.Element {
  const press = (by: -1 | 1, stuck: boolean) => ({ currentTarget }: MouseEvent): void => {
    if (stuck) return;
    onMove(by);
    requestAnimationFrame(() => currentTarget instanceof HTMLElement && currentTarget.focus());
  };
  return (
    <span class="arrows">
      <button type="button" class="arrow" aria-label={`Move ${what} up`} aria-disabled={first} onClick={press(-1, first)}>↑</button>
      <button type="button" class="arrow" aria-label={`Move ${what} down`} aria-disabled={last} onClick={press(1, last)}>↓</button>
    </span>
  );
}
