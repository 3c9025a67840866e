// What the help lists: what can be done here first, then what everywhere, then the rest of the catalogue.
import { typedWords } from "./rank";
import { shownKey } from "../lib/keys";
import { binding, catalogue, type Action, type Section } from "../lib/actions";

export type Line = { id: string; title: string; key: string; why: string | null };
export type Group = { title: string; lines: Line[] };

/** Keys of the list itself, which no action stands for. */
const IN_LIST: [string, string][] = [
  ["up", "Row up"],
  ["down", "Row down"],
  ["pageup", "A page up"],
  ["pagedown", "A page down"],
  ["mod+home", "First row"],
  ["mod+end", "Last row"],
  ["shift+down", "Extend the selection"],
  ["mod+space", "Select without moving"],
  ["left", "Fold the group"],
  ["right", "Unfold the group"],
];
const EVERYWHERE: readonly Section[] = ["Go to", "Desk", "Help"];

/** All groups whose lines have every word of `typed`; `list`: the screen has the grid. */
export function groups(keyOf: (id: string) => string | null, list: boolean, typed = ""): Group[] {
  const here = (action: Action): boolean =>
    binding(action.id) !== undefined && !EVERYWHERE.includes(action.section);
  const lines = (which: (action: Action) => boolean): Line[] =>
    catalogue.filter(which).flatMap((action): Line[] => {
      const key = keyOf(action.id);
      if (key === null) return [];
      const may = here(action) ? (binding(action.id)?.when?.() ?? true) : true;
      return [{ id: action.id, title: action.title, key, why: may === true ? null : may }];
    });
  const inList = list ? IN_LIST.map(([key, title]) => ({ id: `list.${key}`, title, key, why: null })) : [];
  const sections = [...new Set(catalogue.map((action) => action.section))];
  const all: Group[] = [
    { title: "On this screen", lines: [...lines(here), ...inList] },
    ...sections
      .filter((section) => EVERYWHERE.includes(section))
      .map((title) => ({ title, lines: lines((one) => one.section === title && !here(one)) })),
    ...sections
      .filter((section) => !EVERYWHERE.includes(section))
      .map((title) => ({
        title: `${title}, elsewhere`,
        lines: lines((one) => one.section === title && !here(one)),
      })),
  ];
  const words = typedWords(typed);
  return all
    .map((group) => ({
      ...group,
      lines: group.lines.filter(({ title, key }) =>
        words.every((word) => `${title} ${key} ${shownKey(key)} ${group.title}`.toLowerCase().includes(word)),
      ),
    }))
    .filter((group) => group.lines.length > 0);
}

/** The groups in columns of like height: what is of here stands in the first, the others where there is
 * room. */
export function columns(all: Group[], most: number): Group[][] {
  const made: Group[][] = [];
  const height = (column: Group[]): number => column.reduce((sum, group) => sum + group.lines.length + 2, 0);
  for (const group of all) {
    if (made.length < most) made.push([group]);
    else made.reduce((least, one) => (height(one) < height(least) ? one : least)).push(group);
  }
  return made;
}
