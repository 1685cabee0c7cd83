/** Starts the guest's page of orders. */
import { render } from "preact";
import "@holdfast/pages/look.css";
import "./orders.css";
import { App } from "./app";
import { Counter } from "./counter";

const page = document.getElementById("page")!;
page.textContent = "";
render(<App counter={new Counter()} />, page);
