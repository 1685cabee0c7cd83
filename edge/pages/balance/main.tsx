/** Starts a guest's own balance: `/balance`, with a code of the counter behind the `#` the first time. */
import { render } from "preact";
import "@holdfast/pages/look.css";
import "./balance.css";
import { BalanceApp } from "./app";

const page = document.getElementById("page")!;
page.textContent = "";
render(<BalanceApp />, page);
