// How the first screen says its figures.
import type { DoFirst, FirstStep, Home, Load, PostsNext, WaitsForYou } from "../../bindings/types";
import { amount, count, date, due, type Look, overWords, period, periods, short } from "../../lib/format";
import { names, personName, plural } from "../../lib/names";

/** A load in a sentence: in one currency where that is known, else each for itself. */
export function worth(load: Load, home: Home, look: Look): string {
  if (home.reporting && load.worth !== null) return short(load.worth, home.reporting.currency, look);
  return load.sums.map((sum) => short(sum.amount, sum.currency, look)).join(" + ");
}

/** Where it stands, in one sentence. */
export function lead(home: Home, look: Look): string {
  const of = home.closing ? `${home.closing.name}: ` : "";
  const { count: many } = home.blockers;
  if (many === 0) return `${of}${of ? "nothing" : "Nothing"} stands in the way`;
  const parts = [`${count(many, look)} ${plural(many, "blocker")}`];
  const much = worth(home.blockers, home, look);
  if (much !== "") parts.push(much);
  return `${of}${parts.join(", ")}; ${home.first.length} to do first`;
}

/** What is narrowed to an entity, and what is not. */
export const alone = (entity: string): string =>
  `Of ${entity} alone; what waits for you and what posts next, of all entities.`;

/** Why, in a line of sentences. */
export function second(home: Home, look: Look): string[] {
  const said: string[] = [];
  const { reporting, closing, later, first } = home;
  const much = worth(home.first_load, home, look);
  if (first.length && much !== "")
    said.push(
      `${first.length === 1 ? "That one settles" : `Those ${spelled(first.length)} settle`} ${much} of it.`,
    );
  if (closing && !closing.ended) said.push(`It ends on ${joined(closing.ends, look)}.`);
  if (closing?.ended && closing.closed.length)
    said.push(
      `Receivables are closed in ${names(closing.closed, "and")}, open in ${names(closing.open, "and")}.`,
    );
  if (later.count) said.push(`${count(later.count, look)} more are of later periods.`);
  if (reporting?.rates_of)
    said.push(
      `Values are gross, in ${reporting.currency} at the rates of ${joined(reporting.rates_of, look)}.`,
    );
  if (reporting?.without_rate.length)
    said.push(`No rate is known for ${names(reporting.without_rate, "and")}: it is in no total.`);
  if (!reporting && home.blockers.count)
    said.push("The mapping names no reporting currency: nothing is added up.");
  return said;
}

/** A date that no line break takes apart. */
const joined = (day: string, look: Look): string => date(day, look).replaceAll(" ", "\u00a0");

const spelled = (many: number): string => ["", "", "two", "three", "four", "five"][many] ?? String(many);

/** Why something ranks where it does. */
export function why(one: DoFirst, look: Look): string {
  const said = [one.why];
  const { materiality, share, frees } = one;
  if (share !== null && share >= 10) said.push(`${share} % of all blockers`);
  else if (materiality && materiality.tenths >= 10) {
    const times = materiality.tenths < 100 && materiality.tenths % 10 ? tenths(materiality.tenths) : null;
    const much = times ?? count(Math.trunc(materiality.tenths / 10), look);
    const least = amount(materiality.amount, materiality.currency, look);
    said.push(
      `${much} times ${one.exception.entity ? `${one.exception.entity}’s` : "the"} materiality of ${least}`,
    );
  }
  if (frees > 1) said.push(`frees ${count(frees - 1, look)} more`);
  return said.join("; ");
}

const tenths = (value: number): string => `${Math.trunc(value / 10)}.${value % 10}`;

/** Whose it is. */
export const owner = (one: DoFirst): string =>
  one.yours ? "you" : one.exception.assignee ? personName(one.exception.assignee) : "nobody yet";

/** When it should be settled. */
export function dueWords(one: DoFirst, now: number): { text: string; press: boolean } {
  const left = new Date(one.exception.due_at).getTime() - now;
  if (left < 0) return { text: overWords(one.exception.due_at, now), press: false };
  return { text: `due in ${due(one.exception.due_at, now)}`, press: left < 86_400_000 };
}

const VERBS: Record<WaitsForYou["kind"], string> = {
  approve: "Approve",
  change: "Decide",
  decide: "Decide in doubt:",
  answer: "Answer",
  escalated: "Chase",
  hand_over: "Hand over",
  confirm_file: "Confirm",
  override: "Look at",
};

export const waits = (one: WaitsForYou): string => `${VERBS[one.kind]} ${one.what}`;

/** Entities with how many of each; one alone needs no number. */
export function entities(of: [string, number][], look: Look): string {
  return of.length === 1
    ? (of[0]?.[0] ?? "")
    : of.map(([code, many]) => `${code} ${count(many, look)}`).join(", ");
}

/** What becomes of postings that go together, and who must still say so. */
export function posts(one: PostsNext, look: Look): string {
  const where = entities(
    one.entities.map((of) => [of.entity, of.count]),
    look,
  );
  const into = one.from !== null && one.from !== one.to ? periods(one.from, one.to) : period(one.to);
  const then = one.ready
    ? "at the next post"
    : one.yours
      ? "then you approve"
      : one.approvers.length
        ? `then ${names(one.approvers.map(personName))} approves`
        : "waits for an approver";
  return [where, into, then].join(" · ");
}

/** How many of the steps are done. */
export const done = (steps: FirstStep[]): number => steps.filter((step) => step.done).length;
