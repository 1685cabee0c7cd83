/** Which size and colour: a chip each, with what it costs more. What is sold out can be seen and not be chosen. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { formatMoney, type ShopChoice } from "@holdfast/protocol";
import type { Bench } from "./bench";
import { canChoose, chosenOf, isSoldOut, variantOf } from "./variants";

export function Choices({ bench, currency }: { bench: Bench; currency: string }): JSX.Element | null {
  const { product } = bench;
  if (product.options.length === 0) return null;
  const choices = chosenOf(product, bench.looks.value.variant);
  const choose = (place: number, choice: ShopChoice): void => {
    const variant = variantOf(choices.map((each, at) => (at === place ? choice : each)));
    bench.change(variant ? { ...bench.looks.value, variant } : bench.looks.value);
  };
  return (
    <>
      {product.options.map((option, place) => (
        <div class="swatches" role="group" aria-label={option.name} key={option.id}>
          <span class="swatches-label">{option.name}</span>
          {option.choices.map((choice) => {
            const there = canChoose(product, choices, place, choice);
            return (
              <button type="button" class="chip choice" key={choice.id} aria-pressed={choices[place]?.id === choice.id} disabled={!there && choices[place]?.id !== choice.id} onClick={() => choose(place, choice)}>
                {choice.swatch && <Dot colour={choice.swatch} />}
                {choice.name}
                {!!choice.extra_minor && <span class="soft number">{choice.extra_minor > 0 ? "+" : "−"}{formatMoney(Math.abs(choice.extra_minor), currency)}</span>}
                {!there && <span class="soft">sold out</span>}
              </button>
            );
          })}
        </div>
      ))}
      {isSoldOut(product, choices) && <p class="field-error" role="alert">This size and colour is sold out; please choose another.</p>}
    </>
  );
}

function Dot({ colour }: { colour: string }): JSX.Element {
  const dot = useRef<HTMLElement>(null);
  // Set by script: the page's policy allows no style in the markup.
  useEffect(() => void dot.current?.style.setProperty("--swatch", colour), [colour]);
  return <i ref={dot} class="choice-dot" aria-hidden="true" />;
}
