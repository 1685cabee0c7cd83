/** Starts the page of a table for phones that are not on the venue's Wi-Fi: `/v/{venue_id}/t/{code}`. */
import { render } from "preact";
import "@holdfast/pages/look.css";
import "@holdfast/pages/menu/menu.css";
import "./table.css";
import { App } from "./app";
import { FarGuest } from "./guest";
import { Watching } from "./watching";

const [, , venue_id = "", , code = ""] = location.pathname.split("/").map(decodeURIComponent);
const guest = new FarGuest(venue_id, code);
const page = document.getElementById("page")!;
page.textContent = "";
render(<App guest={guest} />, page);
void new Watching(guest).start();
