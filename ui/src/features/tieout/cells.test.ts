import { describe, expect, it } from "vitest";
import type { TieOutView } from "../../bindings/types";
import { choices, NO_FILTER, passes, requestOf, startsGroup, summary, titled, titlesOf } from "./cells";

const cell = (over: Partial<TieOutView>): TieOutView => ({
  entity: "US01",
  currency: "USD",
  period: "2026-10",
  account: "1100",
  account_name: "Accounts receivable",
  billing: "10.00",
  corrections: "0.00",
  settled: "0.00",
  not_ours: "0.00",
  noted: "0.00",
  tolerated: "0.00",
  opening: "0.00",
  reporting: null,
  material: false,
  ledger: "10.00",
  variance: "0.00",
  explained: "0.00",
  in_transit: "0.00",
  unexplained: "0.00",
  open_exceptions: 0,
  ...over,
});

describe("tie-out cells", () => {
  it("tells an explained variance from an unexplained one", () => {
    const explained = cell({ variance: "5.00", explained: "5.00" });
    expect(passes(explained, { ...NO_FILTER, show: "variance" })).toBe(true);
    expect(passes(explained, { ...NO_FILTER, show: "unexplained" })).toBe(false);
    expect(passes(explained, { ...NO_FILTER, entity: "GB01" })).toBe(false);
  });

  it("finds the cells with something in transit by themselves: the desk is asked for all of the rest", () => {
    const moving = { ...NO_FILTER, entity: "US01", show: "in_transit" as const };
    expect(
      [
        cell({ in_transit: "-3.00" }),
        cell({ in_transit: "0.00", unexplained: "1.00" }),
        cell({ in_transit: "3.00", entity: "GB01" }),
      ].map((one) => passes(one, moving)),
    ).toEqual([true, false, false]);
    expect(requestOf(moving)).toMatchObject({ entity: "US01", show: null });
  });

  it("offers each choice once, newest period first", () => {
    const found = choices([cell({}), cell({ period: "2026-11" }), cell({ account: "2400" })]);
    expect(found.periods).toEqual(["2026-11", "2026-10"]);
    expect(found.accounts).toEqual(["1100", "2400"]);
    expect(found.currencies).toEqual(["USD"]);
  });

  it("calls an account by its name where the ERPs agree on one", () => {
    const debtors = cell({ entity: "GB01", account_name: "Trade debtors" });
    expect([titled(cell({})), titled(cell({ account_name: null }))]).toEqual([
      "1100 Accounts receivable",
      "1100",
    ]);
    expect(titlesOf([cell({}), cell({ period: "2026-11" })]).get("1100")).toBe("1100 Accounts receivable");
    expect(titlesOf([cell({}), debtors, cell({})]).get("1100")).toBe("1100");
  });

  it("separates entities and currencies", () => {
    const cells = [
      cell({}),
      cell({ account: "2400" }),
      cell({ currency: "CAD" }),
      cell({ entity: "GB01", currency: "CAD" }),
    ];
    expect(cells.map((_, i) => startsGroup(cells, i))).toEqual([false, false, true, true]);
  });

  it("counts cells and never sums", () => {
    expect(summary([cell({ unexplained: "1.00" })], 3)).toEqual({
      cells: "1 of 3 cells",
      unexplained: 1,
      inTransit: 0,
    });
  });
});
