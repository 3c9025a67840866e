// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Explain a difference", at: { testid: "close-explain" }, press: true },
  { title: "Sign-offs of a period", at: { heading: "close-signed" } },
  { title: "Checklist of a close", at: { heading: "close-checklist" } },
  { title: "What blocks the close", at: { heading: "close-blockers" } },
  { title: "Deferred revenue and its schedules", at: { heading: "close-schedules" } },
  { title: "Make the period's evidence binder", at: { testid: "close-binder-make" }, press: true },
];
