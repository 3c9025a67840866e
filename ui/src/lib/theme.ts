import type { Settings } from "../bindings/types";

const dark = () => window.matchMedia("(prefers-color-scheme: dark)");
const contrast = () => window.matchMedia("(prefers-contrast: more)");

/** Puts theme, row height and text size on the document. */
export function applyTheme(settings: Settings): void {
  const system = contrast().matches ? "contrast" : dark().matches ? "dark" : "light";
  const root = document.documentElement;
  root.dataset["theme"] = settings.theme === "system" ? system : settings.theme;
  root.dataset["density"] = settings.density;
  root.style.setProperty("--text-size", String(settings.text_size / 100));
}

/** Follows the system while the theme is the system's. */
export function followSystem(again: () => void): () => void {
  const queries = [dark(), contrast()];
  for (const one of queries) one.addEventListener("change", again);
  return () => queries.forEach((one) => one.removeEventListener("change", again));
}
