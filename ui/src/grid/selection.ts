// What is selected: some rows by id, or all of the view except some. Never a list of a million ids.
import type { ExceptionQuery, Selection as Wire } from "../bindings/types";

export class Selection {
  private constructor(
    private readonly ids: ReadonlySet<string>,
    private readonly every: boolean,
  ) {}

  static readonly none = new Selection(new Set(), false);
  static of(ids: Iterable<string>): Selection {
    return new Selection(new Set(ids), false);
  }
  static readonly all = new Selection(new Set(), true);

  has(id: string): boolean {
    return this.ids.has(id) !== this.every;
  }

  with(ids: Iterable<string>): Selection {
    return this.change(ids, true);
  }
  without(ids: Iterable<string>): Selection {
    return this.change(ids, false);
  }
  toggle(id: string): Selection {
    return this.change([id], !this.has(id));
  }

  private change(ids: Iterable<string>, select: boolean): Selection {
    const next = new Set(this.ids);
    for (const id of ids) {
      if (select !== this.every) next.add(id);
      else next.delete(id);
    }
    return new Selection(next, this.every);
  }

  /** How many, in a view of so many rows. */
  count(total: number): number {
    return this.every ? Math.max(0, total - this.ids.size) : this.ids.size;
  }

  get isAll(): boolean {
    return this.every;
  }
  get isNone(): boolean {
    return !this.every && this.ids.size === 0;
  }
  /** The ids, where they were selected one by one. */
  get listed(): string[] | null {
    return this.every ? null : [...this.ids];
  }

  wire(query: ExceptionQuery): Wire {
    return this.every ? { query, except: [...this.ids] } : { ids: [...this.ids] };
  }
}
