// Words and small things that several parts of the studio need.
import type { ControlLine, LookRequest, StudioField } from "../../bindings/types";
import { amount, type Look } from "../../lib/format";

/** A file, and what a person says of it. */
export type FileChoices = Omit<LookRequest, "start" | "limit" | "head" | "open" | "typed">;

/** The zone of this computer: offered, never taken in silence. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** An amount of the control totals in the reader's format; what the user typed stays as it is. */
export function total(line: ControlLine, side: "debits" | "credits", look: Look): string {
  const text = line[side];
  if (text === null || text === undefined) return "\u2013";
  return line.typed ? text : amount(text, line.currency ?? "", look, false);
}

/** The part of the page where a field is said. */
export function partOf(field: StudioField | null): string {
  return field === null ? "studio-columns" : `studio-${field.replace("_", "-")}`;
}

/** The accounts as a request names them, with one of them changed. */
export function expecting(
  rows: { role: string; account: string | null }[],
  role: string,
  account: string,
): FileChoices["expect"] {
  return rows
    .map((one) => ({ role: one.role, account: one.role === role ? account : (one.account ?? "") }))
    .filter((one) => one.account.trim() !== "")
    .map((one) => `${one.role}=${one.account.trim()}`);
}
