import type {
  CustomerView,
  ExceptionView,
  HeldView,
  KindName,
  PeriodState,
  PostingView,
} from "../bindings/types";

// The words people read for the codes the desk speaks. A code that is not listed is shown as its own words.

const NAMES: Record<string, string> = {
  tba: "Token-based (TBA)",
  m2m: "OAuth 2.0 certificate (M2M)",
  // queues
  unposted: "Unposted",
  failed_syncs: "Failed syncs",
  period_close: "Period close",
  mismatch: "Mismatches",
  master_data: "Master data",
  // states of an exception and of a posting
  open: "Open",
  in_progress: "In progress",
  on_hold: "On hold",
  dismissed: "Dismissed",
  closed: "Closed",
  all: "All",
  proposed: "Waiting for approval",
  queued: "Approved, to be sent",
  sending: "Being sent",
  in_doubt: "In doubt",
  booked: "Booked, ledger not read yet",
  handed_over: "Handed over, not shown yet",
  settled: "Posted",
  refused: "Refused by the ERP",
  dead_letter: "Gave up",
  rejected: "Rejected",
  cancelled: "Cancelled",
  // people, teams
  analyst: "Analyst",
  controller: "Controller",
  administrator: "Administrator",
  auditor: "Auditor",
  integration: "Integration",
  finance_operations: "Finance operations",
  // severities
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "Critical",
  // where a posting came from
  policy: "By policy",
  manual: "By a person",
  reroute: "Reroute",
  reversal: "Reversal",
  correction: "Correction",
  // secrets
  keyring: "System keyring",
  vault: "Passphrase vault",
  passphrase: "Passphrase",
  billing: "Billing",
  erp: "ERP",
  test: "Test",
  live: "Live",
};

/** Words of a code that are letters, not words. */
const ACRONYMS = /\b(erp|api|id|sla|vat|ar|ap|gl)\b/g;

/** The name of a code. */
export function name(code: string): string {
  const known = NAMES[code];
  if (known) return known;
  const words = code.replace(/[_-]+/g, " ").replace(ACRONYMS, (word) => word.toUpperCase());
  return capital(words);
}

/** A text that begins with a capital. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A text that begins small, to stand within a sentence. */
export function small(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The core's words begin and end as a clause; here they stand as a sentence. One that begins with an id
 * begins so here, too. */
export function sentence(text: string): string {
  const id = /^\S*[\d_]/.test(text);
  const said = id ? text : capital(text);
  return said === "" || /[.!?…:]$/.test(said) ? said : `${said}.`;
}

/** The name of a kind, as the desk calls it: some kinds share their code with a queue or a posting's state,
 * which are called otherwise. `kinds` are null before the desk has named them. */
export function kindName(kind: string, kinds: KindName[] | null | undefined): string {
  return kinds?.find((one) => one.kind === kind)?.name ?? name(kind);
}

const ENTRY_STATES: Record<HeldView["status"], string> = {
  booked: "booked",
  unbooked: "draft, not booked",
  void: "void",
  removed: "no longer in the ERP",
};

/** What an entry of the ledger is: its "booked" is a fact, where a posting's is only what the ERP said. */
export function entryStatus(status: HeldView["status"]): string {
  return ENTRY_STATES[status];
}

/** Two letters for a person's badge. */
export function initials(person: string): string {
  const words = person.split(/[\s._-]+/).filter((word) => word !== "");
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [person.slice(0, 2)];
  return letters
    .map((word) => (words.length > 1 ? (word ?? "").charAt(0) : (word ?? "")))
    .join("")
    .toUpperCase();
}

/** A person's own identifier as a name: "ana" reads "Ana". */
export function personName(person: string): string {
  return person === person.toLowerCase() ? capital(person) : person;
}

/** "Carla Ortiz or Dev Rao". */
export function names(ids: string[], word = "or"): string {
  const people = ids.map(personName);
  return people.length < 2 ? (people[0] ?? "") : `${people.slice(0, -1).join(", ")} ${word} ${people.at(-1)}`;
}

/** A word for one or many. */
/** Whose or what a row is: its customer, else what its document is called, else its reference. */
export const whose = (row: Pick<ExceptionView, "customer" | "noun" | "external_ref">): string =>
  row.customer ?? row.noun ?? row.external_ref;

export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

export type Tone = "bad" | "warn" | "ok" | "mut";

/** What a colour means: late or refused, ambiguous, fine, or (`mut`) nothing. */
const POSTING_TONES: Partial<Record<PostingView["state"], Tone>> = {
  refused: "bad",
  dead_letter: "bad",
  rejected: "bad",
  in_doubt: "warn",
  handed_over: "warn",
  proposed: "warn",
  settled: "ok",
};
export const postingTone = (state: PostingView["state"]): Tone => POSTING_TONES[state] ?? "mut";

const PERIOD_TONES: Record<PeriodState, Tone> = {
  closed: "bad",
  locked: "bad",
  others_locked: "mut",
  soft_closed: "warn",
  open: "ok",
  not_known: "warn",
};
export const periodTone = (state: PeriodState): Tone => PERIOD_TONES[state];

const PERIOD_STATES: Record<PeriodState, string> = {
  closed: "closed",
  locked: "locked for receivables",
  others_locked: "other books locked",
  soft_closed: "soft-closed",
  open: "open",
  not_known: "state not known",
};
/** What a period takes, in a word or two. */
export const periodState = (state: PeriodState): string => PERIOD_STATES[state];

/** The customer that an entry names, and whether it has to be made in the ERP first. */
export function customerWords({ name, external_id, erp_id }: CustomerView): string {
  const known = [external_id, erp_id === null ? null : `${erp_id} in the ERP`].filter((one) => one !== null);
  const who = name === null ? `Customer ${known.join(", ")}` : `Customer ${name} (${known.join(", ")})`;
  return erp_id === null ? `${who}: made in the ERP first, if it is not there` : who;
}
