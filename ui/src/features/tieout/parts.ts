// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Export the tie-out as CSV", at: { testid: "tieout-csv" }, press: true },
  { title: "Export the tie-out to Excel", at: { testid: "tieout-xlsx" }, press: true },
];
