/** Two managers changed the same: both values side by side, one is chosen. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Sheet } from "@holdfast/pages";
import type { Desk } from "./desk";
import type { Clash } from "./parts";
import { FIELD_WORDS, Words } from "./words";

export function Clashes({ desk }: { desk: Desk }): JSX.Element {
  const theirs = useSignal<Clash[]>([]);
  const { venues, draft, saved_by } = desk.seen.value!;
  const words = new Words([draft, desk.draft.value!], venues);
  const choose = (clash: Clash, other: boolean): void => {
    theirs.value = other ? [...theirs.value, clash] : theirs.value.filter((each) => each !== clash);
  };
  const said = (clash: Clash, value: unknown): string => (clash.field === "" ? (value === null ? "taken off the menu" : "kept, with changes") : words.value(clash.field, value));
  return (
    <Sheet label="You both changed this" button={false} onClose={() => desk.settle(theirs.value)} class="menu-sheet">
      <div class="form wide-form">
        <h2>You both changed this</h2>
        <p>You and {saved_by} edited at the same time. Everything else is put together already; choose what is right here.</p>
        {desk.clashes.value.map((clash) => (
          <fieldset key={`${clash.key} ${clash.field}`} class="at-venue">
            <legend>{words.named(clash.key)}{clash.field && `, ${FIELD_WORDS[clash.field] ?? clash.field}`}</legend>
            <label class="check"><input type="radio" name={`${clash.key} ${clash.field}`} checked={!theirs.value.includes(clash)} onChange={() => choose(clash, false)} /><span>Yours: <strong>{said(clash, clash.mine)}</strong></span></label>
            <label class="check"><input type="radio" name={`${clash.key} ${clash.field}`} checked={theirs.value.includes(clash)} onChange={() => choose(clash, true)} /><span>Theirs: <strong>{said(clash, clash.theirs)}</strong></span></label>
          </fieldset>
        ))}
        <button type="button" class="button go" onClick={() => desk.settle(theirs.value)}>Go on with these</button>
      </div>
    </Sheet>
  );
}
