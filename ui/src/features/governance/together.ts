// Several changes decided at once: each is read first, and approved as it was shown.
import type { ChangeView, Outcome } from "../../bindings/types";

/** By id, the hash of the text that was shown to its end. */
export type Shown = Readonly<Record<string, string>>;

/** What keeps them from being approved together; null where nothing does. */
export function unread(changes: Pick<ChangeView, "id">[], shown: Shown): string | null {
  const left = changes.filter((one) => shown[one.id] === undefined).length;
  if (left === 0) return null;
  return left === changes.length
    ? "Read them first, each to its end."
    : `${left} of ${changes.length} ${left === 1 ? "is" : "are"} still to be read to the end.`;
}

/** The next that was not read yet, after the one that is open; null where all were. */
export function nextUnread(changes: Pick<ChangeView, "id">[], shown: Shown, after: string): string | null {
  const at = changes.findIndex((one) => one.id === after);
  const round = [...changes.slice(at + 1), ...changes.slice(0, at + 1)];
  return round.find((one) => shown[one.id] === undefined)?.id ?? null;
}

/** The content that an approval is bound to: only what was shown. */
export const contentOf = (changes: Pick<ChangeView, "id">[], shown: Shown): Record<string, string> =>
  Object.fromEntries(
    changes.flatMap(({ id }) => {
      const hash = shown[id];
      return hash === undefined ? [] : [[id, hash]];
    }),
  );

/** How it went: "2 approved, 1 refused". */
export function summed(outcomes: Pick<Outcome, "result">[], approve: boolean): string {
  const done = outcomes.filter((one) => one.result === "done").length;
  const refused = outcomes.length - done;
  const parts = [`${done} ${approve ? "approved" : "rejected"}`];
  if (refused > 0) parts.push(`${refused} refused`);
  return parts.join(", ");
}
