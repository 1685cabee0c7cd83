/**
 * What a venue's shop sells: a list to open, put in order and publish.
 *
 * Changes go into a draft that every colleague sees; nothing is sold otherwise before it is published. Where somebody was
 * quicker, the draft is shown as it stands now, and nothing of one's own was done.
 */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge, count, Empty, Refused, Sheet } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import type { Venue } from "../figures";
import { Card, Page } from "../page";
import { addressOf } from "../place";
import { Asked, useAsked } from "../states";
import { changesOf, standingOf, variantsOf } from "./goods";
import { ProductForm } from "./product_form";
import type { Product, Products } from "./shapes";

export function ProductsPage({ fleet, venue_id, product }: { fleet: Fleet; venue_id: string; product: string | null }): JSX.Element {
  const venues = fleet.sorted.value;
  const venue = venues.find((each) => each.venue_id === venue_id) ?? venues[0];
  return (
    <>
      <p class="shop-back"><a class="back" href={addressOf("shop")}>‹ All orders</a></p>
      <Page title="Products" about="Orders that were made keep their price." actions={venues.length > 1 && (
        <select class="input select" aria-label="Venue" value={venue?.venue_id} onChange={(event) => (location.hash = addressOf("shop", "products", event.currentTarget.value))}>
          {venues.map((each) => <option key={each.venue_id} value={each.venue_id}>{each.name}</option>)}
        </select>
      )}>
        {venue ? <OfVenue key={venue.venue_id} fleet={fleet} venue={venue} product={product} /> : <Empty title="No venue yet" />}
      </Page>
    </>
  );
}

interface OfVenueProps { fleet: Fleet; venue: Venue; product: string | null }

function OfVenue({ fleet, venue, product }: OfVenueProps): JSX.Element {
  const path = `/api/venues/${encodeURIComponent(venue.venue_id)}/products`;
  const asked = useAsked<Products>(fleet, path);
  return <Asked of={asked} waiting="Fetching the products…">{(body) => <Goods fleet={fleet} venue={venue} path={path} found={body} open={product} onChange={asked.again} />}</Asked>;
}

interface GoodsProps {
  fleet: Fleet;
  venue: Venue;
  path: string;
  found: Products;
  open: string | null;
  onChange: () => void;
}

function Goods({ fleet, venue, path, found, open, onChange }: GoodsProps): JSX.Element {
  const act = useAct();
  const late = useSignal(false);
  const publishing = useSignal(false);
  const done = useSignal(false);
  const { products, published, version } = found;
  const changes = changesOf(products, published, (minor) => formatMoney(minor, found.currency));
  const list = addressOf("shop", "products", venue.venue_id);
  /** Whether it was done; a colleague's change is shown instead of being written over. */
  const ask = async (method: "POST" | "PUT", to: string, body: object): Promise<boolean> => {
    try {
      await fleet.ask(method, to, { version, ...body });
      late.value = false;
      return true;
    } catch (error) {
      if (!(error instanceof Refused && error.code === "products_changed")) throw error;
      late.value = true;
      return false;
    } finally {
      onChange();
    }
  };
  const save = (next: Product[]): Promise<boolean> => {
    done.value = false;
    return ask("PUT", path, { products: next });
  };
  const move = (at: number): void => act.run(async () => void (await save(products.map((each, place) => (place === at - 1 ? products[at]! : place === at ? products[at - 1]! : each)))));
  const publish = (): void => act.run(async () => {
    done.value = await ask("POST", `${path}/publish`, {});
    publishing.value = false;
  });
  const shown = products.find((each) => each.id === open);
  return (
    <>
      {late.value && <p class="note warn" role="alert">A colleague changed the products in the meantime. This is how they stand now; nothing of yours was done.</p>}
      {changes.length > 0
        ? <div class="note warn shop-publish"><p><strong>{count(changes.length, "change")} not published.</strong> Guests see none of it yet.{found.changed_by && ` Last changed by ${found.changed_by}.`}</p><button type="button" class="button go" disabled={act.busy} onClick={() => (publishing.value = true)}>Publish…</button></div>
        : done.value && <p class="good-news" role="status">Published. Tables of a venue without internet sell this as soon as it is back.</p>}
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      {products.length === 0 && <Empty title="Nothing is sold yet"><p>Add a mug, a shirt or a print; guests design it at their table or at home.</p></Empty>}
      {products.length > 0 && (
        <Card>
          <ul class="rows">{products.map((each, at) => <Row key={each.id} product={each} found={found} list={list} onUp={at > 0 ? () => move(at) : null} />)}</ul>
        </Card>
      )}
      <p><a class="button" href={`${list}/new`}>Add a product</a></p>
      {(shown || open === "new") && <ProductForm key={open} found={found} product={shown ?? null} onSave={save} onClose={() => (location.hash = list)} />}
      {publishing.value && (
        <Sheet label="Publish" onClose={() => (publishing.value = false)}>
          <div class="form">
            <h2>Publish to {venue.name}?</h2>
            <ul class="shop-changes">{changes.map((each) => <li key={each}>{each}</li>)}</ul>
            <p class="soft">It is sold like this at home at once, and at the tables as soon as the venue hears of it.</p>
            {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
            <button type="button" class="button go wide" disabled={act.busy} onClick={publish}>Publish</button>
          </div>
        </Sheet>
      )}
    </>
  );
}

function Row({ product, found, list, onUp }: { product: Product; found: Products; list: string; onUp: (() => void) | null }): JSX.Element {
  const state = standingOf(product, found.published);
  const template: string = found.templates.find((each) => each.id === product.template)?.name ?? product.template;
  const kinds = variantsOf(product.options ?? []).length;
  const out = product.sold_out?.length ?? 0;
  const about = [template !== product.name && template, kinds > 0 && count(kinds, "variant"), out > 0 && `${out} sold out`, product.carriage === "collect" && "collected only", product.carriage === "bulky" && "bulky"];
  return (
    <li class="shop-good">
      <a class="shop-row" href={`${list}/${encodeURIComponent(product.id)}`}>
        <span class="row-words"><strong>{product.name}</strong><span class="soft">{about.filter(Boolean).join(" · ")}</span></span>
        {state && <Badge tone={state.tone}>{state.words}</Badge>}
        <span class="number shop-total">{formatMoney(product.price_minor, found.currency)}</span>
      </a>
      <button type="button" class="button small" aria-label={`${product.name} one up`} disabled={!onUp} onClick={() => onUp?.()}>↑</button>
    </li>
  );
}
