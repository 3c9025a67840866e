import { describe, expect, it } from "vitest";
import type { FormView, HandoverLedger } from "../../bindings/types";
import type { Look } from "../../lib/format";
import { handedWords, suggestedName, toWrite } from "./handover";

const LOOK: Look = { number_format: "en-GB", negative: "minus", date_format: "yyyy-MM-dd" };

const allowed = {
  action: "hand_over",
  allowed: true,
  code: null,
  message: null,
  rule: null,
  who_could: [],
} as const;
const form: FormView = {
  name: "plain",
  title: "Plain",
  note: "",
  sources: [],
  options: [{ name: "rate", label: "Tax rate", needed: true, usual: null }],
};
const waiting = {
  posting: "pst_1",
  exception: "exc_1",
  reference: "INV-1",
  entity: "GB01",
  period: "2026-02",
  amount: "1.00",
  currency: "GBP",
  refusal: null,
};
const ledger: HandoverLedger = {
  connection: "ledger",
  on: true,
  usual: "plain",
  waiting: [waiting],
  action: { ...allowed, who_could: [] },
};

describe("a journal file", () => {
  it("is written only where something can leave and the form knows all that it needs", () => {
    expect(toWrite(ledger, form, {}, LOOK)).toContain("Tax rate");
    expect(toWrite(ledger, form, { rate: "None" }, LOOK)).toBeNull();
    expect(toWrite({ ...ledger, waiting: [] }, form, { rate: "None" }, LOOK)).toContain(
      "Nothing is approved",
    );
    expect(toWrite({ ...ledger, on: false }, form, { rate: "None" }, LOOK)).toContain("observes");
    expect(suggestedName(ledger, form)).toBe("journal-ledger.csv");
  });

  it("says of each posting what it still waits for", () => {
    const one = { state: "handed_over", outcome: "shown", current: true } as const;
    expect(handedWords(one, { confirmed_by: null }).says).toBe("Shown, to be confirmed");
    expect(handedWords({ ...one, outcome: "not_shown" }, { confirmed_by: "carl" }).tone).toBe("bad");
    expect(handedWords({ ...one, state: "settled" }, { confirmed_by: "carl" }).says).toBe("Posted");
  });
});
