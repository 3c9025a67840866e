// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Import files", at: { testid: "import-open" }, press: true },
  { title: "Add a connection", at: { testid: "connection-add" }, press: true },
  { title: "Sync all connections", at: { testid: "sync-all" } },
];
