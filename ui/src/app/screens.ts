// Every screen: its folder in `features`, what it is called, under which heading the navigation has it, and
// its key. A new screen is its folder and its line here.
export const SCREENS = [
  { name: "home", title: "Today", group: "Today", key: "mod+1" },
  { name: "overview", title: "Reports", group: "Close", key: "mod+shift+o" },
  { name: "close", title: "Cockpit", group: "Close", key: "mod+shift+k" },
  { name: "tieout", title: "Tie-out", group: "Close", key: "mod+3" },
  { name: "pilot", title: "Pilot's report", group: "Close", key: "mod+shift+l" },
  { name: "matching", title: "Matching", group: "Close", key: "mod+9" },
  { name: "postings", title: "Postings", group: "Ledger", key: "mod+4" },
  { name: "reviews", title: "Reviews", group: "Ledger", key: "mod+shift+r" },
  { name: "import", title: "Import", group: "Ledger", key: "mod+i" },
  { name: "connections", title: "Connections", group: "Ledger", key: "mod+5" },
  { name: "setup", title: "Mapping", group: "Ledger", key: "mod+m" },
  { name: "governance", title: "Policies", group: "Ledger", key: "mod+6" },
  { name: "audit", title: "Audit log", group: "Ledger", key: "mod+7" },
  { name: "people", title: "People", group: "Ledger", key: "mod+8" },
  { name: "settings", title: "Settings", group: "", key: "mod+," },
] as const;

/** A screen; the queues have entries of their own in the navigation. */
export type Screen = "queue" | (typeof SCREENS)[number]["name"];
