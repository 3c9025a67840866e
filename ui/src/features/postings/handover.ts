// What is said of journal files: what they wait for, and what the ledger's own files have shown.
import type { FormView, HandedView, HandoverFile, HandoverLedger } from "../../bindings/types";
import type { Look } from "../../lib/format";
import { whyNot } from "../../lib/refusal";
import type { Tone } from "../../lib/names";

/** Why no file can be written now; null where one can. */
export function toWrite(
  ledger: HandoverLedger | null,
  form: FormView | null,
  options: Record<string, string>,
  look: Look,
): string | null {
  if (ledger === null || form === null) return "No ledger here is read from files.";
  if (!ledger.on)
    return `${ledger.connection} only observes: switch posting to it on under Connections first.`;
  if (!ledger.action.allowed) return whyNot(ledger.action, look);
  if (!ledger.waiting.some((one) => one.refusal === null))
    return ledger.waiting.length === 0
      ? "Nothing is approved and waiting to be handed over."
      : "Nothing of what waits can be handed over now: each says why.";
  const missing = form.options.find((one) => one.needed && (options[one.name] ?? "").trim() === "");
  return missing === undefined ? null : `${form.title} needs: ${missing.label}.`;
}

/** The name that a file is offered under. */
export function suggestedName(ledger: HandoverLedger, form: FormView): string {
  const start = form.name === "plain" ? "journal" : `${form.name}-journal`;
  return `${start}-${ledger.connection}.csv`;
}

/** What the ledger's files have shown of a posting, and what it still waits for. */
export function handedWords(
  one: Pick<HandedView, "state" | "outcome" | "current">,
  file: Pick<HandoverFile, "confirmed_by">,
): { says: string; tone: Tone } {
  if (one.state === "settled") return { says: "Posted", tone: "ok" };
  if (!one.current) return { says: "In a later file", tone: "mut" };
  if (one.state === "cancelled") return { says: "Withdrawn", tone: "mut" };
  switch (one.outcome) {
    case "shown":
      return file.confirmed_by === null
        ? { says: "Shown, to be confirmed", tone: "warn" }
        : { says: "Shown", tone: "ok" };
    case "differs":
      return { says: "Shown otherwise", tone: "bad" };
    case "not_shown":
      return { says: "Not shown", tone: "bad" };
    case "waiting":
      return { says: "Waits for its next file", tone: "warn" };
  }
}
