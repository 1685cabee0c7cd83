/** Starts the guest page: reads the table's code from the address, then lets the pieces meet. */
import { render } from "preact";
import { signal } from "@preact/signals";
import "@holdfast/pages/look.css";
import "./guest.css";
import { App } from "./app";
import { Asking } from "./asking";
import { Hearing } from "./hearing";
import { rememberedMembership } from "./membership";
import { Table } from "./table";

const code = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const table = new Table(code);
const asking = new Asking(table);
const instructions = signal("");
const hearing = new Hearing(table, asking, () => instructions.value);
// Before anything is drawn: the answer is most likely here already, see the preload in guest.html.
void hearing.firstMenu();
const page = document.getElementById("page")!;
page.textContent = "";
render(
  <App
    table={table} asking={asking} hearing={hearing} instructions={instructions}
    known={rememberedMembership(code)}
  />,
  page,
);
