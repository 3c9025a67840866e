// How matches are told in a list.
import type { MatchView } from "../../bindings/types";
import type { Tone } from "../../lib/names";

/** A few names, and how many more there are. */
export function few(names: string[]): string {
  if (names.length <= 2) return names.join(", ");
  return `${names[0]}, ${names[1]} and ${names.length - 2} more`;
}

export const entryNumbers = (match: MatchView): string => few(match.entries.map((one) => one.number));

export const references = (match: MatchView): string => few(match.documents.map((one) => one.reference));

/** Parts of a second line, those that there are. */
export const line = (...parts: (string | null)[]): string => parts.filter((part) => part).join(" · ");

/** Whose documents they are, each customer once; what they are where nobody is named. */
export function customers(match: MatchView): string {
  const named = match.documents.flatMap((one) => (one.customer === null ? [] : [one.customer]));
  return few([
    ...new Set(named.length > 0 ? named : match.documents.map((one) => one.kind.replace(/_/g, " "))),
  ]);
}

/** What the entries say in words. */
export const entryWords = (match: MatchView): string =>
  few(match.entries.map((one) => one.memo ?? one.counterpart ?? one.kind.replace(/_/g, " ")));

const STATES: Record<MatchView["state"], [string, Tone]> = {
  suggested: ["Suggested", "mut"],
  proposed: ["Waits for a second", "warn"],
  confirmed: ["Confirmed", "ok"],
  rejected: ["Rejected", "mut"],
  undone: ["Undone", "mut"],
};

export const stateWords = (match: MatchView): string => STATES[match.state][0];
export const stateTone = (match: MatchView): Tone => STATES[match.state][1];

/** The first reason, and the others after it. */
export function why(match: MatchView): [string, string] {
  const all = match.reason === "" ? match.reasons : [match.reason, ...match.reasons];
  const [first = "chosen by hand", ...others] = all;
  return [first.charAt(0).toUpperCase() + first.slice(1), others.join("; ")];
}
