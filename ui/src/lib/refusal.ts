// Why something is not done: the desk's reason, the rule, and who could. One wording for the whole page.
import type { ActionView, Outcome, Said } from "../bindings/types";
import type { Look } from "./format";
import { names, sentence } from "./names";
import { told } from "./said";

/** What a command's error, an outcome and a judged action have in common. */
export type Refused = {
  message: string | null;
  pieces?: Said[] | undefined;
  rule?: string | null | undefined;
  who_could?: string[] | null | undefined;
};

/** An outcome that was refused, which says its reference apart. */
export const refusedOf = (outcome: Outcome): Refused & { code: string } => ({
  code: outcome.code,
  message: outcome.said ?? null,
  rule: outcome.rule,
  who_could: outcome.who_could,
});

/** Who could do it: "Cora or Dan can.", or, where a rule stops everybody, that nobody is to be looked for; ""
 * where nothing is known. */
export function whoCan(refused: Pick<Refused, "rule" | "who_could">): string {
  if (refused.who_could?.length) return `${names(refused.who_could)} can.`;
  return refused.rule ? "Nobody here can." : "";
}

/** The desk's reason, as a sentence; its amounts as the reader has them. */
export const reasonOf = (refused: Refused, look: Look): string =>
  sentence(told(refused.pieces, refused.message ?? "Not allowed now", look));

/** Rule and who could, which follow the reason; "" where nothing is known. */
export function afterReason(refused: Pick<Refused, "rule" | "who_could">): string {
  return [refused.rule ? `Rule ${refused.rule}.` : "", whoCan(refused)]
    .filter((part) => part !== "")
    .join(" ");
}

/** Why not, which rule, and who could: what a button that is off says. Null where they may. */
export function whyNot(view: ActionView | undefined, look: Look): string | null {
  if (view?.allowed) return null;
  if (!view) return "This does not apply to it.";
  return `${reasonOf(view, look)} ${afterReason(view)}`.trimEnd();
}

/** The same for one action among those that the desk judged. */
export const whyNotTo = (
  actions: ActionView[] | undefined,
  action: ActionView["action"],
  look: Look,
): string | null =>
  whyNot(
    actions?.find((one) => one.action === action),
    look,
  );
