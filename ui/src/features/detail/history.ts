// The history of an exception in words.
import type { EventView } from "../../bindings/types";
import { actorName } from "../shared/actor";

/** What the desk's own doings and people's are called after who did them. */
const HAPPENINGS: Record<EventView["happening"], string> = {
  opened: "found it",
  updated: "found that it has changed",
  kind_changed: "found it to be another kind",
  reopened: "found it again",
  closed: "found it settled",
  assigned: "assigned it",
  comment: "commented",
  mentioned: "asked",
  attached: "attached a file",
  held: "put it on hold",
  released: "released it from hold",
  dismissed: "dismissed it",
  proposed: "proposed a posting",
  amended: "changed the posting",
  released_by_policy: "let it pass",
  approved_in_part: "gave one of the approvals",
  approved: "approved the posting",
  approvals_void: "made the approvals void",
  reject: "rejected the posting",
  cancel: "withdrew the posting",
  replay: "had it sent again",
  finish: "brought what was half booked to its end",
  removed: "found that it is no longer in the ERP",
  queued: "put it in the queue again",
  sending: "began to send it",
  in_doubt: "got no answer: whether it is booked is in doubt",
  booked: "booked it in the ERP",
  handed_over: "wrote it into a journal file",
  handover_shown: "saw in the ledger's file what was handed over",
  handover_differs: "saw something else in the ledger's file than was handed over",
  handover_not_shown: "did not see in the ledger's file what was handed over",
  booked_elsewhere: "said that it was booked by hand",
  settled: "saw it in the ledger",
  refused: "was refused by the ERP",
  dead_letter: "gave up after every try",
  rejected: "rejected the posting",
  cancelled: "withdrew the posting",
  other: "did something that this version has no name for",
};

export const whatHappened = (event: Pick<EventView, "happening">): string => HAPPENINGS[event.happening];

/** The line under it; empty where there is none. */
export function detailOf(event: Pick<EventView, "happening" | "to" | "kinds" | "words">): string {
  const { kinds, words } = event;
  if (event.happening === "mentioned") return event.to === null ? "" : actorName(event.to);
  if (event.happening === "assigned") return event.to === null ? "to nobody" : `to ${actorName(event.to)}`;
  if (kinds !== null) return `${kinds.from} → ${kinds.to}${words === null ? "" : `: ${words}`}`;
  return words ?? "";
}
