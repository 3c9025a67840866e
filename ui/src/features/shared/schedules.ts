// How revenue schedules are said: what is owed in service is positive, nothing is a dash.
import type { DeferredLineView, DocumentSchedule, ScheduleRow } from "../../bindings/types";
import { amount, count, date, isZero, type Look } from "../../lib/format";
import { plural } from "../../lib/names";

export const SCHEDULE_STATES: Record<ScheduleRow["state"], string> = {
  agrees: "agrees",
  differs: "differs",
  not_due: "not due yet",
  in_total: "booked in total",
};

/** True of exceptions that are about what schedules release. */
export const isOfSchedule = (kind: string): boolean =>
  kind === "schedule_missing" || kind === "schedule_mismatch";

/** An amount of a schedule; nothing is a dash, and what is not known is empty. */
export function figure(value: string | null, currency: string, look: Look): string {
  if (value === null) return "";
  return isZero(value) ? "–" : amount(value, currency, look, false);
}

/** The rows up to so many before and after a period; all of them where it is not among them. */
export function around(rows: ScheduleRow[], period: string | null, many: number): ScheduleRow[] {
  const at = rows.findIndex((row) => row.period === period);
  return at < 0 ? rows : rows.slice(Math.max(0, at - many), at + many + 1);
}

/** The term of a line. */
export const term = (line: DeferredLineView, look: Look): string =>
  line.starts === null || line.ends === null
    ? "says no term"
    : `${date(line.starts, look)} to ${date(line.ends, look)}`;

/** What each period releases of a line: "12 periods, £100.00 each". */
export function perPeriod(line: DeferredLineView, currency: string, look: Look): string {
  if (line.least === null || line.most === null) return "–";
  const [least, most] = [amount(line.least, currency, look), amount(line.most, currency, look)];
  const periods = `${count(line.periods, look)} ${plural(line.periods, "period")}`;
  return least === most
    ? `${periods}, ${least}${line.periods > 1 ? " each" : ""}`
    : `${periods}, ${least} to ${most}`;
}

/** By which rules a document is released, in sentences. */
export function rules(schedule: DocumentSchedule, look: Look): string {
  const by = [...new Set(schedule.lines.map((line) => line.rule))].join(" and ");
  const days = `${count(schedule.due_days, look)} ${plural(schedule.due_days, "day")}`;
  const said = [
    `Released ${by}; ${schedule.remainder}. Each release is due ${days} after the end of its period.`,
  ];
  if (schedule.credits !== null) said.push(`It goes by the terms of ${schedule.credits}, which it credits.`);
  if (schedule.void)
    said.push("It is void: what was released until then is given back in the period of the void.");
  if (schedule.lines.some((line) => line.starts === null))
    said.push("What says no term stays deferred until somebody says when it is earned.");
  return said.join(" ");
}
