/** What a draft of products differs in from what is sold, and how a product stands. Pure. */
import type { Tone } from "@holdfast/pages";
import type { Option, Product } from "./shapes";

const same = (one: Product | undefined, other: Product | undefined): boolean => JSON.stringify(plain(one)) === JSON.stringify(plain(other));

/** With everything said, so that two spellings of one product are equal. */
function plain(product: Product | undefined): unknown {
  if (!product) return null;
  const { id, template, name, price_minor, tax_rate_bp = 0, weight_g = 0, words = "", options = [], sold_out = [], carriage = "parcel", active = true } = product;
  const chosen = options.map((option) => [option.id, option.name, option.choices.map(({ id: choice, name: called, extra_minor = 0, extra_g = 0, swatch = "" }) => [choice, called, extra_minor, extra_g, swatch])]);
  return [id, template, name, price_minor, tax_rate_bp, weight_g, words, chosen, [...sold_out].sort(), carriage, active];
}

/** Sentences about what publishing would change. */
export function changesOf(draft: Product[], published: Product[], money: (minor: number) => string): string[] {
  const before = new Map(published.map((each) => [each.id, each]));
  const after = new Map(draft.map((each) => [each.id, each]));
  const changed = draft.filter((each) => !same(before.get(each.id), each));
  const words = (old: Product | undefined, each: Product): string => {
    if (!old) return `new, ${money(each.price_minor)}`;
    return old.price_minor === each.price_minor ? "changed" : `${money(old.price_minor)} → ${money(each.price_minor)}`;
  };
  const found = changed.map((each) => `${each.name}: ${words(before.get(each.id), each)}`);
  const gone = published.filter((each) => !after.has(each.id)).map((each) => `${each.name}: taken away`);
  const stays = (of: Product[]): string => of.filter((each) => before.has(each.id) && after.has(each.id)).map((each) => each.id).join(" ");
  return [...found, ...gone, ...(stays(draft) === stays(published) ? [] : ["Another order"])];
}

export function standingOf(product: Product, published: Product[]): { words: string; tone: Tone } | null {
  const before = published.find((each) => each.id === product.id);
  if (!before) return { words: "not published", tone: "warn" };
  if (!same(before, product)) return { words: "changed", tone: "warn" };
  return product.active === false ? { words: "not sold", tone: "calm" } : null;
}

/** Every variant of some options, and what it is called: `l/navy`, `L, navy`. */
export function variantsOf(options: Option[]): { variant: string; name: string }[] {
  let found: { variant: string; name: string }[] = [{ variant: "", name: "" }];
  for (const option of options) {
    found = found.flatMap((each) => option.choices.map((choice) => ({
      variant: [each.variant, choice.id].filter(Boolean).join("/"), name: [each.name, choice.name].filter(Boolean).join(", "),
    })));
  }
  return options.length > 0 ? found : [];
}

/** An id for a name: small letters, digits and -, unlike those that are there. */
export function idFor(name: string, taken: string[]): string {
  const plainName = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 24) || "thing";
  for (let place = 1; ; place++) {
    const id = place === 1 ? plainName : `${plainName}-${place}`;
    if (!taken.includes(id)) return id;
  }
}
