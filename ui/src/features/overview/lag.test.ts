import { describe, expect, it } from "vitest";
import type { LagPoint } from "../../bindings/types";
import { beside, lead, spark, weeks, whole } from "./lag";

const point = (day: string, p50: number, p95: number): LagPoint => ({
  day,
  p50_minutes: p50,
  p95_minutes: p95,
  count: 9,
});
const box = { width: 120, height: 44 };
const same = (day: string): string => day;

describe("the posting lag", () => {
  it("is drawn by weeks from Monday, each by its slowest day", () => {
    const days = [
      point("2026-11-23", 10, 61),
      point("2026-11-29", 10, 30),
      point("2026-11-30", 10, 60),
      point("2026-12-01", 10, 59),
    ];
    expect(weeks(days, 60)).toEqual([
      { from: "2026-11-23", minutes: 61, late: true },
      { from: "2026-11-30", minutes: 60, late: false },
    ]);
  });

  it("has the last twelve weeks", () => {
    const days = Array.from({ length: 20 }, (_, at) =>
      point(new Date(Date.UTC(2026, 0, 5 + 7 * at)).toISOString().slice(0, 10), 1, 1),
    );
    const drawn = weeks(days, 60);
    expect(drawn).toHaveLength(12);
    expect(drawn.at(-1)?.from).toBe("2026-05-18");
  });

  it("keeps the agreed time inside the picture, and one catch-up from flattening the others", () => {
    const at = (minutes: number) => ({ from: "2026-11-23", minutes, late: minutes > 60 });
    const calm = spark([at(5), at(10)], 60, box);
    expect(calm.sla).toBe(4);
    expect(calm.points.every((one) => one.y > 4)).toBe(true);
    const wild = spark([at(60), at(400_000)], 60, box);
    expect(wild.points[1]?.y).toBe(4);
    expect((wild.points[0]?.y ?? 0) - (wild.points[1]?.y ?? 0)).toBeGreaterThan(20);
    expect((wild.sla ?? 0) < box.height - 4).toBe(true);
  });

  it("says in one sentence where it stands", () => {
    expect(lead([point("a", 1, 2), point("b", 360, 1140)], 1440, same)).toBe(
      "On b half was in the ERP within 6\u00a0h, 95\u00a0% within 19\u00a0h; 24\u00a0h are agreed.",
    );
    expect(lead([], 60, same)).toBe("Nothing was booked in this time.");
  });

  it("says how often it was not kept, and that only what is booked counts", () => {
    expect(beside([point("a", 10, 61), point("b", 10, 60)], 60)).toContain(
      "Not kept on 1 of 2\u00a0days; the slowest took 1\u00a0h 1\u00a0min".replace(
        " 1\u00a0min",
        "\u00a01\u00a0min",
      ),
    );
    expect(beside([point("a", 10, 60)], 60)).toContain("Kept on each of 1\u00a0day.");
    expect(beside([point("a", 10, 60)], 60)).toContain("Only what has been booked counts");
  });

  it("never lets a line break part a number from its unit", () => {
    expect(whole(474_060)).toBe("329\u00a0d\u00a05\u00a0h");
    expect(lead([point("a", 10, 474_060)], 60, same)).not.toMatch(/\d (min|h|d)\b|\d %/);
  });

  it("draws nothing of nothing", () => {
    expect(spark(weeks([], 60), 60, box)).toMatchObject({ path: "", points: [] });
  });
});
