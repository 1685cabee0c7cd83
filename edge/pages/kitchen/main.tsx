/** Starts the kitchen page. `?station=grill` shows one station; without it the box decides. */
import { render } from "preact";
import "@holdfast/pages/look.css";
import "./kitchen.css";
import { Kitchen } from "./app";

const page = document.getElementById("page")!;
page.textContent = "";
render(<Kitchen station={new URLSearchParams(location.search).get("station")} />, page);
