// What each act sends, and what a person must give first. Pure, so that no act can differ from its preview.
import type { Commands } from "../../bindings/commands";
import type { ActionView, BatchPreview, BatchRequest, Outcome, PreviewRequest } from "../../bindings/types";
import { capital, small } from "../../lib/names";

export type ActName =
  | "propose"
  | "approve"
  | "reject"
  | "reroute"
  | "replay"
  | "finish"
  | "take_back"
  | "assign"
  | "comment"
  | "hold"
  | "release"
  | "dismiss"
  | "booked_elsewhere"
  | "reverse"
  | "cancel";
export type Given = {
  person: string;
  text: string;
  date: string;
  period: string;
  entity: string;
  mapping: string;
  accounts: Record<string, string>;
  /** By id, the hash of the content that was shown: a posting is approved only as it was seen. */
  content: Record<string, string>;
  /** A half-booked set ends as it is, for the reason given. */
  leave: boolean;
  /** In whose place it is decided, by name; empty where it is one's own. */
  place: string;
};
export type Sent = {
  [N in SentName]: [N, Commands[N][0]];
}[SentName];
type SentName =
  | "propose"
  | "decide"
  | "reroute"
  | "replay"
  | "finish"
  | "take_back"
  | "reverse"
  | "cancel"
  | "work"
  | "booked_elsewhere";

/** In the order a person meets them. */
export const ACTS: ActName[] = [
  "propose",
  "approve",
  "reject",
  "reroute",
  "replay",
  "finish",
  "take_back",
  "assign",
  "comment",
  "hold",
  "release",
  "dismiss",
  "booked_elsewhere",
  "reverse",
  "cancel",
];
export const NOTHING_GIVEN: Given = {
  person: "",
  text: "",
  date: "",
  period: "",
  entity: "",
  mapping: "",
  accounts: {},
  content: {},
  leave: false,
  place: "",
};

const VERBS: Record<ActName, [now: string, past: string]> = {
  propose: ["Propose", "Proposed"],
  approve: ["Approve", "Approved"],
  reject: ["Reject", "Rejected"],
  reroute: ["Reroute", "Rerouted"],
  replay: ["Replay", "Queued again"],
  finish: ["Finish", "Finished"],
  take_back: ["Take back", "Taking back proposed"],
  assign: ["Assign", "Assigned"],
  comment: ["Comment", "Commented"],
  hold: ["Hold", "On hold"],
  release: ["Release", "Released"],
  dismiss: ["Dismiss", "Dismissed"],
  booked_elsewhere: ["Booked elsewhere", "Put aside until the ledger shows it"],
  reverse: ["Reverse", "Reversal proposed"],
  cancel: ["Cancel posting", "Cancelled"],
};
export const verb = (act: ActName): string => VERBS[act][0];
export const past = (act: ActName): string => VERBS[act][1];

/** What the text field of an act is for; null where it has none. */
export function textOf(act: ActName): { label: string; needed: boolean } | null {
  switch (act) {
    case "comment":
      return { label: "Comment", needed: true };
    case "reject":
    case "hold":
    case "dismiss":
    case "booked_elsewhere":
    case "reverse":
    case "reroute":
      return { label: "Reason", needed: true };
    case "propose":
    case "approve":
      return { label: "Note (optional)", needed: false };
    case "finish":
    case "take_back":
      return { label: "Reason (optional)", needed: false };
    default:
      return null;
  }
}

/** Whether a reroute has somewhere to go. */
export const placed = (given: Given): boolean =>
  [given.date, given.period, given.entity, given.mapping].some((one) => one.trim() !== "") ||
  Object.keys(given.accounts).length > 0;

/** What is still missing before the act can be sent; null when nothing is. */
export function missing(act: ActName, given: Given): string | null {
  const text = textOf(act);
  if (text?.needed && given.text.trim() === "")
    return act === "comment" ? "Write the comment." : "Give the reason: it is kept in the log.";
  if (act === "finish" && given.leave && given.text.trim() === "")
    return "Give the reason: it is kept in the log.";
  if (act === "assign" && given.person === "") return "Pick a person.";
  if (act === "reroute" && !placed(given)) return "Say where it should go: a period, a date or an account.";
  return null;
}

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());

/** In whose place it is decided; nothing where it is one's own. */
const inPlace = (given: Given): { in_place_of?: string } =>
  given.place === "" ? {} : { in_place_of: given.place };

/** The command an act sends. */
export function sent(act: ActName, ids: string[], given: Given): Sent {
  const reason = given.text.trim();
  switch (act) {
    case "propose":
      return ["propose", { ids, reason: orNull(reason) }];
    case "approve":
      return [
        "decide",
        { ids, approve: true, reason: orNull(reason), content: given.content, ...inPlace(given) },
      ];
    case "reject":
      return ["decide", { ids, approve: false, reason, content: {}, ...inPlace(given) }];
    case "reroute":
      return [
        "reroute",
        {
          ids,
          date: orNull(given.date),
          period: orNull(given.period),
          entity: orNull(given.entity),
          mapping: orNull(given.mapping),
          accounts: given.accounts,
          reason,
        },
      ];
    case "replay":
      return ["replay", { ids }];
    case "finish":
      return given.leave
        ? ["finish", { ids, reason: null, leave: reason }]
        : ["finish", { ids, reason: orNull(reason) }];
    case "take_back":
      return ["take_back", { ids, reason: orNull(reason) }];
    case "reverse":
      return ["reverse", { ids, reason }];
    case "cancel":
      return ["cancel", { ids }];
    case "assign":
      return ["work", { ids, work: { assign: given.person } }];
    case "comment":
      return ["work", { ids, work: { comment: reason } }];
    case "hold":
      return ["work", { ids, work: { hold: reason } }];
    case "dismiss":
      return ["work", { ids, work: { dismiss: reason } }];
    case "booked_elsewhere":
      return ["booked_elsewhere", { ids, reason }];
    case "release":
      return ["work", { ids, work: "release" }];
  }
}

/** The same request, to be shown what it would book; null for an act that books nothing. */
export function previewed(act: ActName, ids: string[], given: Given): PreviewRequest | null {
  const [action, request] = sent(act, ids, given);
  switch (action) {
    case "propose":
    case "reroute":
    case "replay":
    case "finish":
    case "take_back":
    case "reverse":
      return { action, ...request } as PreviewRequest;
    default:
      return null;
  }
}

/** What was shown of a batch: of each posting that it would approve, the content its sums are made of. */
export const shownOf = (batch: BatchPreview | null): Record<string, string> =>
  Object.fromEntries((batch?.approvals ?? []).map((one) => [one.id, one.content_hash]));

export function batchOf(act: ActName, ids: string[], given: Given): BatchRequest {
  return act === "reroute"
    ? { action: act, ids, date: orNull(given.date), period: orNull(given.period) }
    : { action: act, ids };
}

/** Approved, and still waiting for another person's approval. */
export const halfway = (act: ActName, outcome: Outcome): boolean =>
  act === "approve" && outcome.result === "done" && outcome.code === "proposed";

export type Tally = {
  done: number;
  refused: number;
  reasons: { message: string; rule: string | undefined; who: string[]; count: number }[];
};

/** The outcomes of a batch, refusals counted by their reason, the most frequent first. */
export function tally(outcomes: Outcome[]): Tally {
  const reasons = new Map<string, Tally["reasons"][number]>();
  for (const one of outcomes) {
    if (one.result === "done") continue;
    const message = one.said ?? "";
    const key = `${one.code}|${one.rule ?? ""}|${message}`;
    const known = reasons.get(key) ?? {
      message,
      rule: one.rule,
      who: one.who_could ?? [],
      count: 0,
    };
    known.count += 1;
    reasons.set(key, known);
  }
  const done = outcomes.filter((one) => one.result === "done").length;
  return {
    done,
    refused: outcomes.length - done,
    reasons: [...reasons.values()].sort((a, b) => b.count - a.count),
  };
}

/** What happened, beside what the act itself and the result already say; empty where nothing is left. */
export const saidOf = (outcome: Outcome): string => capital(outcome.said ?? "");

/** The toast for one that was done: the document and what became of it, each said once. */
export function toastOf(act: ActName, outcome: Outcome, reference: string): string {
  const said = saidOf(outcome) || past(act);
  return `${outcome.reference ?? reference}: ${small(said)}`;
}

/** The act a person most likely wants next. */
export function firstAct(actions: ActionView[]): ActName | null {
  const order: ActName[] = ["approve", "finish", "replay", "propose"];
  return order.find((act) => actions.some((one) => one.action === act && one.allowed)) ?? null;
}

/** The buttons in sight, in one row; the others are under More. */
export function shownActs(actions: ActionView[]): ActName[] {
  const may = (act: ActName): boolean => actions.some((one) => one.action === act && one.allowed);
  const list: ActName[] = ["propose", "reroute", "approve"];
  if (may("reject")) list.push("reject");
  for (const act of ["finish", "take_back", "replay"] as const) if (may(act)) list.push(act);
  const first = firstAct(actions);
  return first ? [first, ...list.filter((one) => one !== first)] : list;
}

/** The refusal worth reading beside the buttons: of the decision that is next where a rule refuses it, else,
 * where nothing can be decided at all, why. */
export function tellingRefusal(actions: ActionView[]): ActionView | null {
  const no = (act: string): ActionView | undefined =>
    actions.find((one) => one.action === act && !one.allowed && one.message !== null);
  const [approve, propose] = [no("approve"), no("propose")];
  if (approve?.rule) return approve;
  if (propose?.rule) return propose;
  return firstAct(actions) === null ? (propose ?? approve ?? null) : null;
}
