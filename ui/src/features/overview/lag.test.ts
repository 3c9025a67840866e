import { describe, expect, it } from "vitest";
import type { LagPoint } from "../../bindings/types";
import { lagInWords, layOut, step } from "./lag";

const box = { width: 600, height: 200, left: 50, right: 10, top: 10, bottom: 20 };
const point = (day: string, p50: number, p95: number): LagPoint => ({ day, p50_minutes: p50, p95_minutes: p95, count: 9 });

describe("the lag chart", () => {
  it("keeps the SLA inside the picture even when everything is faster", () => {
    const chart = layOut([point("2026-11-01", 5, 10)], 1440, box, (d) => d);
    expect(chart.sla).toBeGreaterThanOrEqual(box.top);
    expect(chart.dots[0]?.p95 ?? 0).toBeGreaterThan(chart.sla);
  });

  it("places days by the calendar, not by their position in the list", () => {
    const chart = layOut([point("2026-11-01", 1, 2), point("2026-11-02", 1, 2), point("2026-11-05", 1, 2)], 60, box, (d) => d);
    const [a = 0, b = 0, c = 0] = chart.dots.map((d) => d.x);
    expect((c - b) / (b - a)).toBeCloseTo(3);
  });

  it("marks a day whose p95 is past the SLA, and only that", () => {
    const chart = layOut([point("2026-11-01", 10, 61), point("2026-11-02", 10, 60)], 60, box, (d) => d);
    expect(chart.dots.map((d) => d.late)).toEqual([true, false]);
  });

  it("names fewer days where the text is larger, so that none touches the next", () => {
    const month = Array.from({ length: 28 }, (_, i) => point(`2026-11-${String(i + 1).padStart(2, "0")}`, 1, 2));
    const days = (scale: number) => layOut(month, 60, { ...box, scale }, (d) => d).days;
    expect(days(1.5).length).toBeLessThan(days(1).length);
    const [first, second] = days(1.5).map((day) => day.at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(74 * 1.5);
  });

  it("never draws more than six grid lines above zero", () => {
    for (const top of [1, 59, 61, 1441, 100_000]) expect(Math.ceil(top / step(top))).toBeLessThanOrEqual(6);
  });

  it("survives no points and says so in words", () => {
    expect(layOut([], 60, box, (d) => d).dots).toEqual([]);
    expect(lagInWords([], 60, (d) => d)).toBe("Nothing was booked in this time.");
  });

  it("says how many days went over", () => {
    expect(lagInWords([point("a", 10, 61), point("b", 10, 60)], 60, (d) => d)).toContain("on 1 of 2 days");
  });
});
