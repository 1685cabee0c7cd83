/** The shop of a venue: a gallery of what can be designed, then the editor. The address's hash says where one is. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { signal, useSignal } from "@preact/signals";
import { formatMoney, type DesignTemplate, type Shop, type ShopProduct } from "@holdfast/protocol";
import { Refused } from "../http";
import { Empty, Waiting } from "../parts";
import { Bench, type ShopService } from "./bench";
import { Editor } from "./editor";
import { pricesOf } from "./variants";

export interface ShopProps {
  catalogue: () => Promise<Shop>;
  service: ShopService;
  /** What stands below the editor's tools: ordering, which is the box's or the cloud's own. */
  ordering: (bench: Bench, currency: string) => JSX.Element;
  aside?: ComponentChildren;
}

const AGAIN_AFTER_MS = 3_000;
const hash = signal(location.hash);
addEventListener("hashchange", () => void (hash.value = location.hash));

/** `#mug/UUID`: a product, and the design that is made on it. */
function place(): { product: string; design: string } | null {
  const [product = "", design = ""] = hash.value.replace(/^#/, "").split("/").map(decodeURIComponent);
  return product && design ? { product, design } : null;
}

function anew(product: ShopProduct): void {
  location.hash = `#${encodeURIComponent(product.product_id)}/${crypto.randomUUID?.() ?? uuid4()}`;
}

/** Pages of a box come over plain HTTP, where browsers have no `randomUUID`. */
function uuid4(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

export function ShopPage({ catalogue, service, ordering, aside }: ShopProps): JSX.Element {
  const shop = useSignal<Shop | null>(null);
  const trouble = useSignal<string | null>(null);
  useEffect(() => {
    let timer = 0;
    const look = async (): Promise<void> => {
      try {
        shop.value = await catalogue();
        trouble.value = null;
      } catch (error) {
        trouble.value = error instanceof Refused ? error.message : "No answer yet. Trying again…";
        timer = window.setTimeout(() => void look(), AGAIN_AFTER_MS);
      }
    };
    void look();
    return () => clearTimeout(timer);
  }, []);
  const at = place();
  const product = at && shop.value?.products.find((each) => each.product_id === at.product);
  const template = product && shop.value?.templates.find((each) => each.id === product.template);
  useEffect(() => {
    document.title = [product ? `Your ${product.name.toLowerCase()}` : "Shop", shop.value?.venue].filter(Boolean).join(" · ");
  }, [product, shop.value]);
  if (!shop.value) return <main class="shop"><Waiting words={trouble.value ?? "Opening the shop…"} /></main>;
  return (
    <main class="shop">
      <header class="shop-head">
        <h1>{product ? product.name : shop.value.venue}</h1>
        {product ? <a class="button small" href="#">All products</a> : aside}
      </header>
      {at && product && template
        ? <Making at={at.design} product={product} template={template} service={service} currency={shop.value.currency} ordering={(bench) => ordering(bench, shop.value!.currency)} key={at.design} />
        : <Gallery shop={shop.value} />}
    </main>
  );
}

interface MakingProps {
  at: string;
  product: ShopProduct;
  template: DesignTemplate;
  service: ShopService;
  currency: string;
  ordering: (bench: Bench) => JSX.Element;
}

function Making({ at, product, template, service, currency, ordering }: MakingProps): JSX.Element {
  const bench = useMemo(() => new Bench(service, product, template, at), [at]);
  return <Editor bench={bench} currency={currency}>{ordering(bench)}</Editor>;
}

function Gallery({ shop }: { shop: Shop }): JSX.Element {
  if (shop.products.length === 0) return <Empty title="Nothing is sold here yet"><p>The venue has no shop.</p></Empty>;
  return (
    <>
      <p class="soft">Put your picture or a few words on it.</p>
      <ul class="gallery">
        {shop.products.map((product) => (
          <li key={product.product_id}>
            <button type="button" class="product" onClick={() => anew(product)}>
              <Form template={shop.templates.find((each) => each.id === product.template)} />
              <strong>{product.name}</strong>
              <span class="soft">{product.words}</span>
              <Price product={product} currency={shop.currency} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** From its cheapest size and colour on, where they differ. */
function Price({ product, currency }: { product: ShopProduct; currency: string }): JSX.Element {
  const [least, most] = pricesOf(product);
  return <span class="price number">{least < most && <span class="soft">from </span>}{formatMoney(least, currency)}</span>;
}

/** The printed area in its own proportions. */
function Form({ template }: { template: DesignTemplate | undefined }): JSX.Element {
  const wide = template?.width_um ?? 1;
  const high = template?.height_um ?? 1;
  const per = 80 / Math.max(wide, high);
  const set = (element: HTMLElement | null): void => {
    element?.style.setProperty("width", `${Math.round(wide * per)}px`);
    element?.style.setProperty("height", `${Math.round(high * per)}px`);
  };
  return <span class="product-form" aria-hidden="true"><i ref={set} data-shape={template?.shape ?? "rectangle"} /></span>;
}
