import { describe, expect, it } from "vitest";
import type { Said } from "../bindings/types";
import type { Look } from "./format";
import { told } from "./said";

const german: Look = { number_format: "de-DE", negative: "minus", date_format: "yyyy-MM-dd" };
const british: Look = { number_format: "en-GB", negative: "parentheses", date_format: "d MMM yyyy" };
const parts: Said[] = [
  { text: "Invoice INV-1 of " },
  { amount: { amount: "-37761.98", currency: "GBP" } },
  { text: " is of " },
  { period: "2026-05" },
  { text: "." },
];
const said = (look: Look): string => told(parts, "plain", look).replaceAll("\u00a0", " ");

describe("a sentence of the desk", () => {
  it("has its amounts and periods as the reader does", () => {
    expect(said(british)).toBe("Invoice INV-1 of (£37,761.98) is of May 2026.");
    expect(said(german)).toBe("Invoice INV-1 of \u221237.761,98 £ is of May 2026.");
  });

  it("keeps words that look like an amount as they are", () => {
    expect(told([{ text: "Number 37761.98 GBP" }], "", british)).toBe("Number 37761.98 GBP");
  });

  it("is shown as it was stored where it has no pieces", () => {
    expect(told([], "Booked as 12.00 GBP.", british)).toBe("Booked as 12.00 GBP.");
    expect(told(undefined, "Booked.", british)).toBe("Booked.");
  });
});
