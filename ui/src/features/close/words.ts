// How the cockpit says its figures: debit plain, credit in parentheses, nothing as a dash.
import type {
  BankItem,
  BankView,
  BlockerView,
  CloseItem,
  CloseRow,
  CloseView,
  CutOffRow,
  SignOffView,
} from "../../bindings/types";
import {
  ago,
  amount,
  count,
  date,
  isNegative,
  isZero,
  type Look,
  short,
  shortInstant,
} from "../../lib/format";
import { names, personName, plural } from "../../lib/names";
import { told } from "../../lib/said";

/** One figure of the arithmetic. */
export function figure(value: string, currency: string, look: Look): string {
  if (isZero(value)) return "–";
  const shown = amount(value.replace(/^-/, ""), currency, look, false);
  return isNegative(value) ? `(${shown})` : shown;
}

/** The parts of a difference, in the order in which they add up. */
export const PARTS = ["timing", "to_book", "accepted", "brought_forward", "unexplained"] as const;
export type Part = (typeof PARTS)[number];

export const PART_WORDS: Record<Part, string> = {
  timing: "Timing",
  to_book: "To book",
  accepted: "Accepted",
  brought_forward: "Brought fwd",
  unexplained: "Unexplained",
};

/** How something stands at the end of a period. */
export const CUT_OFF_WORDS: Record<CutOffRow["state"], string> = {
  another_period: "In another period",
  dated_outside: "Its day is not in its period",
  not_booked: "Not booked",
  differs: "Another amount",
  no_document: "No document",
  in_time: "Within its time",
  moved: "Put there by a posting",
  right: "Right",
};

const ROWS: Record<CloseRow["kind"], string> = {
  signed: "",
  opposite: "",
  other: "Other accounts of the same entries",
  earlier: "Income accounts, earlier periods",
};

/** What a row is called. */
export const rowName = (row: CloseRow): string =>
  ROWS[row.kind] || [row.account, row.account_name ?? ""].join(" ").trim();

/** Where the close stands, in one sentence. */
export function lead(close: CloseView, look: Look): string {
  const said: string[] = [];
  if (close.blocker_count > 0) {
    const worth =
      close.blocker_worth !== null && close.reporting !== null
        ? `, ${short(close.blocker_worth, close.reporting, look)}`
        : "";
    said.push(`${count(close.blocker_count, look)} ${plural(close.blocker_count, "blocker")}${worth}`);
  }
  const suspended = close.accounts.filter((one) => one.state === "suspended").length;
  if (suspended > 0) said.push(`${suspended} ${plural(suspended, "sign-off")} suspended`);
  const open = close.accounts.filter((one) => one.state !== "reviewed").length - suspended;
  if (open > 0) said.push(`${open} ${plural(open, "account")} to sign`);
  const rest = said.length > 0 ? said.join("; ") : close.ready ? "ready" : "not ready";
  return `${close.entity}, ${close.period_name}: ${rest}`;
}

/** What else is to be known, in a line. */
export function second(close: CloseView): string {
  const nets = close.proof.filter((one) => !one.nets);
  const said = close.says === null ? [] : [close.says];
  if (close.forecast !== null) said.push(close.forecast.says);
  if (close.ready) said.push("Every account is reviewed and no blocker is open.");
  if (nets.length > 0)
    said.push(
      `The lines do not net to zero in ${names(
        nets.map((one) => one.currency),
        "and",
      )}.`,
    );
  return said.join(" ");
}

/** Who prepared or reviewed an account, and when. */
export function signer(person: string | null, at: string | null, look: Look): string {
  if (person === null) return "";
  return at === null ? personName(person) : `${personName(person)}, ${shortInstant(at, look)}`;
}

/** What the "prepared" column says. */
export function prepared(one: SignOffView, look: Look): string {
  const who = signer(one.prepared_by, one.prepared_at, look);
  if (one.state === "suspended") return `suspended; ${who}`;
  return who === "" ? told(one.needs_said, one.needs, look) : who;
}

/** What the "reviewed" column says. */
export function reviewed(one: SignOffView, look: Look): string {
  if (one.state === "prepared") return "waits for review";
  return signer(one.reviewed_by, one.reviewed_at, look) || "not yet";
}

/** Who works a cause; nobody is said too. */
export const owners = (one: BlockerView): string =>
  one.owners.length === 0 ? "nobody" : names(one.owners, "and");

/** Whom or what a cause is about. */
export const about = (one: BlockerView): string =>
  one.more > 0 ? `${one.about.join(", ")} and ${one.more} more` : one.about.join(", ");

/** How long the oldest has been open. */
export const since = (one: BlockerView, now: number): string => ago(one.since, now);

/** What an item's age and date say. */
export const aged = (item: CloseItem): string => `${item.age_days} ${plural(item.age_days, "day")}`;

/** The account that an action is about: the one under the cursor, else the first for which it applies. */
export function meant(
  close: CloseView,
  picked: string | null,
  action: "prepare_sign_off" | "review_sign_off",
): SignOffView | null {
  const all = [...close.accounts, ...(close.movements === null ? [] : [close.movements])];
  const may = (one: SignOffView) => one.actions.some((view) => view.action === action && view.allowed);
  return all.find((one) => one.account === picked) ?? all.find(may) ?? all[0] ?? null;
}

/** The one before or after in a list; null at its ends. */
export function beside(all: string[], now: string, step: number): string | null {
  const at = all.indexOf(now);
  return at < 0 ? null : (all[at + step] ?? null);
}

/** What a bank and the ledger differ by. */
export const BANK_ITEMS: Record<BankItem["kind"], string> = {
  not_booked: "Not in the ledger",
  in_transit: "In transit",
  differs: "Another amount",
  entry: "Not at the bank",
};

/** How a bank's balance and the ledger's account stand, in a sentence. */
export function bankSays(one: BankView, look: Look): string {
  const day = date(one.through, look);
  if (one.state === "agrees") return `bank and ledger agree on ${day}.`;
  const differ = `they differ by ${figure(one.difference, one.currency, look)} on ${day}`;
  return one.state === "explained"
    ? `${differ}, and all of it is explained.`
    : `${differ}, of which ${figure(one.unexplained, one.currency, look)} is not explained.`;
}

/** What the statements say of the payouts; empty where there are none. */
export function bankPayouts(one: BankView): string {
  const { received, missing, differs, unclear, awaited } = one.payouts;
  const said = [
    [received, "received"],
    [missing, "not received"],
    [differs, "with another amount"],
    [unclear, "that could be several lines"],
    [awaited, "awaited"],
  ] as const;
  const there = said.filter(([many]) => many > 0).map(([many, what]) => `${many} ${what}`);
  return there.length === 0 ? "" : `Payouts: ${there.join(", ")}.`;
}

/** That the ledger's figure may lack entries, and what mends it. */
export const notWhole = (one: BankView): string =>
  `Of account ${one.account} only entries that concern billing are read: ` +
  "with the scope “listed” in the mapping all of them are.";
