// The posting lag as one sentence and a small picture: a point a week. Minutes and counts only: no money is
// drawn here.
import type { LagPoint } from "../../bindings/types";
import { minutes as duration } from "../../lib/format";

/** A week's slowest day: how long 95 % of its postings took at most. */
export type Week = { from: string; minutes: number; late: boolean };
export type Spark = { path: string; points: { x: number; y: number; week: Week }[]; sla: number | null };

/** As many weeks as are drawn. */
const WEEKS = 12;
const DAY = 86_400_000;

/** A duration that no line break takes apart. */
export const whole = (minutes: number): string => duration(minutes).replaceAll(" ", "\u00a0");

/** The Monday of a day's week. */
function monday(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  const weekday = (new Date(at).getUTCDay() + 6) % 7;
  return new Date(at - weekday * DAY).toISOString().slice(0, 10);
}

/** The last weeks in which anything was booked, the oldest first. */
export function weeks(points: LagPoint[], sla: number): Week[] {
  const slowest = new Map<string, number>();
  for (const { day, p95_minutes } of points) {
    const from = monday(day);
    slowest.set(from, Math.max(slowest.get(from) ?? 0, p95_minutes));
  }
  return [...slowest]
    .sort(([a], [b]) => a.localeCompare(b))
    .slice(-WEEKS)
    .map(([from, minutes]) => ({ from, minutes, late: minutes > sla }));
}

/** Where they are drawn. One late catch-up must not flatten every other week: the picture ends at four times
 * the SLA. */
export function spark(all: Week[], sla: number, { width, height }: { width: number; height: number }): Spark {
  const most = Math.max(1, Math.min(Math.max(sla, ...all.map((one) => one.minutes)), 4 * sla || Infinity));
  const edge = 4;
  const y = (minutes: number): number => edge + (height - 2 * edge) * (1 - Math.min(minutes, most) / most);
  const x = (at: number): number =>
    all.length < 2 ? width / 2 : edge + ((width - 2 * edge) * at) / (all.length - 1);
  const points = all.map((week, at) => ({ x: x(at), y: y(week.minutes), week }));
  return {
    path: points.map((at, i) => `${i === 0 ? "M" : "L"}${at.x.toFixed(1)} ${at.y.toFixed(1)}`).join(""),
    points,
    sla: sla > 0 ? y(sla) : null,
  };
}

/** Where it stands, in one sentence. */
export function lead(points: LagPoint[], sla: number, say: (day: string) => string): string {
  const latest = points.at(-1);
  if (!latest) return "Nothing was booked in this time.";
  return (
    `On ${say(latest.day)} half was in the ERP within ${whole(latest.p50_minutes)}, ` +
    `95\u00a0% within ${whole(latest.p95_minutes)}; ${whole(sla)} are agreed.`
  );
}

/** How often it was not kept, and what is not in it. */
export function beside(points: LagPoint[], sla: number): string {
  const late = points.filter((one) => one.p95_minutes > sla);
  const most = Math.max(0, ...late.map((one) => one.p95_minutes));
  const days = `${points.length}\u00a0${points.length === 1 ? "day" : "days"}`;
  const over =
    late.length === 0
      ? `Kept on each of ${days}.`
      : `Not kept on ${late.length} of ${days}; the slowest took ${whole(most)}.`;
  return `${over} Only what has been booked counts: what is late or unposted is not in it.`;
}
