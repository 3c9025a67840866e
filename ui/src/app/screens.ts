// Every screen: its folder in `features`, what it is called, under which heading the navigation has it, and
// its key. A new screen is its folder and its line here. `follows`: what of the header's pickers it
// obeys; `apart` is what shows nothing by entity or period.
export type Follows = "both" | "entity" | "apart";
export const SCREENS = [
  { name: "home", title: "Today", group: "Today", key: "mod+1", follows: "entity" },
  { name: "close", title: "Cockpit", group: "Close", key: "mod+shift+k", follows: "both" },
  { name: "tieout", title: "Tie-out", group: "Close", key: "mod+3", follows: "both" },
  { name: "matching", title: "Matching", group: "Close", key: "mod+9", follows: "entity" },
  { name: "reviews", title: "Review packets", group: "Close", key: "mod+shift+r", follows: "apart" },
  { name: "overview", title: "Reports", group: "Close", key: "mod+shift+o", follows: "both" },
  { name: "pilot", title: "Pilot's report", group: "Close", key: "mod+shift+l", follows: "both" },
  { name: "postings", title: "Postings", group: "Ledger", key: "mod+4", follows: "both" },
  { name: "import", title: "Import", group: "Ledger", key: "mod+i", follows: "apart" },
  { name: "connections", title: "Connections", group: "Ledger", key: "mod+5", follows: "apart" },
  { name: "setup", title: "Mapping", group: "Ledger", key: "mod+m", follows: "entity" },
  { name: "governance", title: "Policies", group: "Ledger", key: "mod+6", follows: "apart" },
  { name: "audit", title: "Audit log", group: "Ledger", key: "mod+7", follows: "apart" },
  { name: "people", title: "People", group: "Ledger", key: "mod+8", follows: "apart" },
  { name: "settings", title: "Settings", group: "", key: "mod+,", follows: "apart" },
] as const satisfies { follows: Follows; [more: string]: string }[];

/** A screen; the queues have entries of their own in the navigation. */
export type Screen = "queue" | (typeof SCREENS)[number]["name"];

/** What a screen obeys of the entity and period that are picked in the header. */
export const follows = (screen: Screen): Follows =>
  SCREENS.find((one) => one.name === screen)?.follows ?? "both";

/** What to say where something is picked that the screen does not obey; "" where it does. */
export function notHere(screen: Screen, period: string | null): string {
  const obeys = follows(screen);
  if (obeys === "apart") return "";
  const ignored = period !== null && obeys !== "both";
  return ignored ? "the period does not narrow this screen" : "";
}
