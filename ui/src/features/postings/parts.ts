// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  {
    title: "Journal files of ledgers that are read from files",
    at: { testid: "journal-files-chip" },
    press: true,
  },
  { title: "Export the postings as CSV", at: { testid: "postings-csv" }, press: true },
];
