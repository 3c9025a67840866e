// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Add a person", at: { testid: "person-add" }, press: true },
  { title: "Change your passphrase", at: { testid: "own-passphrase-change" }, press: true },
];
