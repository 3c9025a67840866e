// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Verify the log", at: { testid: "verify" } },
  { title: "Export the log as CSV", at: { testid: "log-csv" }, press: true },
  { title: "Export the log to Excel", at: { testid: "log-xlsx" }, press: true },
];
