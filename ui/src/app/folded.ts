// Which groups of the navigation are folded on this machine: a convenience of the window.
const KEY = "tieout.nav.folded";

export function folded(): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : []);
  } catch {
    return new Set(); // without storage everything is unfolded after the next start
  }
}

export function keepFolded(groups: ReadonlySet<string>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([...groups]));
  } catch {
    // As above.
  }
}
