// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Export the pilot's report to Excel", at: { testid: "pilot-xlsx" }, press: true },
];
