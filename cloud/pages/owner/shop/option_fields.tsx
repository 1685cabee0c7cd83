/** Sizes and colours as they are typed, and a grid of what there is none of just now. */
import type { JSX } from "preact";
import type { Signal } from "@preact/signals";
import { minorDigits, toMajor } from "@holdfast/protocol";
import { minorOf } from "./give_back";
import { idFor, variantsOf } from "./goods";
import type { Option } from "./shapes";

interface TypedChoice { id: string; name: string; extra: string; grams: string; swatch: string }

/** An option in the form. Ids are made of names when it is saved and stay ever after, because designs name them. */
export interface TypedOption { id: string; name: string; choices: TypedChoice[] }

const MOST_OPTIONS = 3;
const NEW: TypedChoice = { id: "", name: "", extra: "", grams: "", swatch: "" };

export function typedOf(option: Option, currency: string): TypedOption {
  const major = (minor: number): string => toMajor(minor, currency).toFixed(minorDigits(currency));
  return {
    id: option.id, name: option.name,
    choices: option.choices.map(({ id, name, extra_minor = 0, extra_g = 0, swatch = "" }) => ({ id, name, extra: extra_minor ? major(extra_minor) : "", grams: extra_g ? String(extra_g) : "", swatch })),
  };
}

/** `-1.50` in EUR → -150; nothing is no difference. Raises `Error` with a sentence for what is no amount. */
function differenceOf(text: string, currency: string): number {
  const typed = text.trim();
  if (typed === "") return 0;
  const minor = minorOf(typed.replace(/^[+−-]/, ""), currency);
  if (minor === null) throw new Error(`“${typed}” is no amount.`);
  return /^[−-]/.test(typed) ? -minor : minor;
}

/** What was typed, with an id for everything; `renamed` leads from a variant in the form to the same one in it. */
export function optionsOf(typed: TypedOption[], currency: string): { options: Option[]; renamed: (variant: string) => string | null } {
  const options: Option[] = [];
  for (const option of typed) {
    const choices: Option["choices"] = [];
    for (const choice of option.choices) {
      const id = choice.id || idFor(choice.name, [...option.choices, ...choices].map((each) => each.id));
      choices.push({ id, name: choice.name.trim(), extra_minor: differenceOf(choice.extra, currency), extra_g: Math.round(Number(choice.grams || 0)), swatch: choice.swatch });
    }
    options.push({ id: option.id || idFor(option.name, [...typed, ...options].map((each) => each.id)), name: option.name.trim(), choices });
  }
  const from = variantsOf(numbered(typed));
  const to = variantsOf(options);
  return { options, renamed: (variant) => to[from.findIndex((each) => each.variant === variant)]?.variant ?? null };
}

/** With an id for everything, also for what was added just now. */
function numbered(typed: TypedOption[]): Option[] {
  return typed.map((option, at) => ({ id: option.id || `?${at}`, name: option.name, choices: option.choices.map((choice, place) => ({ id: choice.id || `?${place}`, name: choice.name || "…" })) }));
}

interface OptionFieldsProps { options: Signal<TypedOption[]>; currency: string }

export function OptionFields({ options, currency }: OptionFieldsProps): JSX.Element {
  const add = (name: string, choice: TypedChoice): void => void (options.value = [...options.value, { id: "", name, choices: [choice] }]);
  const room = options.value.length < MOST_OPTIONS;
  return (
    <>
      {options.value.map((option, at) => <OneOption key={at} option={option} currency={currency} onChange={(next) => (options.value = options.value.flatMap((each, place) => (place !== at ? [each] : next ? [next] : [])))} />)}
      {room && (
        <div class="page-actions">
          <button type="button" class="button small" onClick={() => add("Size", { ...NEW, name: "M" })}>Add sizes</button>
          <button type="button" class="button small" onClick={() => add("Colour", { ...NEW, name: "white", swatch: "#ffffff" })}>Add colours</button>
        </div>
      )}
    </>
  );
}

interface OneOptionProps { option: TypedOption; currency: string; onChange: (option: TypedOption | null) => void }

function OneOption({ option, currency, onChange }: OneOptionProps): JSX.Element {
  const set = (at: number, change: Partial<TypedChoice>): void => onChange({ ...option, choices: option.choices.map((each, place) => (place === at ? { ...each, ...change } : each)) });
  const coloured = option.choices.some((each) => each.swatch !== "");
  return (
    <fieldset class="shop-option">
      <legend class="unseen">{option.name || "Option"}</legend>
      <div class="shop-option-head">
        <label class="field"><span>Guests choose a</span><input class="input" required maxLength={40} value={option.name} onInput={(event) => onChange({ ...option, name: event.currentTarget.value })} /></label>
        <button type="button" class="button small" onClick={() => onChange(null)}>Remove</button>
      </div>
      {option.choices.map((choice, at) => (
        <div class="shop-choice" key={at} data-coloured={coloured}>
          {coloured && <input type="color" class="shop-swatch" aria-label={`Colour of ${choice.name || "the new one"}`} value={choice.swatch || "#ffffff"} onInput={(event) => set(at, { swatch: event.currentTarget.value })} />}
          <label class="field"><span>Name</span><input class="input" required maxLength={40} value={choice.name} onInput={(event) => set(at, { name: event.currentTarget.value })} /></label>
          <label class="field"><span>{currency} more</span><input class="input" inputMode="decimal" placeholder="0" value={choice.extra} onInput={(event) => set(at, { extra: event.currentTarget.value })} /></label>
          <label class="field"><span>g more</span><input class="input" inputMode="numeric" pattern="-?[0-9]*" placeholder="0" value={choice.grams} onInput={(event) => set(at, { grams: event.currentTarget.value })} /></label>
          <button type="button" class="button small" aria-label={`Remove ${choice.name}`} disabled={option.choices.length === 1} onClick={() => onChange({ ...option, choices: option.choices.filter((_, place) => place !== at) })}>×</button>
        </div>
      ))}
      <button type="button" class="button small" onClick={() => onChange({ ...option, choices: [...option.choices, { ...NEW, swatch: coloured ? "#888888" : "" }] })}>Add one</button>
    </fieldset>
  );
}

interface SoldOutProps { options: Signal<TypedOption[]>; out: Signal<string[]> }

/** A tick for every combination that can be had. */
export function SoldOut({ options, out }: SoldOutProps): JSX.Element | null {
  const all = variantsOf(numbered(options.value));
  if (all.length === 0) return null;
  const toggle = (variant: string): void => void (out.value = out.value.includes(variant) ? out.value.filter((each) => each !== variant) : [...out.value, variant]);
  return (
    <fieldset class="checks shop-stock">
      <legend>In stock</legend>
      {all.map(({ variant, name }) => <label key={variant} class="check"><input type="checkbox" checked={!out.value.includes(variant)} onChange={() => toggle(variant)} /><span>{name}</span></label>)}
    </fieldset>
  );
}
