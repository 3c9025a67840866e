// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

const REVIEW = { show: "review" };

export const parts: PartOfScreen[] = [
  { title: "Add a person", at: { testid: "person-add" }, press: true },
  { title: "Change your passphrase", at: { testid: "own-passphrase-change" }, press: true },
  { title: "Access review: who may do what", at: { heading: "access-title" }, params: REVIEW },
  { title: "Conflicts of duties", at: { heading: "access-conflicts" }, params: REVIEW },
  { title: "Sign the access review", at: { testid: "access-sign" }, press: true, params: REVIEW },
  {
    title: "Export the access review to Excel",
    at: { testid: "access-xlsx" },
    press: true,
    params: REVIEW,
  },
  {
    title: "Export conflicts of duties to Excel",
    at: { testid: "conflicts-xlsx" },
    press: true,
    params: REVIEW,
  },
];
