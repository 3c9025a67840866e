import { describe, expect, it } from "vitest";
import type { DeferredLineView, DocumentSchedule, ScheduleRow } from "../../bindings/types";
import type { Look } from "../../lib/format";
import { around, figure, perPeriod, rules, term } from "./schedules";

const look: Look = { number_format: "en", negative: "parentheses", date_format: "d MMM yyyy" };
const line: DeferredLineView = {
  product: "team",
  revenue: "4000",
  rule: "by service month",
  starts: "2026-01-01",
  ends: "2026-12-31",
  amount: "1200.00",
  periods: 12,
  least: "100.00",
  most: "100.00",
};
const schedule: DocumentSchedule = {
  document: "doc_1",
  reference: "INV-1",
  entity: "GB01",
  currency: "GBP",
  remainder: "what does not come out even is spread over the periods",
  due_days: 5,
  credits: null,
  void: false,
  lines: [line, line],
  rows: [],
};

describe("a revenue schedule", () => {
  it("says each rule once, and the remainder and the due days", () => {
    expect(rules(schedule, look)).toBe(
      "Released by service month; what does not come out even is spread over the periods. " +
        "Each release is due 5 days after the end of its period.",
    );
    const credit = { ...schedule, credits: "INV-5", due_days: 1, lines: [{ ...line, rule: "by day" }] };
    expect(rules(credit, look)).toContain("due 1 day after");
    expect(rules(credit, look)).toContain("It goes by the terms of INV-5, which it credits.");
  });

  it("says the same amount of each period once, and otherwise the range", () => {
    expect(perPeriod(line, "GBP", look)).toBe("12 periods, £100.00 each");
    expect(perPeriod({ ...line, periods: 1 }, "GBP", look)).toBe("1 period, £100.00");
    const days = { ...line, periods: 3, least: "28.00", most: "31.00" };
    expect(perPeriod(days, "GBP", look)).toBe("3 periods, £28.00 to £31.00");
    expect(perPeriod({ ...line, least: null, most: null }, "GBP", look)).toBe("–");
  });

  it("says a term as the reader writes dates, and that there is none", () => {
    expect(term(line, look)).toBe("1 Jan 2026 to 31 Dec 2026");
    expect(term({ ...line, ends: null }, look)).toBe("says no term");
  });

  it("shows nothing as a dash, and what is not known as nothing", () => {
    expect(figure("0.00", "GBP", look)).toBe("–");
    expect(figure(null, "GBP", look)).toBe("");
    expect(figure("-45.00", "GBP", look)).toBe("(45.00)");
  });

  it("shows the periods around one, and all where it is not there", () => {
    const rows = ["01", "02", "03", "04", "05"].map((month) => ({ period: `2026-${month}` }) as ScheduleRow);
    const shown = (period: string | null) => around(rows, period, 1).map((row) => row.period);
    expect(shown("2026-03")).toEqual(["2026-02", "2026-03", "2026-04"]);
    expect(shown("2026-01")).toEqual(["2026-01", "2026-02"]);
    expect(shown(null)).toHaveLength(5);
  });
});
