/** What the terminal has stored and not sent, on every tab for as long as there is any: it may still be declined. */
import type { JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";
import { count } from "@holdfast/pages";
import type { House } from "../house";
import { Icon } from "../icons";
import { serves } from "../person";
import { addressOf } from "../route";
import "./stored.css";

/** Four fifths of what may be stored. Counterpart: `near_limit` in `edge/core/money/stored_cards.py`. */
const near = (minor: number, most_minor: number): boolean => most_minor > 0 && minor * 5 >= most_minor * 4;

export function UnsentStrip({ house }: { house: House }): JSX.Element | null {
  const { unsent_cards, unsent_minor, most_unsent_minor, currency } = house.afar.value;
  if (unsent_cards === 0) return null;
  const words = (
    <>
      <Icon name="card" />
      <span><strong class="number">{formatMoney(unsent_minor, currency)}</strong> on {count(unsent_cards, "stored card")}, not sent</span>
      {most_unsent_minor > 0 && <span class="unsent-most number">of {formatMoney(most_unsent_minor, currency)}</span>}
    </>
  );
  const tone = near(unsent_minor, most_unsent_minor) ? "bad" : "warn";
  return serves(house.me)
    ? <a class="unsent" data-tone={tone} href={addressOf("till")}>{words}</a>
    : <p class="unsent" data-tone={tone}>{words}</p>;
}
