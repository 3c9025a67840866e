// Governed changes in words, and in the order in which they are read.
import type { ChangeView } from "../../bindings/types";
import { name, type Tone } from "../../lib/names";

const STATES: Record<ChangeView["state"], { says: string; tone: Tone }> = {
  inert: { says: "Waiting for approval", tone: "warn" },
  in_force: { says: "In force", tone: "ok" },
  superseded: { says: "Replaced", tone: "mut" },
  rejected: { says: "Rejected", tone: "mut" },
};

export const stateWords = (state: ChangeView["state"]): string => STATES[state].says;
export const changeTone = (state: ChangeView["state"]): Tone => STATES[state].tone;
export const waits = (change: ChangeView): boolean => change.state === "inert";

const KINDS: Record<string, string> = { policy: "Policy", posting: "Posting to" };
/** A kind in words: what a posting's origin of the same code is called does not fit here. */
export const kindWords = (kind: string): string => KINDS[kind] ?? name(kind);

/** "Policy Approvals 2026"; of one that is called as its kind, only that. */
export function titleOf(change: Pick<ChangeView, "kind" | "name">): string {
  const kind = kindWords(change.kind);
  return kindWords(change.name).toLowerCase() === kind.toLowerCase() ? kind : `${kind} ${change.name}`;
}

const TITLES: [kind: string, title: string][] = [
  ["mapping", "Account mapping"],
  ["policy", "Policy"],
  ["posting", "Posting switched on"],
  ["cutover", "Cutovers"],
  ["open_items", "Open items from files"],
  ["explanation", "Explanations"],
  ["column_map", "Column maps"],
];

/** What waits first, then what is in force, then the past; newest first within each. */
export function byKind(changes: ChangeView[]): { kind: string; title: string; changes: ChangeView[] }[] {
  const order = ["inert", "in_force", "superseded", "rejected"];
  const at = (state: string) => (order.includes(state) ? order.indexOf(state) : order.length);
  const sorted = [...changes].sort(
    (a, b) => at(a.state) - at(b.state) || b.imported_at.localeCompare(a.imported_at),
  );
  const known = TITLES.map(([kind]) => kind);
  const others = [...new Set(changes.map((c) => c.kind))]
    .filter((kind) => !known.includes(kind))
    .map((kind): [string, string] => [kind, name(kind)]);
  return [...TITLES, ...others]
    .map(([kind, title]) => ({ kind, title, changes: sorted.filter((c) => c.kind === kind) }))
    .filter((group) => group.changes.length > 0);
}
