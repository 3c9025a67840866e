// What the desk says of whether the acting person may.
import type { ActionView } from "../bindings/types";
import { whoCan } from "./names";

/** Why not, which rule, and who could: what a button that is off says. Null where they may. */
export function whyNot(view: ActionView | undefined): string | null {
  if (view?.allowed) return null;
  if (!view) return "This does not apply to it.";
  const why = (view.message ?? "Not allowed now").replace(/\.$/, "");
  return `${why}${view.rule ? ` (rule ${view.rule})` : ""}. ${whoCan(view)}`.trimEnd();
}

/** The same for one action among those that the desk judged. */
export const whyNotTo = (actions: ActionView[] | undefined, action: string): string | null =>
  whyNot(actions?.find((one) => one.action === action));
