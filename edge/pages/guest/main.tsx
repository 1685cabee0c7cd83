/** Starts the guest page: reads the table's code from the address, then lets the pieces meet. */
import { render } from "preact";
import { signal } from "@preact/signals";
import "@holdfast/pages/look.css";
import "@holdfast/pages/menu/menu.css";
import "./guest.css";
import { App } from "./app";
import { Asking } from "./asking";
import { Hearing } from "./hearing";
import { rememberedMembership } from "./membership";
import { Table } from "./table";

/** How long an empty page is better than one that is drawn twice. */
const MENU_FIRST_MS = 150;

const code = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const table = new Table(code);
const asking = new Asking(table);
const instructions = signal("");
const hearing = new Hearing(table, asking, () => instructions.value);
asking.lookAgain = () => void hearing.resync();
const page = document.getElementById("page")!;

/** The menu is most likely here already, see the preload in guest.html; then it is the first thing to be drawn. */
async function start(): Promise<void> {
  await Promise.race([hearing.firstMenu(), new Promise((resolve) => setTimeout(resolve, MENU_FIRST_MS))]);
  page.textContent = "";
  const known = rememberedMembership(code);
  render(<App table={table} asking={asking} hearing={hearing} instructions={instructions} known={known} />, page);
}

void start();
