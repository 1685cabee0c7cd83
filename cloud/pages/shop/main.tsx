/** Starts the shop at home: `/shop/{venue_id}`. The browser's own key says whose designs these are. */
import type { JSX } from "preact";
import { render } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type Shop, type ShopDesign } from "@holdfast/protocol";
import { ask, Refused, useShownAgain } from "@holdfast/pages";
import "@holdfast/pages/look.css";
import "@holdfast/pages/design/design.css";
import type { Bench, ShopService } from "@holdfast/pages/design/bench";
import { priceOf } from "@holdfast/pages/design/variants";
import { ShopPage } from "@holdfast/pages/design/shop";
import { upload } from "@holdfast/pages/design/upload";
import { guestKey } from "../guest_key";

const venue_id = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const token = guestKey();
const path = (design_id: string): string => `/designs/${encodeURIComponent(design_id)}`;

const service: ShopService = {
  begin: async (design_id, product_id, parameters) =>
    (await ask<ShopDesign>("POST", "/designs", { token, body: { venue_id, design_id, product_id, parameters } })).body,
  look: async (design_id) => (await ask<ShopDesign>("GET", path(design_id), { token })).body,
  change: async (design_id, version, parameters) =>
    (await ask<ShopDesign>("PATCH", path(design_id), { token, body: { version, parameters } })).body,
  preview: async (design_id, parameters) =>
    (await ask<{ preview_url: string }>("POST", `${path(design_id)}/preview`, { token, body: { parameters }, timeout_ms: 15_000 })).body.preview_url,
  upload: async (file) => upload(`/pictures?venue_id=${venue_id}`, file, { Authorization: `Bearer ${token}` }),
  pictureUrl: (blob) => `/pictures/${venue_id}/${blob}`,
};

/** Hands the design over and goes on to the checkout. */
function Ordering({ bench, currency }: { bench: Bench; currency: string }): JSX.Element {
  const busy = useSignal(false);
  const trouble = useSignal<string | null>(null);
  useShownAgain(() => (busy.value = false));
  const go = async (): Promise<void> => {
    busy.value = true;
    trouble.value = null;
    try {
      if (!(await bench.settle())) throw new Refused(409, "unsaved", bench.trouble.value ?? "This is not saved yet.");
      await ask("POST", `${path(bench.design_id)}/finalize`, { token, body: { version: bench.version } });
      location.href = `/shop/${venue_id}/orders#new/${bench.design_id}`;
    } catch (error) {
      trouble.value = error instanceof Refused ? error.message : "Nobody answers. Please press again.";
      busy.value = false;
    }
  };
  return (
    <>
      <section class="order-bar" aria-label="Order">
        <strong class="number">{formatMoney(priceOf(bench.product, bench.looks.value.variant), currency)}</strong>
        <button type="button" class="button go push" disabled={busy.value} onClick={() => void go()}>{busy.value ? "Handing over…" : "Order now"}</button>
      </section>
      {trouble.value && <p class="field-error" role="alert">{trouble.value}</p>}
    </>
  );
}

const page = document.getElementById("page")!;
page.textContent = "";
render(
  <ShopPage
    catalogue={async () => (await ask<Shop>("GET", `/shop/${venue_id}/catalogue`)).body}
    service={service}
    ordering={(bench, currency) => <Ordering bench={bench} currency={currency} />}
    aside={<a class="button small" href={`/shop/${venue_id}/orders#history`}>My orders</a>}
  />,
  page,
);
