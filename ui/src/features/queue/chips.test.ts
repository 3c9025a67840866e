import { describe, expect, it } from "vitest";
import { query } from "../../lib/query";
import { amountFilter, chips, differs } from "./chips";

const look = { number_format: "en-GB", negative: "parentheses", date_format: "d MMM yyyy" } as const;
const read = (differing: Parameters<typeof query>[0]) =>
  chips(query(differing), null, look).map((chip) => `${chip.label} ${chip.value}`);

describe("filter chips", () => {
  it("says nothing of the queue itself", () =>
    expect(read({ queue: "unposted", entity: "GB01" })).toEqual([]));
  it("reads each filter in words", () => {
    expect(read({ state: "on_hold", assignee: "me", severity: ["high", "critical"] })).toEqual([
      "State On hold",
      "Assigned to you",
      "Severity high, critical",
    ]);
    expect(read({ kinds: ["wrong_period", "wrong_account"] })).toEqual(["Kind Wrong period, Wrong account"]);
    expect(read({ kinds: ["wrong_period", "wrong_account", "tax_mismatch"] })).toEqual([
      "Kind Wrong period and 2 more",
    ]);
    expect(read({ currency: "GBP", amount_from: "50000" })).toEqual(["At least £50,000.00"]);
    expect(read({ age_from_days: 8, age_to_days: null, overdue: true })).toEqual([
      "Age 8 days or more",
      "Overdue only",
    ]);
  });
  it("shows an amount that has lost its currency, so that it can be taken off", () => {
    const [chip] = chips(query({ amount_from: "50000" }), null, look);
    expect([chip?.id, chip?.off]).toEqual(["amount", { amount_from: null }]);
  });
  it("sends an amount only together with a currency", () => {
    expect(amountFilter("50,000", null, look)).toMatchObject({
      from: null,
      says: expect.stringMatching(/currency/),
    });
    expect(amountFilter("50,000", "GBP", look)).toEqual({ from: "50000", says: null });
    expect(amountFilter("-5", "GBP", look).from).toBeNull();
    expect(amountFilter("many", null, look).says).toMatch(/^Give an amount/);
    expect(amountFilter(" ", null, look)).toEqual({ from: null, says: null });
  });
  it("takes off exactly what it names", () => {
    for (const chip of chips(
      query({ search: "x", owner: "integration", overdue: true, waiting: "approval" }),
      null,
      look,
    )) {
      const left = chips(
        { ...query({ search: "x", owner: "integration", overdue: true, waiting: "approval" }), ...chip.off },
        null,
        look,
      );
      expect(left.map((one) => one.id)).not.toContain(chip.id);
      expect(left).toHaveLength(3);
    }
  });
  it("sees a difference whatever the order of keys", () => {
    expect(differs(query({ overdue: true }), { ...query(), overdue: true })).toBe(false);
    expect(differs(query(), query({ sort: [{ column: "due", descending: true }] }))).toBe(true);
  });
});
