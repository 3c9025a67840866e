import { describe, expect, it } from "vitest";
import type { LagPoint } from "../../bindings/types";
import { axis, lagInWords, layOut, step, whole } from "./lag";

const box = { width: 600, height: 200, left: 50, right: 10, top: 10, bottom: 20 };
const point = (day: string, p50: number, p95: number): LagPoint => ({
  day,
  p50_minutes: p50,
  p95_minutes: p95,
  count: 9,
});

describe("the lag chart", () => {
  it("keeps the SLA inside the picture even when everything is faster", () => {
    const chart = layOut([point("2026-11-01", 5, 10)], 1440, box, (d) => d);
    expect(chart.sla).toBeGreaterThanOrEqual(box.top);
    expect(chart.dots[0]?.p95 ?? 0).toBeGreaterThan(chart.sla);
  });

  it("places days by the calendar, not by their position in the list", () => {
    const chart = layOut(
      [point("2026-11-01", 1, 2), point("2026-11-02", 1, 2), point("2026-11-05", 1, 2)],
      60,
      box,
      (d) => d,
    );
    const [a = 0, b = 0, c = 0] = chart.dots.map((d) => d.x);
    expect((c - b) / (b - a)).toBeCloseTo(3);
  });

  it("marks a day whose p95 is past the SLA, and only that", () => {
    const chart = layOut([point("2026-11-01", 10, 61), point("2026-11-02", 10, 60)], 60, box, (d) => d);
    expect(chart.dots.map((d) => d.late)).toEqual([true, false]);
  });

  it("names fewer days where the text is larger, so that none touches the next", () => {
    const month = Array.from({ length: 28 }, (_, i) =>
      point(`2026-11-${String(i + 1).padStart(2, "0")}`, 1, 2),
    );
    const days = (scale: number) => layOut(month, 60, { ...box, scale }, (d) => d).days;
    expect(days(1.5).length).toBeLessThan(days(1).length);
    const [first, second] = days(1.5).map((day) => day.at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(74 * 1.5);
  });

  it("never draws more than six grid lines above zero", () => {
    for (const top of [1, 59, 61, 1441, 100_000]) expect(Math.ceil(top / step(top))).toBeLessThanOrEqual(6);
  });

  it("cuts the axis at four times the SLA, so that one catch-up leaves the other days to be read", () => {
    const points = [
      point("2026-11-01", 10, 61),
      point("2026-11-02", 40, 60),
      point("2026-11-03", 9_000, 400_000),
    ];
    expect(axis(points, 60)).toEqual({ unit: 60, top: 240 });
    const chart = layOut(points, 60, box, (d) => d);
    expect(chart.dots.map((d) => d.above)).toEqual([false, false, true]);
    expect([chart.dots[2]?.p95, chart.dots[2]?.p50]).toEqual([box.top, box.top]);
    expect(lagInWords(points, 60, (d) => d)).toContain(`One day lies above the axis, at ${whole(400_000)}.`);
    expect(lagInWords([...points, point("2026-11-04", 1, 241)], 60, (d) => d)).toContain(
      `2 days lie above the axis, the slowest at ${whole(400_000)}.`,
    );
  });

  it("ends the axis at the slowest where that is nearer, and then says nothing of an end", () => {
    const points = [point("2026-11-01", 10, 100), point("2026-11-02", 40, 60)];
    expect(axis(points, 60).top).toBe(120);
    expect(lagInWords(points, 60, (d) => d)).not.toContain("axis");
  });

  it("never lets a line break part a number from its unit", () => {
    expect(whole(474_060)).toBe("329\u00a0d\u00a05\u00a0h");
    expect(lagInWords([point("a", 10, 474_060)], 60, (d) => d)).not.toMatch(/\d (min|h|d)\b|\d %/);
  });

  it("says that only what is booked counts", () => {
    expect(lagInWords([point("a", 10, 61)], 60, (d) => d)).toContain("Only what has been booked counts");
  });

  it("survives no points and says so in words", () => {
    expect(layOut([], 60, box, (d) => d).dots).toEqual([]);
    expect(lagInWords([], 60, (d) => d)).toBe("Nothing was booked in this time.");
  });

  it("says how many days went over", () => {
    expect(lagInWords([point("a", 10, 61), point("b", 10, 60)], 60, (d) => d)).toContain("on 1 of 2 days");
  });
});
