import { describe, expect, it } from "vitest";
import type { AgeBucket, CloseCell, FlowView, VarianceCell } from "../../bindings/types";
import { agedAs, blockingOf, brokenOf, byCurrency, closeMatrix, ownedBy, shares } from "./figures";
import { lateOf } from "../../lib/late";

const bucket = (from_days: number): AgeBucket => ({
  label: "",
  from_days,
  count: 1,
  overdue: 0,
  soon: 0,
  sums: [],
});
const flow = { flow: "invoice_to_erp" } as FlowView;

describe("the queue behind a figure", () => {
  it("late and broken share no kind, and together are every kind", () => {
    const kinds = [
      "unposted",
      "late_for_closed_period",
      "customer_not_in_erp",
      "amount_mismatch",
      "dead_letter",
    ];
    const late = lateOf(flow.flow).kinds ?? [];
    const broken = brokenOf(flow, kinds).kinds ?? [];
    expect(broken).toEqual(["amount_mismatch", "dead_letter"]);
    expect([...late, ...broken].sort()).toEqual([...kinds].sort());
  });

  it("an age bucket ends where the next begins, and the last never ends", () => {
    const buckets = [bucket(0), bucket(2), bucket(30)];
    expect(agedAs(buckets, 1, false)).toEqual({ age_from_days: 2, age_to_days: 30, overdue: false });
    expect(agedAs(buckets, 2, true)).toEqual({ age_from_days: 30, age_to_days: null, overdue: true });
  });

  it("a team's unassigned items are nobody's, not anyone's", () => {
    const row = { owner: "integration", name: "Integration", assignee: null, count: 3, overdue: 1 };
    expect(ownedBy(row, false).assignee).toBe("nobody");
    expect(ownedBy({ ...row, assignee: "per_1" }, true)).toEqual({
      owner: "integration",
      assignee: "per_1",
      overdue: true,
    });
  });

  it("what blocks a period is all of it, or all but what is low", () => {
    const cell = { entity: "US01", period: "2026-10", open: 5 } as CloseCell;
    expect(blockingOf({ ...cell, blocking: 5 }).severity).toBeUndefined();
    expect(blockingOf({ ...cell, blocking: 3 }).severity).toEqual(["medium", "high", "critical"]);
  });

  it("the smallest count above zero is still seen", () => {
    expect(shares([1000, 1, 0])).toEqual([1000, 6, 0]);
    expect(shares([0, 0])).toEqual([0, 0]);
    expect(shares([])).toEqual([]);
  });

  it("a period that an entity lacks is an empty place, not a shifted one", () => {
    const cell = (entity: string, period: string) => ({ entity, period }) as CloseCell;
    const matrix = closeMatrix([cell("US01", "2026-09"), cell("US01", "2026-10"), cell("JP01", "2026-10")]);
    expect(matrix.periods).toEqual(["2026-10", "2026-09"]);
    expect(matrix.cell("JP01", "2026-09")).toBeNull();
    expect(matrix.cell("JP01", "2026-10")?.entity).toBe("JP01");
  });

  it("currencies are never drawn together", () => {
    const cell = (currency: string) => ({ currency }) as VarianceCell;
    expect(
      byCurrency([cell("USD"), cell("JPY"), cell("USD")]).map((g) => [g.currency, g.cells.length]),
    ).toEqual([
      ["USD", 2],
      ["JPY", 1],
    ]);
  });
});
