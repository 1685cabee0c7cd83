/** One product: what it is printed on, what it costs, how it travels, and its sizes and colours. Saved into the draft. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { minorDigits, toMajor } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { useAct } from "../act";
import { minorOf } from "./give_back";
import { idFor } from "./goods";
import { OptionFields, SoldOut, typedOf, optionsOf, type TypedOption } from "./option_fields";
import type { Carriage, Product, Products } from "./shapes";

const CARRIAGES: readonly [Carriage, string][] = [
  ["parcel", "By weight, as Shipping says"],
  ["bulky", "By weight, and each piece costs more"],
  ["collect", "Not at all: it is collected at the venue"],
];

export interface ProductFormProps {
  found: Products;
  /** None for a new one. */
  product: Product | null;
  onSave: (products: Product[]) => Promise<boolean>;
  onClose: () => void;
}

export function ProductForm({ found, product, onSave, onClose }: ProductFormProps): JSX.Element {
  const { currency, products, templates } = found;
  const major = (minor: number): string => toMajor(minor, currency).toFixed(minorDigits(currency));
  const name = useSignal(product?.name ?? "");
  const template = useSignal(product?.template ?? templates[0]?.id ?? "");
  const words = useSignal(product?.words ?? "");
  const price = useSignal(product ? major(product.price_minor) : "");
  const tax = useSignal(String((product?.tax_rate_bp ?? products[0]?.tax_rate_bp ?? 0) / 100));
  const weight = useSignal(String(product?.weight_g ?? 0));
  const carriage = useSignal<Carriage>(product?.carriage ?? "parcel");
  const active = useSignal(product?.active ?? true);
  const options = useSignal<TypedOption[]>((product?.options ?? []).map((each) => typedOf(each, currency)));
  const out = useSignal<string[]>(product?.sold_out ?? []);
  const act = useAct();
  const price_minor = minorOf(price.value, currency);
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      const made = optionsOf(options.value, currency);
      const id = product?.id ?? idFor(name.value, [...products, ...found.published].map((each) => each.id));
      const next: Product = {
        id, template: template.value, name: name.value.trim(), words: words.value.trim(), price_minor: price_minor ?? -1,
        tax_rate_bp: Math.round(Number(tax.value.replace(",", ".")) * 100), weight_g: Math.round(Number(weight.value)),
        carriage: carriage.value, active: active.value, options: made.options, sold_out: out.value.map((each) => made.renamed(each)).filter((each) => each !== null),
      };
      if (await onSave(product ? products.map((each) => (each.id === id ? next : each)) : [...products, next])) onClose();
    });
  };
  const remove = (): void => act.run(async () => {
    if (await onSave(products.filter((each) => each.id !== product?.id))) onClose();
  });
  return (
    <Sheet label={product?.name ?? "New product"} onClose={onClose} class="menu-sheet">
      <form class="form wide-form" onSubmit={submit}>
        <h2>{product?.name ?? "New product"}</h2>
        <div class="pair">
          <label class="field"><span>Name</span><input class="input" required maxLength={80} autofocus={!product} value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} /></label>
          <label class="field"><span>Printed on</span>
            <select class="input select" value={template.value} onChange={(event) => (template.value = event.currentTarget.value)}>{templates.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}</select>
          </label>
        </div>
        <label class="field"><span>A few words</span><input class="input" maxLength={200} value={words.value} onInput={(event) => (words.value = event.currentTarget.value)} /></label>
        <div class="pair">
          <label class="field"><span>Price ({currency})</span><input class="input" inputMode="decimal" required aria-invalid={price.value !== "" && price_minor === null} value={price.value} onInput={(event) => (price.value = event.currentTarget.value)} /></label>
          <label class="field"><span>Tax (%)</span><input class="input" inputMode="decimal" required value={tax.value} onInput={(event) => (tax.value = event.currentTarget.value)} /></label>
        </div>
        <div class="pair">
          <label class="field"><span>Weighs (g)</span><input class="input" inputMode="numeric" pattern="[0-9]+" required value={weight.value} onInput={(event) => (weight.value = event.currentTarget.value)} /></label>
          <label class="field"><span>How it is sent</span>
            <select class="input select" value={carriage.value} onChange={(event) => (carriage.value = event.currentTarget.value as Carriage)}>{CARRIAGES.map(([id, called]) => <option key={id} value={id}>{called}</option>)}</select>
          </label>
        </div>
        <OptionFields options={options} currency={currency} />
        <SoldOut options={options} out={out} />
        <label class="check"><input type="checkbox" checked={active.value} onChange={(event) => (active.value = event.currentTarget.checked)} /><span>Guests may order it</span></label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go wide" disabled={act.busy || price_minor === null}>Save</button>
        <p class="soft">Nothing changes for guests before you publish.</p>
        {product && <button type="button" class="button danger" disabled={act.busy} onClick={remove}>Take it away</button>}
      </form>
    </Sheet>
  );
}
