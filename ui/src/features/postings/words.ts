// The words of a posting's life. "Settled" is the only state that says the ledger shows it.
import type { AttemptView, PostingDetail } from "../../bindings/types";
import { name, type Tone } from "../../lib/names";

/** What each state means for the ledger; the order is that of a posting's life, and the filter chips keep it. */
export const STATES: Record<string, string> = {
  proposed: "Prepared; nothing is sent until it is approved.",
  queued: "Approved and waiting for the worker. Not in the ERP yet.",
  sending: "The worker has it. The outcome is not known yet.",
  in_doubt: "The ERP's answer never came. It is looked up by key before anything is sent again.",
  booked: "The ERP said it booked the entry. The next sync of the ledger settles it.",
  settled: "The ledger shows the entry.",
  refused: "The ERP refused it. Nothing was booked.",
  dead_letter: "Every try failed. A person decides what happens next.",
  rejected: "The approver rejected it. Nothing was sent.",
  cancelled: "Withdrawn before anything was booked.",
};

export function orderStates<T extends { state: string }>(states: T[]): T[] {
  const order = Object.keys(STATES);
  const at = (state: string) => (order.includes(state) ? order.indexOf(state) : order.length);
  return [...states].sort((a, b) => at(a.state) - at(b.state));
}

const STEP_ACTIONS: Record<string, string> = {
  ensure_customer: "Make sure of the customer", create_draft: "Create draft", post_draft: "Post draft",
  delete_draft: "Delete draft", create_booked: "Create and book",
};
/** A name that is not known is shown as the core wrote it, made readable. */
export function attemptAction(action: string): string {
  return STEP_ACTIONS[action] ?? name(action);
}

const OUTCOMES: Record<string, { says: string; tone: Tone }> = {
  done: { says: "done", tone: "ok" },
  terminal: { says: "refused", tone: "bad" },
  retryable: { says: "failed, may be tried again", tone: "warn" },
  unknown: { says: "outcome unknown", tone: "warn" },
};
/** An attempt without an outcome was written down before it was sent, and nothing came back. */
export function outcomeWords(attempt: AttemptView): { says: string; tone: Tone } {
  if (attempt.outcome === null) return { says: "no outcome recorded", tone: "warn" };
  return OUTCOMES[attempt.outcome] ?? { says: attempt.outcome, tone: "mut" };
}

/** What stands between this posting and the ledger, most pressing first. */
export function waiting(detail: PostingDetail, when: (instant: string) => string): string[] {
  const lines: string[] = [];
  if (detail.doubt_since !== null) lines.push(`In doubt since ${when(detail.doubt_since)}: looked up ${times(detail.lookups)}.`);
  for (const other of detail.waits_for) lines.push(`Waits for ${other}.`);
  if (detail.next_try_at !== null) lines.push(`Next try ${when(detail.next_try_at)}, after ${tries(detail.tries)}.`);
  return lines;
}

export function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

export function tries(count: number): string {
  return count === 1 ? "1 try" : `${count} tries`;
}
