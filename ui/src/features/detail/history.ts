// The history of an exception in words: the store keeps short codes, and ids where people know names.
import type { EventView, KindName } from "../../bindings/types";
import { kindName, personName } from "../../lib/names";
import { actorName } from "../shared/actor";

/** Who did it: people by name, and the two who are no person. */
export function whoDid(who: string): string {
  return { desk: "Tieout", worker: "The worker" }[who] ?? actorName(who);
}

/** What the desk's own doings and people's are called after who did them. */
const WHATS: Record<EventView["what"], string> = {
  opened: "found it",
  updated: "found that it has changed",
  kind_changed: "found it to be another kind",
  reopened: "found it again",
  closed: "found it settled",
  assigned: "assigned it",
  comment: "commented",
  commented: "commented",
  held: "put it on hold",
  released: "released it from hold",
  dismissed: "dismissed it",
  proposed: "proposed a posting",
  amended: "changed the posting",
  released_by_policy: "let it pass",
  approved_in_part: "gave one of the approvals",
  approved: "approved the posting",
  reject: "rejected the posting",
  cancel: "withdrew the posting",
  replay: "had it sent again",
  finish: "brought what was half booked to its end",
  queued: "put it in the queue again",
  sending: "began to send it",
  in_doubt: "got no answer: whether it is booked is in doubt",
  booked: "booked it in the ERP",
  settled: "saw it in the ledger",
  refused: "was refused by the ERP",
  dead_letter: "gave up after every try",
  rejected: "rejected the posting",
  cancelled: "withdrew the posting",
};

export function whatHappened(what: string): string {
  return WHATS[what] ?? what.replace(/[_-]+/g, " ");
}

/** An id of ours, which says nothing to people. */
const ID = /^(pst|exc|doc|con|chg)_[0-9a-z]+$/i;

/** The words of an event; empty where there is only an id. `people` are names by id. */
export function detailOf(
  event: Pick<EventView, "what" | "detail">,
  people: Map<string, string>,
  names: KindName[] | null,
): string {
  if (ID.test(event.detail)) return "";
  if (event.what === "assigned")
    return event.detail === ""
      ? "to nobody"
      : `to ${personName(people.get(event.detail) ?? event.detail.replace(/^to /, ""))}`;
  const kinds =
    event.what === "kind_changed" ? /^([a-z_]+) → ([a-z_]+)(: [\s\S]*)?$/.exec(event.detail) : null;
  return kinds
    ? `${kindName(kinds[1] ?? "", names)} → ${kindName(kinds[2] ?? "", names)}${kinds[3] ?? ""}`
    : event.detail;
}

/** Whether names of people are needed to read it. */
export const namesPeople = (history: EventView[]): boolean =>
  history.some((event) => event.what === "assigned" && event.detail !== "");
