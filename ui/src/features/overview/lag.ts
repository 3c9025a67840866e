// The geometry of the posting-lag chart. Minutes and counts only: no money is drawn here.
import type { LagPoint } from "../../bindings/types";
import { minutes as duration } from "../../lib/format";

export type Box = {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** A text's size against the usual one. */
  scale?: number;
};
type Tick = { at: number; label: string };
export type Dot = {
  x: number;
  p50: number;
  p95: number;
  late: boolean;
  /** Its slowest 5 % lie above the axis: the mark at its end stands for them. */
  above: boolean;
  point: LagPoint;
};
export type LagChart = { p50: string; p95: string; sla: number; dots: Dot[]; rows: Tick[]; days: Tick[] };

const MINUTES_A_DAY = 1440;

/** One late catch-up must not flatten every other day: the axis goes no further than this many times the
 * SLA. */
const FURTHEST = 4;

/** A duration that no line break takes apart. */
export const whole = (minutes: number): string => duration(minutes).replaceAll(" ", "\u00a0");

/** Steps that fall on whole minutes, hours or days, so that a grid line has a name. */
const STEPS = [
  5,
  10,
  15,
  30,
  60,
  120,
  180,
  240,
  360,
  480,
  720,
  MINUTES_A_DAY,
  2 * MINUTES_A_DAY,
  7 * MINUTES_A_DAY,
];

export function step(top: number): number {
  return STEPS.find((one) => top / one <= 5) ?? Math.ceil(top / 5 / MINUTES_A_DAY) * MINUTES_A_DAY;
}

function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
}

/** Where the axis ends, and its steps: at the slowest, or at a few times the SLA, on a whole step. */
export function axis(points: LagPoint[], slaMinutes: number): { unit: number; top: number } {
  const slowest = points.reduce((most, p) => Math.max(most, p.p95_minutes), slaMinutes);
  const highest = Math.min(slowest, FURTHEST * slaMinutes);
  const unit = step(Math.max(highest, 1));
  return { unit, top: Math.max(unit, Math.ceil(highest / unit) * unit) };
}

/** Where everything goes; `say` names a day. The SLA is always inside the picture; what lies above the axis
 * is drawn at its end. */
export function layOut(
  points: LagPoint[],
  slaMinutes: number,
  box: Box,
  say: (day: string) => string,
): LagChart {
  const { unit, top } = axis(points, slaMinutes);
  const first = dayNumber(points[0]?.day ?? "1970-01-01");
  const last = dayNumber(points.at(-1)?.day ?? "1970-01-01");
  const span = Math.max(1, last - first);
  const inner = { width: box.width - box.left - box.right, height: box.height - box.top - box.bottom };
  const x = (day: string) =>
    last === first ? box.left + inner.width / 2 : box.left + ((dayNumber(day) - first) / span) * inner.width;
  const y = (minutes: number) => box.top + inner.height - (Math.min(minutes, top) / top) * inner.height;
  const dots = points.map((point) => ({
    x: x(point.day),
    p50: y(point.p50_minutes),
    p95: y(point.p95_minutes),
    late: point.p95_minutes > slaMinutes,
    above: point.p95_minutes > top,
    point,
  }));
  const rows: Tick[] = [];
  for (let minutes = 0; minutes <= top; minutes += unit)
    rows.push({ at: y(minutes), label: minutes === 0 ? "0" : whole(minutes) });
  return {
    p50: path(dots.map((d) => [d.x, d.p50])),
    p95: path(dots.map((d) => [d.x, d.p95])),
    sla: y(slaMinutes),
    dots,
    rows,
    days: dayTicks(points, inner.width / (box.scale ?? 1), x, say),
  };
}

function path(points: number[][]): string {
  return points.map((at, i) => (i === 0 ? "M" : "L") + at.map((n) => n.toFixed(1)).join(" ")).join("");
}

/** As many day names as fit without touching, the last one always among them. */
function dayTicks(
  points: LagPoint[],
  width: number,
  x: (day: string) => number,
  say: (day: string) => string,
): Tick[] {
  const room = Math.max(1, Math.floor(width / 74));
  const every = Math.max(1, Math.ceil(points.length / room));
  return points
    .filter((_, i) => (points.length - 1 - i) % every === 0)
    .map((p) => ({ at: x(p.day), label: say(p.day) }));
}

/** The picture in words, for those who do not see it. */
export function lagInWords(points: LagPoint[], slaMinutes: number, say: (day: string) => string): string {
  const [start, latest] = [points[0], points.at(-1)];
  if (!start || !latest) return "Nothing was booked in this time.";
  const late = points.filter((p) => p.p95_minutes > slaMinutes).length;
  const limit = `the SLA of ${whole(slaMinutes)}`;
  const over =
    late === 0
      ? `the slowest 5\u00a0% stayed within ${limit} on every day`
      : `the slowest 5\u00a0% went over ${limit} on ${late} of ${points.length} days`;
  const above = points.filter((p) => p.p95_minutes > axis(points, slaMinutes).top);
  const most = Math.max(0, ...above.map((p) => p.p95_minutes));
  const clipped =
    above.length === 0
      ? ""
      : above.length === 1
        ? ` One day lies above the axis, at ${whole(most)}.`
        : ` ${above.length} days lie above the axis, the slowest at ${whole(most)}.`;
  const [half, most95] = [whole(latest.p50_minutes), whole(latest.p95_minutes)];
  return (
    `From ${say(start.day)} to ${say(latest.day)}: ${over}.${clipped} ` +
    `Last day: half booked within ${half}, 95\u00a0% within ${most95}. ` +
    "Only what has been booked counts: what is late or unposted is not in it."
  );
}
