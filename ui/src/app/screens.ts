// Every screen: its folder in `features`, what it is called, under which heading the navigation has it, and
// its key. A new screen is its folder and its line here.
export const SCREENS = [
  { name: "overview", title: "Overview", group: "Close", key: "mod+2" },
  { name: "tieout", title: "Tie-out", group: "Close", key: "mod+3" },
  { name: "postings", title: "Postings", group: "Ledger", key: "mod+4" },
  { name: "connections", title: "Connections", group: "Ledger", key: "mod+5" },
  { name: "governance", title: "Policies", group: "Ledger", key: "mod+6" },
  { name: "audit", title: "Audit log", group: "Ledger", key: "mod+7" },
  { name: "people", title: "People", group: "Ledger", key: "mod+8" },
  { name: "settings", title: "Settings", group: "", key: "mod+," },
] as const;

/** A screen; the queue is the home, and has its own entries in the navigation. */
export type Screen = "queue" | (typeof SCREENS)[number]["name"];
