// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Report: flows", at: { heading: "ov-flows" } },
  { title: "Export what was late to Excel", at: { testid: "breaches-xlsx" }, press: true },
  { title: "Report: posting lag", at: { heading: "ov-lag" } },
  { title: "Report: ageing of open exceptions", at: { heading: "ov-age" } },
  { title: "Report: close readiness", at: { heading: "ov-close" } },
  { title: "Report: queue by owner", at: { heading: "ov-own" } },
  { title: "Report: billing to ledger", at: { heading: "ov-var" } },
];
