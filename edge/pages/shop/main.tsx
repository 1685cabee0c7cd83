/** Starts the shop at a table: `/t/{code}/shop`, for whoever sits there. */
import { render } from "preact";
import type { Joined, PictureReply, Shop, ShopDesign } from "@holdfast/protocol";
import { ask, Empty, recall } from "@holdfast/pages";
import "@holdfast/pages/look.css";
import "@holdfast/pages/design/design.css";
import type { ShopService } from "@holdfast/pages/design/bench";
import { ShopPage } from "@holdfast/pages/design/shop";
import { upload } from "@holdfast/pages/design/upload";
import { TableOrdering } from "./ordering";

const code = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const me = recall<Joined>(`table.${code}`);
const page = document.getElementById("page")!;
const toTable = `/t/${encodeURIComponent(code)}`;

/** The box's addresses; the table session goes along with everything. */
function serviceOf({ session_pid, ws_token }: Joined): ShopService {
  const token = ws_token;
  const path = (design_id: string): string => `/designs/${encodeURIComponent(design_id)}`;
  return {
    begin: async (design_id, product_id, parameters) =>
      (await ask<ShopDesign>("POST", "/designs", { token, body: { session_pid, design_id, product_id, parameters } })).body,
    look: async (design_id) => (await ask<ShopDesign>("GET", `${path(design_id)}?session_pid=${session_pid}`, { token })).body,
    change: async (design_id, version, parameters) =>
      (await ask<ShopDesign>("PATCH", path(design_id), { token, body: { session_pid, version, parameters } })).body,
    preview: async (design_id, parameters) =>
      (await ask<{ preview_url: string }>("POST", `${path(design_id)}/preview`, { token, body: { session_pid, parameters }, timeout_ms: 15_000 })).body.preview_url,
    upload: async (file): Promise<PictureReply> => upload(`/pictures?session_pid=${session_pid}`, file, { Authorization: `Bearer ${token}` }),
    pictureUrl: (blob) => `/pictures/${blob}`,
  };
}

page.textContent = "";
if (me) {
  render(
    <ShopPage
      catalogue={async () => (await ask<Shop>("GET", "/shop/catalogue")).body}
      service={serviceOf(me)}
      ordering={(bench, currency) => <TableOrdering bench={bench} currency={currency} me={me} toTable={toTable} />}
      aside={<a class="button small" href={toTable}>Back to the table</a>}
    />,
    page,
  );
} else {
  render(<Empty title="Sit down first"><p><a class="button go" href={toTable}>To the table</a></p></Empty>, page);
}
