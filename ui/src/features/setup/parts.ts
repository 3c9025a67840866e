// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Propose a mapping from what was read", at: { testid: "mapping-propose" } },
  { title: "Exchange rates from a central bank's file", at: { testid: "mapping-rates" } },
];
