// The log's entries in words, and the filter of the log.
import type { LogRequest, LogRow } from "../../bindings/types";
import { capital } from "../../lib/names";

const WHATS: Partial<Record<LogRow["what"], string>> = {
  approved: "Approved",
  rejected: "Rejected",
  refused: "Refused",
  assign: "Assigned",
  comment: "Commented",
  attached: "File attached",
  attachment_saved: "File written out",
  hold: "Held",
  release: "Released",
  dismiss: "Dismissed",
  booked_elsewhere: "Booked elsewhere",
  booked_elsewhere_judged: "Booked elsewhere: judged",
  handed_over: "Handed over in a file",
  handover_confirmed: "Journal file confirmed",
  handover_judged: "Journal file held against the ledger",
  cancelled: "Cancelled",
  replayed: "Replayed",
  finished: "Finished",
  taken_back: "Taken back",
  proposed: "Proposed",
  released_by_policy: "Released by policy",
  change_proposed: "Change brought in",
  change_first_approval: "Change approved once",
  change_withdrawn: "Change withdrawn",
  posting_switched_off: "Posting switched off",
  explained: "Entries explained",
  explanation_taken_back: "Explanation taken back",
  task_signed: "Task signed",
  task_done: "Task done",
  task_again: "Task to be done again",
  sign_off_prepared: "Account signed as prepared",
  sign_off_replaced: "Prepared sign-off replaced",
  sign_off_reviewed: "Account signed as reviewed",
  variance_explained: "Difference explained",
  variance_within_tolerance: "Explanation within the tolerance",
  variance_accepted: "Explanation accepted",
  variance_refused: "Explanation refused",
  variance_note_taken_back: "Explanation of a difference taken back",
  open_items_kept: "Open items kept",
  delegation_ended: "Delegation ended",
  soft_close_set: "Period soft-closed",
  lock_exception_ended: "Exception to a soft close ended",
  simulation_kept: "Simulation kept",
  connection_added: "Connection added",
  connection_removed: "Connection removed",
  connection_tested: "Connection tested",
  credentials_rotated: "Credentials rotated",
  person_added: "Person added",
  person_enrolled: "Person enrolled",
  person_key_set: "Secret set",
  person_confirmed: "Person confirmed",
  person_removed: "Person removed",
  role_changed: "Role changed",
  person_secret_failed: "Wrong secret given",
  enrolment_code_failed: "Wrong enrolment code given",
  person_passphrase_changed: "Own passphrase changed",
  vault_passphrase_changed: "Vault passphrase changed",
  vault_passphrase_refused: "Vault passphrase not changed",
  workspace_restored: "Restored from a backup",
  synced: "Synced",
  exported: "Exported",
  backup_written: "Backup written",
  file_imported: "File imported",
  aside_settled: "Rows put aside settled",
  aside_proposed: "Rows put aside, first of two",
  workspace_created: "Workspace created",
  column_map_kept: "Column map kept",
};

/** A name that is not known is shown as the core wrote it, made readable. */
export function whatWords(what: string): string {
  const known = WHATS[what];
  if (known !== undefined) return known;
  return capital(what.replaceAll("_", " ").replaceAll(".", " "));
}

export type LogFilter = { actor: string; what: string; from: string; to: string; search: string };
export const NO_LOG_FILTER: LogFilter = { actor: "", what: "", from: "", to: "", search: "" };

/** Dates are whole days here; the core takes instants, so the last day ends where the next begins. */
export function logRequest(filter: LogFilter, start: number, limit: number): LogRequest {
  const text = (value: string) => (value.trim() === "" ? null : value.trim());
  return {
    actor: text(filter.actor),
    what: text(filter.what),
    search: text(filter.search),
    from: filter.from === "" ? null : midnight(filter.from, 0),
    to: filter.to === "" ? null : midnight(filter.to, 1),
    start,
    limit,
  };
}

/** Local midnight of a date, some days on, as an instant. */
export function midnight(date: string, days: number): string | null {
  const [year, month, day] = date.split("-").map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const at = new Date(year, month - 1, day + days);
  return Number.isNaN(at.getTime()) ? null : at.toISOString().replace(/\.\d{3}Z$/, "Z");
}

export function filtered(filter: LogFilter): boolean {
  return Object.values(filter).some((value) => value.trim() !== "");
}

/** One line out of the detail, for the table. */
export const gist = (row: LogRow): string =>
  row.gist.map(({ name, value }) => `${name.replaceAll("_", " ")} ${value}`).join(" · ");
