// Sentences of the desk, their amounts, periods and instants as the reader has them.
import type { Said } from "../bindings/types";
import { amount, instant, type Look, period } from "./format";

const written = (part: Said, look: Look): string => {
  if ("text" in part) return part.text;
  if ("amount" in part) return amount(part.amount.amount, part.amount.currency, look);
  if ("period" in part) return period(part.period);
  return instant(part.instant, look);
};

/** A sentence for the page. One without pieces is an older text: it is shown as it is. */
export const told = (parts: Said[] | undefined, plain: string, look: Look): string =>
  parts?.length ? parts.map((part) => written(part, look)).join("") : plain;
