// The words of a posting's life. "Settled" is the only state that says the ledger shows it.
import type { AttemptView, PostingDetail, PostingRow, PostingView, StateCount } from "../../bindings/types";
import { due } from "../../lib/format";
import { capital, personName, plural, type Tone } from "../../lib/names";

/** What each state means for the ledger; the order is that of a posting's life, and the filter chips keep
 * it. */
export const STATES: Record<PostingView["state"], string> = {
  proposed: "Prepared; nothing is sent until it is approved.",
  queued: "Approved and waiting for the worker. Not in the ERP yet.",
  sending: "The worker has it. The outcome is not known yet.",
  in_doubt: "The ERP's answer never came. It is looked up by key before anything is sent again.",
  booked: "The ERP said it booked the entry. The next sync of the ledger settles it.",
  handed_over: "In a journal file. The ledger's next file shows whether it was booked.",
  settled: "The ledger shows the entry.",
  refused: "The ERP refused it. Nothing was booked.",
  dead_letter: "Every try failed. A person decides what happens next.",
  rejected: "The approver rejected it. Nothing was sent.",
  cancelled: "Withdrawn before anything was booked.",
};

/** The state of this name, where a route asks for one. */
export const stateNamed = (name: unknown): PostingView["state"] | null =>
  (Object.keys(STATES) as PostingView["state"][]).find((state) => state === name) ?? null;

/** What is said of the steps that are left, once an earlier one is in the books. */
const LEFT: Partial<Record<PostingView["state"], string>> = {
  queued: "still to be sent",
  sending: "being sent",
  in_doubt: "without an answer: looked up by key before anything is sent again",
  proposed: "back at its preparer: finish it or take it back",
  refused: "refused: finish it or take it back",
  dead_letter: "given up after every try: finish it or take it back",
  cancelled: "not sent any more",
  rejected: "rejected",
};

/** What the state means for the ledger. A posting of several steps may be in the books in part, which no word
 * for its state says. */
export function stateWords(posting: Pick<PostingView, "state" | "steps">): { says: string; partly: boolean } {
  const left = posting.steps.filter((step) => step.erp_id === null);
  const booked = posting.steps.filter((step) => step.erp_id !== null);
  const fate = LEFT[posting.state];
  if (fate === undefined || !booked.length || !left.length)
    return { says: STATES[posting.state], partly: false };
  const which = (steps: typeof left): string =>
    `${plural(steps.length, "step")} ${steps.map((step) => step.number).join(" and ")}`;
  const first = capital(which(booked));
  const were = ["refused", "rejected"].includes(posting.state);
  const verb = were ? plural(left.length, "was", "were") : plural(left.length, "is", "are");
  const ids = booked.map((step) => step.erp_id).join(", ");
  const there = `${first} of ${posting.steps.length} ${plural(booked.length, "is", "are")} booked (${ids})`;
  return { says: `${there}, ${which(left)} ${verb} ${fate}.`, partly: true };
}

/** Who let it go, in a few words: the policy itself where it asks for nobody's approval. */
export function approvers(posting: Pick<PostingView, "approved_by" | "released_by_policy">): string | null {
  if (posting.approved_by.length > 0) return posting.approved_by.map(personName).join(" and ");
  return posting.released_by_policy ? "policy" : null;
}

/** States in which the worker takes a posting up when it is its turn: it sends it, or looks it up first. */
const TAKEN_UP: PostingView["state"][] = ["queued", "sending", "in_doubt"];

/** How many a run takes up. */
export function sendable(states: StateCount[]): number {
  return states.filter((one) => TAKEN_UP.includes(one.state)).reduce((sum, one) => sum + one.count, 0);
}

/** When a posting is taken up next: nothing where it never is again. */
export function nextTry(row: Pick<PostingRow, "state" | "next_try_at">, now: number): string {
  if (row.next_try_at === null || !TAKEN_UP.includes(row.state)) return "–";
  return Date.parse(row.next_try_at) <= now ? "due" : due(row.next_try_at, now);
}

export function orderStates<T extends Pick<StateCount, "state">>(states: T[]): T[] {
  const order = Object.keys(STATES);
  return [...states].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}

const STEP_ACTIONS: Record<AttemptView["action"], string> = {
  ensure_customer: "Make sure of the customer",
  create_draft: "Create draft",
  post_draft: "Post draft",
  delete_draft: "Delete draft",
  create_booked: "Create and book",
};
export const attemptAction = (action: AttemptView["action"]): string => STEP_ACTIONS[action];

const OUTCOMES: Record<NonNullable<AttemptView["outcome"]>, { says: string; tone: Tone }> = {
  done: { says: "done", tone: "ok" },
  terminal: { says: "refused", tone: "bad" },
  retryable: { says: "failed, may be tried again", tone: "warn" },
  unknown: { says: "outcome unknown", tone: "warn" },
};
/** An attempt without an outcome was written down before it was sent, and nothing came back. */
export function outcomeWords(attempt: AttemptView): { says: string; tone: Tone } {
  if (attempt.outcome === null) return { says: "no outcome recorded", tone: "warn" };
  return OUTCOMES[attempt.outcome];
}

/** What the list of attempts is called: one that went through at once, in as many calls as it has steps, was
 * not tried again. */
export function attemptsHead(attempts: Pick<AttemptView, "outcome">[]): string {
  if (attempts.length === 0) return "Calls";
  if (attempts.every((one) => one.outcome === "done"))
    return `${attempts.length} ${plural(attempts.length, "call")}`;
  return tries(attempts.length);
}

/** What stands between this posting and the ledger, most pressing first. */
export function waiting(detail: PostingDetail, when: (instant: string) => string, now: number): string[] {
  const lines: string[] = [];
  if (detail.doubt_since !== null)
    lines.push(`In doubt since ${when(detail.doubt_since)}: looked up ${times(detail.lookups)}.`);
  for (const other of detail.waits_for) lines.push(`Waits for ${other}.`);
  const next = nextTry({ state: detail.posting.state, next_try_at: detail.next_try_at }, now);
  const after = detail.tries > 0 ? `, after ${tries(detail.tries)}` : "";
  if (detail.next_try_at !== null && next !== "–")
    lines.push(
      next === "due"
        ? `Due since ${when(detail.next_try_at)}${after}: the next run takes it up.`
        : `Next try ${when(detail.next_try_at)}${after}.`,
    );
  return lines;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function tries(count: number): string {
  return count === 1 ? "1 try" : `${count} tries`;
}
