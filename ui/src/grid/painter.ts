// The rows on the screen: a few nodes that are used again and again. Positions are set through the CSSOM
// only, and a node is touched only where what it shows has changed.
import type { ExceptionView, GroupView } from "../bindings/types";
import { amount, count, type Look } from "../lib/format";
import { name, plural } from "../lib/names";
import type { Column } from "./columns";
import type { Frame } from "./geometry";
import { seen } from "./geometry";
import type { Layout } from "./layout";
import type { Selection } from "./selection";

export type Scene = {
  frame: Frame;
  offset: number;
  layout: Layout<GroupView>;
  rowAt: (line: number) => ExceptionView | undefined;
  selection: Selection;
  focus: number;
  look: Look;
  now: number;
  /** The currency of what rows and groups are worth. */
  reporting: string | null;
};
/** A cell, and what it shows: written only where that differs, as each write costs a fling. */
type Cell = {
  box: HTMLElement;
  tag: HTMLElement | null;
  text: Text;
  more: Text | null;
  second: Text | null;
  behind: Text | null;
  tone: string;
  late: boolean;
  press: boolean;
  title: string;
  titled: boolean;
};
type Node = {
  row: HTMLElement;
  look: string;
  top: string;
  cells: Cell[];
  group: HTMLElement;
  title: HTMLElement;
  note: HTMLElement;
  sums: HTMLElement;
  all: HTMLElement;
  fold: HTMLElement;
  line: number;
  shown: unknown;
  stamp: string;
};

/** Rows from where positions are counted, at most: WebKit's pixels end at some thirty millions. */
const REBASE = 20_000;

/** As many sums as fit, whole: a cut amount would read as another one. */
function fitting(sums: string[], room: number): string {
  let shown = sums.length;
  while (shown > 1 && sums.slice(0, shown).join(" · ").length > room - (shown < sums.length ? 5 : 0))
    shown -= 1;
  return sums.slice(0, shown).join(" · ") + (shown < sums.length ? ` · +${sums.length - shown}` : "");
}

function span(className: string): HTMLElement {
  const made = document.createElement("span");
  made.className = className;
  return made;
}

/** A text, and what stands behind it where there is room for all of that. */
function parts(host: HTMLElement): [Text, Text] {
  const [whole, more] = [span("tg-whole"), span("tg-more")];
  const texts: [Text, Text] = [document.createTextNode(""), document.createTextNode("")];
  whole.append(texts[0]);
  more.append(texts[1]);
  host.classList.add("tg-parts");
  host.append(whole, more);
  return texts;
}

export class Painter {
  #nodes: Node[] = [];
  #columns: Column[] = [];
  #base = 0;
  #height = 0;
  #epoch = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly id: string,
  ) {
    host.addEventListener("pointerover", (event) => this.#tip(event));
  }

  /** The whole text of a cell is its tip, from when the pointer comes to it. */
  #tip(event: Event): void {
    const box = event.target instanceof Element ? event.target.closest<HTMLElement>(".tg-cell") : null;
    const cell =
      box && this.#nodes.find((node) => node.row === box.parentElement)?.cells.find((one) => one.box === box);
    if (!cell) return;
    [cell.box.title, cell.titled] = [cell.title, true];
  }

  /** Other columns: the nodes are made anew. `under` are those that are second lines, by the column above;
   * null where a row has one line. */
  columns(columns: Column[], pinned: number, under: Map<string, Column> | null): void {
    this.#columns = columns;
    this.#under = under;
    this.#pinned = pinned;
    this.#nodes = [];
    this.host.replaceChildren();
  }
  #pinned = 0;
  #under: Map<string, Column> | null = null;

  /** How wide each column is, and where the first one begins. A cell stands at its place by itself: WebKit
   * then lays out again only the cell whose text has changed, where a grid or a flexible row would lay out
   * all of them. */
  lay(widths: number[], first: number): void {
    let left = first;
    this.#places = widths.map((width) => ({ left: `${(left += width) - width}px`, width: `${width}px` }));
    for (const node of this.#nodes) node.cells.forEach((cell, index) => this.#stand(cell.box, index));
  }
  #places: { left: string; width: string }[] = [];

  #stand(box: HTMLElement, index: number): void {
    const place = this.#places[index];
    if (!place) return;
    box.style.setProperty("left", place.left);
    box.style.setProperty("width", place.width);
  }
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
    const size = this.#nodes.length;
    // After a leap no row stays: the nodes stay where they are and only their texts change.
    if (Math.abs(span.first - this.#first) >= size || Math.abs(span.first - this.#base) > REBASE) {
      this.#base = span.first;
      for (const node of this.#nodes) node.line = -1;
    }
    this.#first = span.first;
    // Not a transform: WebKitGTK would draw what is transformed a second time, into a layer of its own.
    this.host.style.setProperty("margin-top", `${this.#base * frame.rowHeight - offset}px`);
    const used = new Set<number>();
    for (let line = span.first; line < span.end; line += 1) {
      const slot = (((line - this.#base) % size) + size) % size;
      const node = this.#nodes[slot];
      if (!node) continue;
      used.add(slot);
      this.#place(node, line, frame.rowHeight);
      this.#fill(node, line, scene);
    }
    for (let slot = 0; slot < size; slot += 1) {
      const node = this.#nodes[slot];
      if (node && !used.has(slot) && node.line !== -2) {
        node.line = -2;
        node.row.hidden = true;
      }
    }
  }
  #first = 0;

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
    const top = `${(line - this.#base) * height}px`;
    if (node.top !== top) node.row.style.setProperty("top", (node.top = top));
    node.row.setAttribute("aria-rowindex", String(line + 2));
    node.row.dataset["line"] = String(line);
  }

  #fill(node: Node, line: number, scene: Scene): void {
    const place = scene.layout.at(line);
    if (!place) return;
    const row = place.row >= 0 ? scene.rowAt(line) : undefined;
    const shown = place.row < 0 ? place.segment.group : row;
    const selected = row !== undefined && scene.selection.has(row.id);
    const open = place.row < 0 ? place.segment.open : "";
    const stamp = [line === scene.focus, selected, this.#epoch, open, shown === undefined].join("|");
    if (node.shown === shown && node.stamp === stamp) return;
    [node.shown, node.stamp] = [shown, stamp];
    const kind = place.row < 0 ? "tg-row tg-group" : row ? "tg-row" : "tg-row tg-waiting";
    const look = `${kind}${selected ? " tg-selected" : ""}${line === scene.focus ? " tg-focus" : ""}`;
    if (node.look !== look) node.row.className = node.look = look;
    if (place.row < 0 && place.segment.group)
      return this.#fillGroup(node, place.segment.group, place.segment.open, scene);
    node.row.setAttribute("aria-selected", String(selected));
    if (!row) return this.#fillWaiting(node, place.row);
    node.row.dataset["testid"] = `row-${row.external_ref}`;
    this.#columns.forEach((column, index) => this.#fillCell(node, index, column, row, scene));
  }

  #fillCell(node: Node, index: number, column: Column, row: ExceptionView, scene: Scene): void {
    const cell = node.cells[index];
    if (!cell) return;
    const shown = column.show(row, scene.look, scene.now);
    const { text, tone = "mut", late = false, press = false, more = "", title = text } = shown;
    const [second, behind] = cell.second ? this.#second(column, row, scene) : ["", ""];
    this.#write(cell, text, [title, more, second, behind].filter((one) => one !== "").join(" "));
    if (cell.more && cell.more.data !== more) cell.more.data = more;
    if (cell.second && cell.second.data !== second) cell.second.data = second;
    if (cell.behind && cell.behind.data !== behind) cell.behind.data = behind;
    if (cell.tag) {
      if (cell.tone !== tone) [cell.tone, cell.tag.className] = [tone, `tg-tag ${tone}`];
      if (cell.tag.hidden !== (text === "")) cell.tag.hidden = text === "";
    }
    if (cell.late !== late) cell.late = cell.box.classList.toggle("tg-late", late);
    if (cell.press !== press) cell.press = cell.box.classList.toggle("tg-press", press);
  }

  /** The second line, and what stands behind it where there is room for all of that. */
  #second(column: Column, row: ExceptionView, scene: Scene): [string, string] {
    const below = this.#under?.get(column.id);
    if (!below) return [column.second?.(row, scene.look, scene.now) ?? "", ""];
    const { text, more = "" } = below.show(row, scene.look, scene.now);
    return [text, more];
  }

  #write(cell: Cell, text: string, title: string): void {
    if (cell.text.data !== text) cell.text.data = text;
    cell.title = title;
    if (!cell.titled) return;
    cell.box.removeAttribute("title");
    cell.titled = false;
  }

  /** The row is on its way: its number, and nothing of another row. */
  #fillWaiting(node: Node, number: number): void {
    delete node.row.dataset["testid"];
    node.cells.forEach((cell, index) => {
      this.#write(cell, index === 0 && !cell.tag ? `Row ${number + 1}` : "", "");
      if (cell.more) cell.more.data = "";
      if (cell.second) cell.second.data = "";
      if (cell.behind) cell.behind.data = "";
      if (cell.tag) cell.tag.hidden = true;
    });
  }

  #fillGroup(node: Node, group: GroupView, open: boolean, scene: Scene): void {
    node.row.dataset["testid"] = `group-${group.key}`;
    node.row.removeAttribute("aria-selected");
    node.group.setAttribute("aria-expanded", String(open));
    node.fold.classList.toggle("tg-open", open);
    node.title.textContent = group.label === "" ? "None" : group.label;
    node.title.title = group.label;
    const owner = group.owner ? ` · ${name(group.owner).toLowerCase()}` : "";
    node.note.textContent = `${count(group.count, scene.look)}${owner}`;
    const own = group.sums.map((sum) => amount(sum.amount, sum.currency, scene.look));
    const sums =
      group.gross !== null && scene.reporting !== null
        ? [amount(group.gross, scene.reporting, scene.look)]
        : own;
    node.sums.textContent = fitting(sums, this.sumsWidth);
    node.sums.title = own.join(" · ");
    node.all.setAttribute(
      "aria-label",
      `Act on all ${group.count} ${plural(group.count, "row")} of ${group.label}`,
    );
  }

  /** What stands in a cell: its text, what is behind it, and its second line. */
  #cell(box: HTMLElement, column: Column): Cell {
    const text = document.createTextNode("");
    const tag = column.look === "tag" ? span("") : null;
    tag?.append(text);
    const fresh = { tone: "", late: false, press: false, title: "", titled: false };
    const cell: Cell = { box, tag, text, more: null, second: null, behind: null, ...fresh };
    if (this.#under) {
      const [first, below] = [span("tg-line"), span("tg-line tg-second")];
      first.append(tag ?? text);
      [cell.second, cell.behind] = parts(below);
      box.append(first, below);
    } else if (column.id === "document") {
      [cell.text, cell.more] = parts(box);
    } else box.append(tag ?? text);
    return cell;
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
    const cells = this.#columns.map((column, index): Cell => {
      const look = column.look === "tag" ? "tagged" : column.look;
      const box = element(`tg-cell${column.num ? " tg-num" : ""}${look ? ` tg-${look}` : ""}`, "gridcell");
      box.setAttribute("aria-colindex", String(index + 2));
      if (index < this.#pinned) box.classList.add("tg-pinned");
      if (index === this.#pinned - 1) box.classList.add("tg-edge");
      this.#stand(box, index);
      return this.#cell(box, column);
    });
    const group = element("tg-grouphead", "gridcell");
    group.setAttribute("aria-colindex", "1");
    group.setAttribute("aria-colspan", String(this.#columns.length + 1));
    const [fold, what, sums, all] = [
      element("tg-fold"),
      element("tg-what"),
      element("tg-sums"),
      element("tg-all"),
    ];
    const [title, note] = [document.createElement("b"), document.createElement("span")];
    what.append(title, note);
    all.textContent = "act on all";
    all.setAttribute("role", "button");
    group.append(fold, what, sums, all);
    row.append(check, ...cells.map((cell) => cell.box), group);
    this.host.append(row);
    return {
      row,
      look: "",
      top: "",
      cells,
      group,
      title,
      note,
      sums,
      all,
      fold,
      line: -1,
      shown: null,
      stamp: "",
    };
  }
}
