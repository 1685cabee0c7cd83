/** Starts the owner's dashboard. */
import { render } from "preact";
import "@holdfast/pages/look.css";
import "./owner.css";
import { App } from "./app";
import { Fleet } from "./fleet";

const page = document.getElementById("page")!;
page.textContent = "";
render(<App fleet={new Fleet()} />, page);
