/** Starts the page of a guest's own wallet. */
import { render } from "preact";
import "@holdfast/pages/look.css";
import "./wallet.css";
import { WalletApp } from "./app";

const page = document.getElementById("page")!;
page.textContent = "";
render(<WalletApp venue_id={location.pathname.split("/")[2] ?? ""} />, page);
