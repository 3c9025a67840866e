// A file under a person's eyes: what they chose for it, what the desk makes of that, and the rows in view.
// Nothing of it is parsed here: the desk gives rows, roles, problems and totals as text.
import type {
  ColumnChoice,
  DeskError,
  EffectView,
  ImportView,
  PreviewView,
  ProblemView,
  StudioRow,
} from "../../bindings/types";
import { ask, work } from "../../lib/desk.svelte";
import { asDeskError } from "../../platform";
import type { FileChoices } from "./fields";

export type Scope = "replaces" | "adds" | "check";
export type Typed = { debits: string; credits: string };

const PAGE = 200;
/** Up to here what an import would change is compared without being asked for. */
const COMPARED_AT_ONCE = 50_000;

export function chosen(file: string): FileChoices {
  return { file, expect: [], columns: [], banner: [], totals: [] };
}

export class Studio {
  choices = $state.raw<FileChoices>(chosen(""));
  view = $state.raw<PreviewView | null>(null);
  error = $state.raw<DeskError | null>(null);
  busy = $state(false);
  /** Problems that a person has seen to. */
  settled = $state.raw<ReadonlySet<string>>(new Set());
  effect = $state.raw<EffectView | null>(null);
  effectBusy = $state(false);
  effectError = $state.raw<DeskError | null>(null);
  scope = $state<Scope>("adds");
  /** Whether the next such file is to be read by the same choices. */
  remember = $state(true);
  title = $state<string | null>(null);
  typed = $state.raw<Typed>({ debits: "", credits: "" });
  done = $state.raw<ImportView | null>(null);
  importing = $state(false);
  refused = $state.raw<DeskError | null>(null);
  #pages = $state.raw(new Map<number, StudioRow[]>());
  #asked = new Set<number>();
  #open = $state.raw<number[]>([]);
  #turn = 0;
  #scopeSaid = false;

  constructor(private readonly head: () => number) {}

  get problems(): ProblemView[] {
    return (this.view?.problems ?? []).filter((one) => !this.settled.has(one.id));
  }

  /** Looks at another file: what was chosen for the one before is gone. */
  async look(file: string): Promise<void> {
    [this.choices, this.view, this.done, this.refused] = [chosen(file), null, null, null];
    [this.settled, this.title, this.remember, this.#open] = [new Set(), null, true, []];
    [this.typed, this.scope, this.#scopeSaid] = [{ debits: "", credits: "" }, "adds", false];
    await this.#read();
  }

  leave(): void {
    this.#turn += 1;
    [this.choices, this.view, this.error, this.done] = [chosen(""), null, null, null];
    [this.effect, this.effectError, this.refused] = [null, null, null];
  }

  /** Changes what is chosen, and looks again. */
  async choose(change: Partial<FileChoices>): Promise<void> {
    this.choices = { ...this.choices, ...change };
    await this.#read();
  }

  async role(column: number, role: ColumnChoice["role"]): Promise<void> {
    const others = this.choices.columns.filter((one) => one.column !== column && one.role !== role);
    const columns: ColumnChoice[] = [...others, { column, role }];
    await this.choose({ columns });
  }

  async type(typed: Typed): Promise<void> {
    this.typed = typed;
    await this.#read(true);
  }

  say(scope: Scope): void {
    [this.scope, this.#scopeSaid] = [scope, true];
    void this.compare();
  }

  settle(id: string): void {
    this.settled = new Set([...this.settled, id]);
  }

  async unfold(first: number): Promise<void> {
    this.#open = [...this.#open, first];
    await this.#read(true);
  }

  row(index: number): StudioRow | null {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null;
  }

  /** Where a row of the file is shown, as far as it was read. */
  indexOf(number: number): number | null {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((row) => row.number === number);
      if (at >= 0) return page * PAGE + at;
    }
    return null;
  }

  need(first: number, end: number): void {
    const last = Math.floor(Math.max(first, end - 1) / PAGE);
    for (let page = Math.floor(first / PAGE); page <= last; page += 1)
      if (!this.#asked.has(page)) void this.#page(page, this.#turn);
  }

  #request(start: number) {
    const { typed } = this;
    const said = typed.debits.trim() === "" ? [] : [{ debits: typed.debits, credits: typed.credits }];
    return { ...this.choices, start, limit: PAGE, head: this.head(), open: this.#open, typed: said };
  }

  async #read(same = false): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const view = await ask("import_preview", this.#request(0));
      if (turn !== this.#turn) return;
      [this.view, this.error] = [view, null];
      [this.#pages, this.#asked] = [new Map([[0, view.rows]]), new Set([0])];
      if (!this.#scopeSaid) this.scope = this.#likely(view);
      if (!same) void this.#compareSoon(view);
    } catch (error) {
      if (turn === this.#turn) this.error = asDeskError(error);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }

  #likely(view: PreviewView): Scope {
    if (view.live !== null) return "check";
    return view.whole?.as_last_time ? "replaces" : "adds";
  }

  async #page(page: number, turn: number): Promise<void> {
    this.#asked.add(page);
    try {
      const view = await ask("import_preview", this.#request(page * PAGE));
      if (turn === this.#turn) this.#pages = new Map(this.#pages).set(page, view.rows);
    } catch {
      this.#asked.delete(page);
    }
  }

  async #compareSoon(view: PreviewView): Promise<void> {
    [this.effect, this.effectError] = [null, null];
    if (view.why === null && view.rows_read <= COMPARED_AT_ONCE) await this.compare();
  }

  get #replaces(): { replaces?: string } {
    const whole = this.view?.whole;
    return whole && this.scope !== "adds" ? { replaces: whole.value } : {};
  }

  /** Asks what an import would change. */
  async compare(): Promise<void> {
    const turn = this.#turn;
    const whole = this.view?.whole;
    [this.effectBusy, this.effectError] = [true, null];
    try {
      // What the file would show to be gone is told whatever is chosen.
      const scope = whole ? { replaces: whole.value } : {};
      const effect = await ask("import_effect", { ...this.choices, ...scope });
      if (turn === this.#turn) this.effect = effect;
    } catch (error) {
      if (turn === this.#turn) this.effectError = asDeskError(error);
    } finally {
      this.effectBusy = false;
    }
  }

  /** Why nothing can be imported now. */
  get why(): string | null {
    const { view } = this;
    if (view === null) return "No file is shown.";
    if (this.busy) return "The file is being read.";
    if (view.why !== null) return view.why;
    if (view.live !== null)
      return `${view.live} is this entity's ledger of record: the file is only compared.`;
    if (this.scope === "check") return "Only check is chosen: nothing is written.";
    if (this.effect?.known_as && this.effect.known_as !== view.connection)
      return `Most of it is there already, by the connection ${this.effect.known_as}.`;
    return null;
  }

  async take(): Promise<void> {
    const { view } = this;
    if (view === null || this.why !== null || this.importing) return;
    [this.importing, this.refused] = [true, null];
    const title = this.remember ? (this.title ?? view.title) : undefined;
    const shown = view.sha256 ?? undefined;
    const request = { ...this.choices, ...this.#replaces, title, shown };
    const done = await work(`Importing ${view.name}`, "import_chosen", request);
    this.importing = false;
    if (done !== null) {
      this.done = done;
      [this.view, this.choices] = [null, chosen("")];
    }
  }
}
