/** Starts the staff page. Where somebody is on it stands behind the `#`, so a reload changes nothing. */
import { render } from "preact";
import "@holdfast/pages/look.css";
import "./staff.css";
import { StaffPage } from "./app";

const page = document.getElementById("page")!;
page.textContent = "";
render(<StaffPage />, page);
