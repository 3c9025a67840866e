// Pages of rows that were fetched: few are kept, the ones used last; the newest wish is fetched first, since
// during a fling the older ones are no longer seen.

export const PAGE = 100;

export type Fetch<R> = (
  key: string | null,
  start: number,
  limit: number,
) => Promise<{ rows: R[]; generation: number }>;
type Page<R> = { rows: R[]; stale: boolean };
type Wish = { id: string; key: string | null; page: number };

export class Pages<R> {
  private kept = new Map<string, Page<R>>();
  private wishes: Wish[] = [];
  private flying = new Set<string>();
  private era = 0;

  constructor(
    private readonly fetch: Fetch<R>,
    private readonly arrived: (generation: number) => void,
    private readonly failed: (error: unknown) => void,
    private readonly most = 80,
    private readonly atOnce = 2,
  ) {}

  /** A row if it is here; being asked keeps its page. */
  row(key: string | null, index: number): R | undefined {
    const id = idOf(key, Math.floor(index / PAGE));
    const page = this.kept.get(id);
    if (!page) return undefined;
    this.kept.delete(id);
    this.kept.set(id, page);
    return page.rows[index % PAGE];
  }

  /** Looks at a row without keeping its page longer. */
  peek(key: string | null, index: number): R | undefined {
    return this.kept.get(idOf(key, Math.floor(index / PAGE)))?.rows[index % PAGE];
  }

  /** The first page, which came with the view itself. */
  seed(key: string | null, rows: R[]): void {
    this.kept.set(idOf(key, 0), { rows, stale: false });
  }

  /** Replaces what is wished for: the first run counts most. */
  want(runs: { key: string | null; start: number; count: number }[]): void {
    const wishes: Wish[] = [];
    for (const run of runs) {
      for (let page = Math.floor(run.start / PAGE); page * PAGE < run.start + run.count; page += 1) {
        const id = idOf(run.key, page);
        const known = this.kept.get(id);
        if ((!known || known.stale) && !this.flying.has(id) && !wishes.some((wish) => wish.id === id))
          wishes.push({ id, key: run.key, page });
      }
    }
    this.wishes = wishes;
    this.pump();
  }

  /** The rows may have moved: what is here is shown until it is fetched again. */
  stale(): void {
    this.era += 1;
    this.flying.clear();
    for (const page of this.kept.values()) page.stale = true;
  }

  /** Other rows altogether: nothing that is here belongs to them. */
  forget(): void {
    this.era += 1;
    this.flying.clear();
    this.kept.clear();
    this.wishes = [];
  }

  private pump(): void {
    while (this.flying.size < this.atOnce) {
      const wish = this.wishes.shift();
      if (!wish) return;
      void this.bring(wish);
    }
  }

  private async bring(wish: Wish): Promise<void> {
    const era = this.era;
    this.flying.add(wish.id);
    try {
      const answer = await this.fetch(wish.key, wish.page * PAGE, PAGE);
      if (era !== this.era) return;
      this.flying.delete(wish.id);
      this.kept.delete(wish.id);
      this.kept.set(wish.id, { rows: answer.rows, stale: false });
      for (const oldest of this.kept.keys()) {
        if (this.kept.size <= this.most) break;
        this.kept.delete(oldest);
      }
      this.arrived(answer.generation);
    } catch (error) {
      if (era !== this.era) return;
      this.flying.delete(wish.id);
      this.failed(error);
    }
    this.pump();
  }
}

const idOf = (key: string | null, page: number): string => `${page}\u0000${key === null ? "" : `=${key}`}`;
