/** Sizes and colours of a product, as `protocol/design/variants.py` has them: what is chosen, and what it costs. Pure. */
import type { ShopChoice, ShopProduct } from "@holdfast/protocol";

/** One choice of each option; those that a design does not name are the first. */
export function chosenOf(product: ShopProduct, variant: string | undefined): ShopChoice[] {
  const ids = (variant ?? "").split("/");
  return product.options.map((option, place) => option.choices.find((choice) => choice.id === ids[place]) ?? option.choices[0]!);
}

/** The variant as it is written down; undefined for what comes in one kind. */
export function variantOf(choices: ShopChoice[]): string | undefined {
  return choices.length > 0 ? choices.map((choice) => choice.id).join("/") : undefined;
}

export function isSoldOut(product: ShopProduct, choices: ShopChoice[]): boolean {
  return product.sold_out.includes(variantOf(choices) ?? "");
}

/** Whether a choice can be had with the other choices as they are. */
export function canChoose(product: ShopProduct, choices: ShopChoice[], place: number, choice: ShopChoice): boolean {
  return !isSoldOut(product, choices.map((each, at) => (at === place ? choice : each)));
}

/** Of a piece, in minor units. */
export function priceOf(product: ShopProduct, variant: string | undefined): number {
  return Math.max(0, chosenOf(product, variant).reduce((sum, choice) => sum + (choice.extra_minor ?? 0), product.price_minor));
}

/** The cheapest and the dearest that a piece can be. */
export function pricesOf(product: ShopProduct): [number, number] {
  const extras = product.options.map((option) => option.choices.map((choice) => choice.extra_minor ?? 0));
  const sum = (pick: (...of: number[]) => number): number => Math.max(0, extras.reduce((total, each) => total + pick(...each), product.price_minor));
  return [sum(Math.min), sum(Math.max)];
}
