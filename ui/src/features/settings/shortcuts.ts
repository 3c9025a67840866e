// Remapping: what a key press means while a shortcut is being set, and what is kept in the settings.
import { catalogue, type Action } from "../../lib/actions";
import { isModifier, keyOf, type KeyLike } from "../../lib/keys";

export type Captured =
  | { kind: "wait" }
  | { kind: "cancel" }
  | { kind: "off" }
  | { kind: "refused"; why: string }
  | { kind: "key"; key: string };

/** Keys that belong to every text field or to moving through the window. */
const TAKEN: Record<string, string> = {
  tab: "Tab moves the focus.",
  "shift+tab": "Shift Tab moves the focus.",
  "mod+v": "That pastes.",
  "mod+x": "That cuts.",
  "mod+z": "That undoes.",
  "mod+shift+z": "That redoes.",
};

export function captured(event: KeyLike): Captured {
  if (isModifier(event)) return { kind: "wait" };
  const key = keyOf(event);
  if (key === "esc") return { kind: "cancel" };
  if (key === "backspace" || key === "delete") return { kind: "off" };
  const why = TAKEN[key];
  return why === undefined ? { kind: "key", key } : { kind: "refused", why };
}

/** The settings with this key for this action; whoever had it loses it. A default is not kept. */
export function withKey(
  shortcuts: Record<string, string>,
  id: string,
  key: string,
  losers: Action[],
): Record<string, string> {
  const next = { ...shortcuts };
  for (const loser of losers) next[loser.id] = "";
  const usual = catalogue.find((action) => action.id === id)?.key ?? "";
  if (key === usual) delete next[id];
  else next[id] = key;
  return next;
}

/** The settings with this action's own key again. */
export function withUsual(shortcuts: Record<string, string>, id: string): Record<string, string> {
  const next = { ...shortcuts };
  delete next[id];
  return next;
}
