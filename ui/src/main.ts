import "./styles/index.css";
import { mount } from "svelte";
import App from "./app/App.svelte";
import { applyTheme } from "./lib/theme";
import { FIRST_SETTINGS } from "./lib/desk.svelte";

// The system's theme paints first; the settings follow with the first answer of the desk.
applyTheme(FIRST_SETTINGS);
const target = document.getElementById("app");
if (target) mount(App, { target });
