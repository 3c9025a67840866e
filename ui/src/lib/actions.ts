// The one registry of actions. The catalogue says what exists; a screen binds what it can do while it is
// shown. Keyboard, palette, menus, the "?" sheet and the settings all read from here.
import { SCREENS } from "../app/screens";
import { firesWhileTyping, isModifier, isTyping, keyOf } from "./keys";

export type Section = "Today" | "Go to" | "Work" | "List" | "Import" | "Mapping" | "Close" | "Desk" | "Help";
export type Action = { id: string; title: string; section: Section; key: string | null };

/** Other words by which an action is looked for. */
export const ALSO: Record<string, string> = {
  backup: "backup save copy export archive safe store restore",
  lock: "leave away",
  close_bank: "camt.053 mt940 bank statement csv reconcile",
  refresh: "detect compare again",
  close_workspace: "quit leave open another",
  theme: "dark light contrast colour",
  density: "compact comfortable rows",
  help: "shortcuts keys keyboard manual",
  schedule: "deferred revenue release recognition amortisation",
  sync: "refresh read fetch update",
  post: "book send",
  export: "save excel xlsx csv write",
  export_pdf: "print paper save write",
  switch_person: "seat user sign in log in",
};

const make = (section: Section, entries: [id: string, title: string, key: string | null][]): Action[] =>
  entries.map(([id, title, key]) => ({ id, title, section, key }));

export const catalogue: Action[] = [
  ...make("Work", [
    ["propose", "Propose a posting", "p"],
    ["approve", "Approve", "a"],
    ["reject", "Reject", "x"],
    ["reroute", "Reroute", "r"],
    ["replay", "Replay", "y"],
    ["finish", "Finish what is half booked", "shift+f"],
    ["take_back", "Take back what is half booked", "shift+t"],
    ["assign", "Assign", "s"],
    ["comment", "Comment", "c"],
    ["hold", "Hold", "h"],
    ["release", "Release from hold", "shift+h"],
    ["dismiss", "Dismiss", "d"],
    ["booked_elsewhere", "Booked elsewhere: the ledger's next file shows it", null],
    ["reverse", "Reverse", "v"],
    ["cancel", "Cancel the posting", "shift+x"],
    ["confirm_match", "Confirm the match", "m"],
    ["reject_match", "Reject the match", "n"],
    ["undo_match", "Undo the match", "u"],
    ["more", "More actions", "."],
    ["attach", "Attach a file", null],
    ["check_erp", "Check the ERP now", "e"],
    ["payload", "Show what billing sent", "w"],
    ["schedule", "Show the revenue schedule of the document", "shift+w"],
  ]),
  ...make("List", [
    ["next", "Next row", "j"],
    ["previous", "Previous row", "k"],
    ["select", "Select the row", "space"],
    ["select_all", "Select all of the view", "mod+a"],
    ["clear", "Clear the selection", "esc"],
    ["copy", "Copy for a spreadsheet", "mod+c"],
    ["copy_raw", "Copy plain values", "mod+shift+c"],
    ["filter", "Filter", "f"],
    ["group", "Group by the next thing", "g"],
    ["columns", "Choose columns", "shift+c"],
    ["export", "Write the view to a file", "mod+e"],
    ["export_pdf", "Export as a PDF", null],
    ["save_view", "Save this view", "mod+s"],
    ["detail", "Go to the detail", "enter"],
    ["panel_wider", "Make the detail wider", "alt+left"],
    ["panel_narrower", "Make the detail narrower", "alt+right"],
  ]),
  ...make("Import", [
    ["import_run", "Import the file as it is shown", "mod+enter"],
    ["import_other", "Choose a file to import", "o"],
    ["import_not", "Not this: the next best reading", "n"],
    ["import_role", "Change a column's role", "r"],
    ["import_row", "Change what a row is", "t"],
    ["import_undo", "Take the last import back", "u"],
  ]),
  ...make("Mapping", [
    ["mapping_propose", "Propose a mapping from what was read", "mod+g"],
    ["mapping_preview", "Show what the mapping would change in the tie-out", "mod+d"],
    ["mapping_submit", "Submit the mapping for approval", "mod+j"],
    ["mapping_rates", "Rates from a central bank's file", "mod+shift+e"],
  ]),
  ...make("Close", [
    ["close_prepare", "Sign the account as prepared", "p"],
    ["close_review", "Review what was prepared", "a"],
    ["close_explain", "Explain what differs", "v"],
    ["close_bank", "Import a bank's statement", "b"],
    ["close_period_before", "The period before", "["],
    ["close_period_after", "The next period", "]"],
    ["close_entity_before", "The entity before", "{"],
    ["close_entity_after", "The next entity", "}"],
  ]),
  ...make("Go to", [
    ["go.queue", "All open", "mod+2"],
    ...SCREENS.map(({ name, title, key }): [string, string, string] => [`go.${name}`, title, key]),
  ]),
  ...make("Today", [
    ["first.1", "Do first: the first", "1"],
    ["first.2", "Do first: the second", "2"],
    ["first.3", "Do first: the third", "3"],
    ["first.4", "Do first: the fourth", "4"],
    ["first.5", "Do first: the fifth", "5"],
  ]),
  ...make("Desk", [
    ["palette", "Find an invoice, customer or action", "mod+k"],
    ["sync", "Sync", "mod+r"],
    ["post", "Send what is approved", "mod+shift+p"],
    ["hand_over", "Write the journal file of what is approved", null],
    ["backup", "Back up the workspace", null],
    ["refresh", "Look for exceptions again", "f5"],
    ["messages", "Go to the messages", "f8"],
    ["switch_person", "Change who acts", "mod+u"],
    ["lock", "Lock", "mod+l"],
    ["close_workspace", "Close the workspace", null],
    ["theme", "Next theme", null],
    ["density", "Next row height", null],
    ["text_larger", "Larger text", "mod+plus"],
    ["text_smaller", "Smaller text", "mod+-"],
    ["text_reset", "Text size 100 %", "mod+0"],
  ]),
  ...make("Help", [["help", "Help: this screen and its keys", "?"]]),
];

/** What a screen can do now. `when` gives true, or the reason why not. */
export type Binding = { when?: () => true | string; run: (event?: KeyboardEvent) => void };

const bindings = new Map<string, Binding[]>();
let remapped: Record<string, string> = {};

/** Binds actions while a component lives; the result takes them away again. The latest binding answers. */
export function bind(actions: Record<string, Binding | (() => void)>): () => void {
  const added: [string, Binding][] = Object.entries(actions).map(([id, how]) => [
    id,
    typeof how === "function" ? { run: how } : how,
  ]);
  for (const [id, binding] of added) bindings.set(id, [...(bindings.get(id) ?? []), binding]);
  return () => {
    for (const [id, binding] of added)
      bindings.set(
        id,
        (bindings.get(id) ?? []).filter((one) => one !== binding),
      );
  };
}

export function binding(id: string): Binding | undefined {
  return bindings.get(id)?.at(-1);
}

/** Runs an action if it is bound and allowed now. */
export function run(id: string): boolean {
  const bound = binding(id);
  if (!bound || (bound.when?.() ?? true) !== true) return false;
  bound.run();
  return true;
}

/** Takes the remapped keys from the settings. An empty key switches a shortcut off. */
export function remap(shortcuts: Record<string, string>): void {
  remapped = shortcuts;
}

/** The key an action has now, or null. */
export function keyFor(id: string): string | null {
  const own = remapped[id];
  if (own !== undefined) return own === "" ? null : own;
  return catalogue.find((action) => action.id === id)?.key ?? null;
}

/** Sections that have the window to themselves: what acts on the rows of the others is not bound there. */
export const APART: readonly Section[] = ["Import", "Work", "Close"];

/** Other actions that already have this key. */
export function clashes(id: string, key: string): Action[] {
  const own = catalogue.find((action) => action.id === id)?.section;
  const apart = (other: Section): boolean =>
    own !== undefined && own !== other && APART.includes(own) && APART.includes(other);
  return catalogue.filter(
    (action) => action.id !== id && !apart(action.section) && keyFor(action.id) === key,
  );
}

/** The actions a key stands for. */
export function actionsOf(key: string): Action[] {
  return catalogue.filter((action) => keyFor(action.id) === key);
}

let tellWhy: (title: string, why: string) => void = () => undefined;

/** Who tells a person why a key did nothing. */
export function onRefused(tell: (title: string, why: string) => void): void {
  tellWhy = tell;
}

/** One key press of the window: true where an action took it. */
export function press(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || isModifier(event)) return false;
  const key = keyOf(event);
  // Loading the page anew would throw away where everyone was, so these never reach the browser.
  if (key === "mod+r" || key === "f5") event.preventDefault();
  if (isTyping(event.target) && !firesWhileTyping(key)) return false;
  // A marked text is copied as text.
  if (key === "mod+c" && !(window.getSelection()?.isCollapsed ?? true)) return false;
  // A dialog is a place of its own: only its keys count while it is open.
  if (document.querySelector("dialog[open]")) return false;
  for (const action of actionsOf(key)) {
    // Space and Enter on a focused control belong to that control.
    if (
      (key === "space" || key === "enter") &&
      event.target instanceof HTMLElement &&
      event.target.closest("button, a[href], summary, input")
    )
      return false;
    const bound = binding(action.id);
    if (!bound) continue;
    event.preventDefault();
    const may = bound.when?.() ?? true;
    if (may === true) bound.run(event);
    else if (["Work", "Close", "Desk"].includes(action.section)) tellWhy(action.title, may);
    return true;
  }
  return false;
}
