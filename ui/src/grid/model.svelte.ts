// What a queue shows: which rows in which order, where the focus is and what is selected. It asks the desk
// for windows of rows and never for all of them.
import type {
  ExceptionQuery,
  ExceptionView,
  GroupBy,
  GroupView,
  SelectionSummary,
  SortKey,
  ViewSummary,
} from "../bindings/types";
import { desk } from "../lib/desk.svelte";
import { count } from "../lib/format";
import { asDeskError, call } from "../platform";
import type { DeskError } from "../bindings/types";
import { clamp } from "./geometry";
import { Layout } from "./layout";
import { PAGE, Pages } from "./pages";
import { Selection } from "./selection";

/** More than this is no batch a person can look over. */
const MOST_IN_BATCH = 10_000;
const IDS_AT_ONCE = 5_000;
/** More lines than a screen shows. */
const AT_ONCE = 48;

function withGroup(query: ExceptionQuery, by: GroupBy | null, key: string | null): ExceptionQuery {
  if (by === null || key === null) return query;
  if (by === "rank") return { ...query, rank: key as ExceptionQuery["rank"] };
  return by === "cause"
    ? { ...query, group: key }
    : by === "customer"
      ? { ...query, customer: key }
      : { ...query, entity: key };
}

/** The group of what was already open when its period closed: under the list until it is unfolded. */
export const BACKLOG = "backlog";
const RANKS = ["first", "then", BACKLOG];

const keyOf = (row: ExceptionView, by: Exclude<GroupBy, "rank">): string =>
  (by === "cause" ? row.group : by === "customer" ? row.customer : row.entity) ?? "";

export class QueueModel {
  query = $state.raw<ExceptionQuery>() as ExceptionQuery;
  groupBy = $state.raw<GroupBy | null>(null);
  summary = $state.raw<ViewSummary | null>(null);
  groups = $state.raw<{ groups: GroupView[]; more: number } | null>(null);
  folded = $state.raw<ReadonlySet<string>>(new Set());
  error = $state.raw<DeskError | null>(null);
  /** Moves when rows have arrived. */
  arrivals = $state(0);
  focus = $state(0);
  selection = $state.raw(Selection.none);
  selected = $state.raw<SelectionSummary | null>(null);
  /** The row the detail shows, kept while its page is fetched again. */
  current = $state.raw<ExceptionView | null>(null);

  /** The backlog while it is folded: it stands under the list, not in it. */
  apart = $derived.by<GroupView | null>(() => {
    if (this.groupBy !== "rank" || !this.folded.has(BACKLOG)) return null;
    return this.groups?.groups.find((group) => group.key === BACKLOG) ?? null;
  });

  layout = $derived.by<Layout<GroupView>>(() => {
    if (this.groupBy !== null && this.groups)
      return Layout.grouped(
        this.groups.groups
          .filter((group) => group !== this.apart)
          .map((group) => ({ key: group.key, rows: group.count, group })),
        this.folded,
      );
    return Layout.flat(this.groupBy === null ? (this.summary?.total ?? 0) : 0);
  });

  #pages = new Pages<ExceptionView>(
    async (key, start, limit) =>
      call("exception_page", { query: withGroup(this.query, this.groupBy, key), start, limit }),
    (generation) => this.#arrived(generation),
    (error) => (this.error = asDeskError(error)),
  );
  #landed = $state(false);
  #era = 0;
  #anchor = 0;
  #heeded = -1;
  #summing = 0;

  /** There is something to see: the first rows of this view, that it has none, or why. */
  get there(): boolean {
    return this.error !== null || this.summary?.total === 0 || (this.summary !== null && this.#landed);
  }

  constructor(query: ExceptionQuery, groupBy: GroupBy | null) {
    this.query = query;
    this.groupBy = groupBy;
  }

  // ── which rows ──────────────────────────────────────────────────────────────────────────────────────────
  /** Other rows: nothing that is here belongs to them, and a selection of rows nobody sees would be a
   * trap. */
  async show(query: ExceptionQuery, groupBy: GroupBy | null = this.groupBy, select?: string): Promise<void> {
    [this.query, this.groupBy] = [query, groupBy];
    this.#pages.forget();
    this.#landed = false;
    [this.groups, this.summary] = [null, null];
    // What somebody looks for is shown wherever it is.
    this.folded = new Set(groupBy === "rank" && !query.search && query.standing === "new" ? [BACKLOG] : []);
    this.select(Selection.none);
    this.focus = 0;
    this.current = null;
    await this.reload(select);
  }

  /** The same rows again, since something changed: what is here stays until the answer comes. */
  async reload(select?: string): Promise<void> {
    const era = ++this.#era;
    const { query, groupBy } = this;
    this.#pages.stale();
    try {
      const lines = this.focus < AT_ONCE ? AT_ONCE : 0;
      const { summary, groups, first } = await call("exception_open", {
        query,
        by: groupBy,
        lines,
        page: PAGE,
      });
      if (era !== this.#era) return;
      [this.summary, this.groups, this.error] = [summary, groups, null];
      // Alone it needs no place of its own.
      if (groups?.groups.length === 1 && groups.groups[0]?.key === BACKLOG) this.folded = new Set();
      for (const { key, rows } of first) this.#pages.seed(key, rows);
      this.#landed ||= first.length > 0;
      const wanted = select ?? this.current?.id;
      if (wanted) await this.#focusOn(wanted, era);
      this.focus = clamp(this.focus, 0, Math.max(0, this.layout.lines - 1));
      if (groupBy && this.focus === 0 && !wanted && this.layout.lines > 1) this.focus = 1;
      this.arrivals += 1;
      this.settleCurrent();
      this.#resum();
    } catch (error) {
      if (era === this.#era) this.error = asDeskError(error);
    }
  }

  async #focusOn(id: string, era: number): Promise<void> {
    if (this.groupBy === "rank") return this.#focusOnRanked(id, era);
    let row = this.current?.id === id ? this.current : null;
    if (this.groupBy && !row)
      row = (await call("exception_detail", { id }).catch(() => null))?.exception ?? null;
    const key = this.groupBy && row ? keyOf(row, this.groupBy) : null;
    const { index } = await call("exception_find", { query: withGroup(this.query, this.groupBy, key), id });
    if (era !== this.#era) return;
    if (index === null) {
      this.current = null;
      return;
    }
    const line = this.layout.lineOf(this.groupBy ? key : null, index);
    if (line !== null) this.focus = line;
  }

  /** Nothing in a row says its rank: it is looked for in one after the other. */
  async #focusOnRanked(id: string, era: number): Promise<void> {
    for (const key of RANKS) {
      if (!this.groups?.groups.some((group) => group.key === key)) continue;
      const query = withGroup(this.query, "rank", key);
      const { index } = await call("exception_find", { query, id });
      if (era !== this.#era) return;
      if (index === null) continue;
      if (this.folded.has(key)) this.folded = new Set([...this.folded].filter((one) => one !== key));
      this.focus = this.layout.lineOf(key, index) ?? this.focus;
      return;
    }
    this.current = null;
  }

  sort(sort: SortKey[]): void {
    void this.#reorder({ ...this.query, sort });
  }

  async #reorder(query: ExceptionQuery): Promise<void> {
    this.query = query;
    this.#pages.forget();
    await this.reload();
  }

  #arrived(generation: number): void {
    this.#landed = true;
    this.arrivals += 1;
    this.settleCurrent();
    // Rows have moved since the view was counted: count again, but once for each generation.
    if (this.summary && generation !== this.summary.generation && generation !== this.#heeded) {
      this.#heeded = generation;
      void this.reload();
    }
  }

  want(runs: { key: string | null; start: number; count: number }[]): void {
    this.#pages.want(runs);
  }

  rowAt(line: number): ExceptionView | undefined {
    const place = this.layout.at(line);
    return place && place.row >= 0 ? this.#pages.row(place.segment.key, place.row) : undefined;
  }

  // ── focus ───────────────────────────────────────────────────────────────────────────────────────────────
  moveTo(line: number): void {
    this.focus = clamp(line, 0, Math.max(0, this.layout.lines - 1));
    this.#anchor = this.focus;
    this.settleCurrent();
  }

  /** The focus is on the header of a group. */
  get onHeader(): boolean {
    return this.layout.at(this.focus)?.row === -1;
  }

  /** The focused row becomes the one the detail shows as soon as it is here. */
  settleCurrent(): void {
    const place = this.layout.at(this.focus);
    if (!place) return;
    // On a group's header no row is in focus: an action never means one that was left behind.
    if (place.row < 0) {
      this.current = null;
      return;
    }
    const row = this.#pages.peek(place.segment.key, place.row);
    if (row) this.current = row;
  }

  /** The group whose header is in focus. */
  get header(): GroupView | null {
    const place = this.layout.at(this.focus);
    return place?.row === -1 ? place.segment.group : null;
  }

  fold(key: string, folded: boolean): void {
    const next = new Set(this.folded);
    if (folded) next.add(key);
    else next.delete(key);
    this.folded = next;
    this.moveTo(this.layout.lineOf(key, -1) ?? 0);
  }

  // ── selection ───────────────────────────────────────────────────────────────────────────────────────────
  select(selection: Selection): void {
    this.selection = selection;
    this.#resum();
  }

  #resum(): void {
    const mine = ++this.#summing;
    if (this.selection.isNone) {
      this.selected = null;
      return;
    }
    setTimeout(() => {
      if (mine !== this.#summing) return;
      call("selection_summary", { selection: this.selection.wire(this.query) })
        .then((summary) => {
          if (mine === this.#summing) this.selected = summary;
        })
        .catch((error: unknown) => desk.fail(error, "Selection"));
    }, 40);
  }

  async toggle(line: number): Promise<void> {
    const place = this.layout.at(line);
    if (!place) return;
    if (place.row < 0) return this.#toggleGroup(place.segment.key);
    const row = this.rowAt(line);
    if (row) this.select(this.selection.toggle(row.id));
    this.#anchor = line;
  }

  async #toggleGroup(key: string | null): Promise<void> {
    const ids = await this.groupIds(key ?? "");
    if (!ids) return;
    this.select(
      ids.every((id) => this.selection.has(id)) ? this.selection.without(ids) : this.selection.with(ids),
    );
  }

  /** Selects from where the selection began to this line. */
  async extendTo(line: number): Promise<void> {
    const anchor = this.#anchor;
    this.focus = clamp(line, 0, Math.max(0, this.layout.lines - 1));
    this.settleCurrent();
    const ids = await this.#idsOf(this.layout.runs(anchor, this.focus));
    if (ids) this.select(this.selection.isAll ? this.selection.with(ids) : Selection.of(ids));
  }

  async #idsOf(runs: { key: string | null; start: number; count: number }[]): Promise<string[] | null> {
    const total = runs.reduce((sum, run) => sum + run.count, 0);
    if (total > MOST_IN_BATCH) {
      desk.toast(
        "mut",
        `That is more than ${count(MOST_IN_BATCH, desk.look)} rows. Ctrl+A selects the whole view.`,
      );
      return null;
    }
    const ids: string[] = [];
    for (const run of runs) {
      const here = Array.from(
        { length: run.count },
        (_one, index) => this.#pages.peek(run.key, run.start + index)?.id,
      );
      if (here.every((id) => id !== undefined)) ids.push(...here);
      else
        ids.push(...(await this.#askIds(withGroup(this.query, this.groupBy, run.key), run.start, run.count)));
    }
    return ids;
  }

  async #askIds(query: ExceptionQuery, start: number, many: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < many) {
      const more = (
        await call("exception_ids", {
          query,
          start: start + ids.length,
          limit: Math.min(IDS_AT_ONCE, many - ids.length),
        })
      ).ids;
      if (!more.length) break;
      ids.push(...more);
    }
    return ids;
  }

  /** Every id of a group, or null where they are too many to act on at once. */
  async groupIds(key: string): Promise<string[] | null> {
    const group = this.groups?.groups.find((one) => one.key === key);
    if (!group) return null;
    if (group.count > MOST_IN_BATCH) {
      desk.toast("mut", `At most ${count(MOST_IN_BATCH, desk.look)} at once: narrow the filter.`);
      return null;
    }
    return this.#askIds(withGroup(this.query, this.groupBy, key), 0, group.count).catch((error: unknown) => {
      desk.fail(error, "Group");
      return null;
    });
  }

  /** The ids an action works on: the selection, or else the focused row. */
  async targets(): Promise<string[]> {
    if (this.selection.isNone) return this.current ? [this.current.id] : [];
    if (this.selection.listed) return this.selection.listed;
    const total = this.selection.count(this.summary?.total ?? 0);
    if (total > MOST_IN_BATCH) {
      desk.toast(
        "mut",
        `${count(total, desk.look)} are selected. ` +
          `At most ${count(MOST_IN_BATCH, desk.look)} can be acted on at once: narrow the filter.`,
      );
      return [];
    }
    const ids = await this.#askIds(this.query, 0, this.summary?.total ?? 0);
    return ids.filter((id) => this.selection.has(id));
  }
}
