// The rows on the screen: a few nodes that are used again and again. Positions are set through the CSSOM only, and a
// node is touched only where what it shows has changed.
import type { ExceptionView, GroupView } from "../bindings/types";
import { amount, count, type Look } from "../lib/format";
import { name, plural } from "../lib/names";
import type { Column } from "./columns";
import type { Frame } from "./geometry";
import { seen } from "./geometry";
import type { Layout } from "./layout";
import type { Selection } from "./selection";

export type Scene = {
  frame: Frame; offset: number; layout: Layout<GroupView>;
  rowAt: (line: number) => ExceptionView | undefined;
  selection: Selection; focus: number; look: Look; now: number;
};
type Node = {
  row: HTMLElement; check: HTMLElement; cells: HTMLElement[]; tags: (HTMLElement | null)[];
  group: HTMLElement; title: HTMLElement; note: HTMLElement; sums: HTMLElement; all: HTMLElement; fold: HTMLElement;
  line: number; shown: unknown; stamp: string;
};

const REBASE = 20_000;

/** As many sums as fit, whole: a cut amount would read as another one. */
function fitting(sums: string[], room: number): string {
  let shown = sums.length;
  while (shown > 1 && sums.slice(0, shown).join(" · ").length > room - (shown < sums.length ? 5 : 0)) shown -= 1;
  return sums.slice(0, shown).join(" · ") + (shown < sums.length ? ` · +${sums.length - shown}` : "");
}

export class Painter {
  #nodes: Node[] = [];
  #columns: Column[] = [];
  #base = 0;
  #height = 0;
  #epoch = 0;

  constructor(private readonly host: HTMLElement, private readonly id: string) {}

  /** Other columns: the nodes are made anew. */
  columns(columns: Column[], pinned: { at: number; left: number }[]): void {
    this.#columns = columns;
    this.#nodes = [];
    this.host.replaceChildren();
    this.#pinned = new Map(pinned.map((one) => [one.at, one.left]));
  }
  #pinned = new Map<number, number>();
  /** Characters there is room for in a group's sums. */
  sumsWidth = 60;

  /** Everything is written again: formats or the clock have changed. */
  refresh(): void {
    this.#epoch += 1;
  }

  nodeId(line: number): string | undefined {
    return this.#nodes.find((node) => node.line === line)?.row.id;
  }

  paint(scene: Scene): void {
    const { frame, offset } = scene;
    const span = seen(frame, offset);
    this.#fit(Math.ceil(frame.viewport / frame.rowHeight) + 2, frame.rowHeight);
    if (Math.abs(span.first - this.#base) > REBASE) {
      this.#base = span.first;
      for (const node of this.#nodes) node.line = -1;
    }
    // Not a transform: WebKitGTK would draw what is transformed a second time, into a layer of its own.
    this.host.style.setProperty("margin-top", `${this.#base * frame.rowHeight - offset}px`);
    const size = this.#nodes.length;
    const used = new Set<number>();
    for (let line = span.first; line < span.end; line += 1) {
      const slot = line % size;
      const node = this.#nodes[slot];
      if (!node) continue;
      used.add(slot);
      this.#place(node, line, frame.rowHeight);
      this.#fill(node, line, scene);
    }
    for (let slot = 0; slot < size; slot += 1) {
      const node = this.#nodes[slot];
      if (node && !used.has(slot) && node.line !== -2) { node.line = -2; node.row.hidden = true; }
    }
  }

  #fit(size: number, height: number): void {
    if (height !== this.#height) {
      this.#height = height;
      for (const node of this.#nodes) node.line = -1;
    }
    if (this.#nodes.length >= size) return;
    while (this.#nodes.length < size) this.#nodes.push(this.#make(this.#nodes.length));
    for (const node of this.#nodes) node.line = -1;
  }

  #place(node: Node, line: number, height: number): void {
    if (node.line === line) return;
    node.line = line;
    node.stamp = "";
    node.row.hidden = false;
    node.row.style.setProperty("top", `${(line - this.#base) * height}px`);
    node.row.setAttribute("aria-rowindex", String(line + 2));
    node.row.dataset["line"] = String(line);
  }

  #fill(node: Node, line: number, scene: Scene): void {
    const place = scene.layout.at(line);
    if (!place) return;
    const row = place.row >= 0 ? scene.rowAt(line) : undefined;
    const shown = place.row < 0 ? place.segment.group : row;
    const selected = row !== undefined && scene.selection.has(row.id);
    const stamp = `${line === scene.focus}|${selected}|${this.#epoch}|${place.row < 0 ? place.segment.open : ""}|${shown === undefined}`;
    if (node.shown === shown && node.stamp === stamp) return;
    [node.shown, node.stamp] = [shown, stamp];
    const kind = place.row < 0 ? "tg-row tg-group" : row ? "tg-row" : "tg-row tg-waiting";
    node.row.className = `${kind}${selected ? " tg-selected" : ""}${line === scene.focus ? " tg-focus" : ""}`;
    if (place.row < 0 && place.segment.group) return this.#fillGroup(node, place.segment.group, place.segment.open, scene);
    node.row.setAttribute("aria-selected", String(selected));
    if (!row) return this.#fillWaiting(node, place.row);
    node.row.dataset["testid"] = `row-${row.external_ref}`;
    this.#columns.forEach((column, index) => this.#fillCell(node, index, column, row, scene));
  }

  #fillCell(node: Node, index: number, column: Column, row: ExceptionView, scene: Scene): void {
    const cell = node.cells[index];
    if (!cell) return;
    const shown = column.show(row, scene.look, scene.now);
    const tag = node.tags[index];
    const into = tag ?? cell;
    if (into.textContent !== shown.text) into.textContent = shown.text;
    if (tag) {
      tag.className = `tg-tag ${shown.tone ?? "mut"}`;
      tag.hidden = shown.text === "";
    }
    cell.classList.toggle("tg-late", shown.late === true);
    cell.title = shown.title ?? shown.text;
  }

  /** The row is on its way: its number, and nothing of another row. */
  #fillWaiting(node: Node, number: number): void {
    delete node.row.dataset["testid"];
    node.cells.forEach((cell, index) => {
      const tag = node.tags[index];
      if (tag) tag.hidden = true;
      else cell.textContent = index === 0 ? `Row ${number + 1}` : "";
      cell.title = "";
    });
  }

  #fillGroup(node: Node, group: GroupView, open: boolean, scene: Scene): void {
    node.row.dataset["testid"] = `group-${group.key}`;
    node.row.removeAttribute("aria-selected");
    node.group.setAttribute("aria-expanded", String(open));
    node.fold.textContent = open ? "▾" : "▸";
    node.title.textContent = group.label === "" ? "None" : group.label;
    node.title.title = group.label;
    const owner = group.owner ? ` · ${name(group.owner).toLowerCase()}` : "";
    node.note.textContent = `${count(group.count, scene.look)}${owner}`;
    const sums = group.sums.map((sum) => amount(sum.amount, sum.currency, scene.look));
    node.sums.textContent = fitting(sums, this.sumsWidth);
    node.sums.title = sums.join(" · ");
    node.all.setAttribute("aria-label", `Act on all ${group.count} ${plural(group.count, "row")} of ${group.label}`);
  }

  #make(slot: number): Node {
    const element = (className: string, role?: string): HTMLElement => {
      const made = document.createElement("div");
      made.className = className;
      if (role) made.setAttribute("role", role);
      return made;
    };
    const row = element("tg-row", "row");
    row.id = `${this.id}-${slot}`;
    const check = element("tg-cell tg-check", "gridcell");
    check.setAttribute("aria-colindex", "1");
    check.append(element("tg-box"));
    const tags: (HTMLElement | null)[] = [];
    const cells = this.#columns.map((column, index) => {
      const cell = element(`tg-cell${column.num ? " tg-num" : ""}${column.look ? ` tg-${column.look === "tag" ? "tagged" : column.look}` : ""}`, "gridcell");
      cell.setAttribute("aria-colindex", String(index + 2));
      const left = this.#pinned.get(index);
      if (left !== undefined) { cell.classList.add("tg-pinned"); cell.classList.toggle("tg-edge", index === this.#pinned.size - 1); cell.style.setProperty("left", `${left}px`); }
      const tag = column.look === "tag" ? document.createElement("span") : null;
      if (tag) cell.append(tag);
      tags.push(tag);
      return cell;
    });
    const group = element("tg-grouphead", "gridcell");
    group.setAttribute("aria-colindex", "1");
    group.setAttribute("aria-colspan", String(this.#columns.length + 1));
    const [fold, what, sums, all] = [element("tg-fold"), element("tg-what"), element("tg-sums"), element("tg-all")];
    const [title, note] = [document.createElement("b"), document.createElement("span")];
    what.append(title, note);
    all.textContent = "act on all";
    all.setAttribute("role", "button");
    group.append(fold, what, sums, all);
    row.append(check, ...cells, group);
    this.host.append(row);
    return { row, check, cells, tags, group, title, note, sums, all, fold, line: -1, shown: null, stamp: "" };
  }
}
