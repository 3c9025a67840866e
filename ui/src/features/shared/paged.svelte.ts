// Rows that are asked for by the page as they come into view. What is shown stays until the new answer is
// there; another filter starts from nothing.
import { untrack } from "svelte";
import type { DeskError } from "../../bindings/types";
import { desk } from "../../lib/desk.svelte";
import { asDeskError } from "../../platform";

export type PageOf<Row> = { total: number; start: number; rows: Row[] };

export class Paged<Row, Page extends PageOf<Row>> {
  total = $state(0);
  /** The page that came last: it carries what is said of the whole (counts, choices). */
  about = $state.raw<Page | null>(null);
  error = $state.raw<DeskError | null>(null);
  busy = $state(true);
  /** Moves when another filter starts, so that the table goes back to its top. */
  starts = $state(0);
  #pages = $state.raw(new Map<number, Row[]>());
  #asked = new Set<number>();
  #turn = 0;
  #seen: [number, number] = [0, 1];

  constructor(
    private readonly ask: (start: number, limit: number) => Promise<Page>,
    readonly size = 100,
  ) {}

  /** There is something to see: rows, that there are none, or why. */
  get there(): boolean {
    return this.about !== null || this.error !== null;
  }

  row(index: number): Row | null {
    return this.#pages.get(Math.floor(index / this.size))?.[index % this.size] ?? null;
  }

  /** These rows are in view, up to but without `end`. */
  need(first: number, end: number): void {
    this.#seen = [first, Math.max(first + 1, end)];
    const last = Math.floor((this.#seen[1] - 1) / this.size);
    for (let page = Math.floor(first / this.size); page <= last; page += 1) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      void this.#load(page, this.#turn);
    }
  }

  restart(forget: boolean): void {
    this.#turn += 1;
    this.#asked = new Set();
    this.busy = true;
    if (forget) {
      [this.#pages, this.total, this.about, this.#seen] = [new Map(), 0, null, [0, 1]];
      this.starts += 1;
    }
    this.need(...this.#seen);
  }

  async #load(page: number, turn: number): Promise<void> {
    try {
      const answer = await this.ask(page * this.size, this.size);
      if (turn !== this.#turn) return;
      this.#pages = new Map(this.#pages).set(page, answer.rows);
      [this.total, this.about, this.error, this.busy] = [answer.total, answer, null, false];
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#asked.delete(page);
      [this.error, this.busy] = [asDeskError(error), false];
    }
  }
}

/** For use while a component is made: starts anew when `key` changes, asks again when the workspace does. */
export function paged<Row, Page extends PageOf<Row>>(
  key: () => string,
  ask: (start: number, limit: number) => Promise<Page>,
): Paged<Row, Page> {
  const rows = new Paged<Row, Page>(ask);
  let before: string | null = null;
  $effect(() => {
    const now = key();
    void desk.generation;
    const forget = before !== null && before !== now;
    before = now;
    untrack(() => rows.restart(forget));
  });
  return rows;
}
