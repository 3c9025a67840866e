// The columns of the queue and how a person has arranged them.
import type { ExceptionView, SortKey } from "../bindings/types";
import { ago, amount, date, dueShort, instant, type Look, period, shortDate } from "../lib/format";
import { name, personName, type Tone, whose } from "../lib/names";
import { told } from "../lib/said";

export type Shown = {
  text: string;
  tone?: Tone;
  title?: string;
  late?: boolean;
  press?: boolean;
  /** What stands behind it where there is room for all of it. */
  more?: string;
};
export type Column = {
  id: string;
  title: string;
  width: number;
  least: number;
  num?: boolean;
  flex?: boolean;
  /** What it takes where the flexible column has plenty: its longest words whole. */
  roomy?: number;
  look?: "ref" | "dim" | "tag";
  /** In a narrow list it is the second line of this column. */
  under?: string;
  /** The second line of a column under which no other one stands. */
  second?: (row: ExceptionView, look: Look, now: number) => string;
  sort?: SortKey["column"];
  show: (row: ExceptionView, look: Look, now: number) => Shown;
};

const SEVERITY: Partial<Record<ExceptionView["severity"], Tone>> = { critical: "bad", high: "warn" };
const text = (value: string | null): Shown => ({ text: value ?? "–" });
const more = (value: string | undefined): { more?: string } => (value === undefined ? {} : { more: value });

/** What nobody can say the reason of, or what makes two totals differ. Everything else is known work. */
const REAL: ExceptionView["kind"][] = ["orphan_journal", "settlement_not_in_billing", "population_gap"];
/** What goes on by itself. */
const UNDER_WAY = ["Waiting to be sent", "Being sent", "Waiting for sync"];

/** Red is for a real exception alone, amber for what is ambiguous. */
export function blockedTone(row: ExceptionView): Tone {
  if (row.backlog || row.state === "closed" || row.state === "dismissed") return "mut";
  if (row.in_the_way === "In doubt") return "warn";
  if (UNDER_WAY.includes(row.in_the_way)) return "ok";
  return REAL.includes(row.kind) ? "bad" : "mut";
}

/** The colour of a kind. */
export const kindTone = (row: ExceptionView): Tone =>
  row.kind === "posting_in_doubt" ? "warn" : REAL.includes(row.kind) && !row.backlog ? "bad" : "mut";

/** The vendor's own id behind a number, where it says more. */
const behind = (row: ExceptionView): string | undefined =>
  row.vendor_id !== null && row.vendor_id !== row.external_ref ? `· ${row.vendor_id}` : undefined;

/** Less than a day is left, or none. */
const presses = (row: ExceptionView, now: number): boolean =>
  !row.overdue && new Date(row.due_at).getTime() - now < 86_400_000;

export const COLUMNS: Column[] = [
  {
    id: "customer",
    title: "Customer",
    width: 170,
    least: 96,
    flex: true,
    look: "ref",
    sort: "customer",
    show: (row) => text(whose(row)),
  },
  {
    id: "document",
    title: "Document",
    width: 150,
    roomy: 292,
    least: 70,
    under: "customer",
    sort: "document",
    show: (row) => ({ text: row.external_ref, ...more(behind(row)) }),
  },
  {
    id: "entity",
    title: "Entity",
    width: 56,
    least: 54,
    look: "dim",
    sort: "entity",
    show: (row) => text(row.entity),
  },
  {
    id: "dated",
    title: "Dated",
    width: 74,
    roomy: 94,
    least: 60,
    under: "entity",
    look: "dim",
    sort: "dated",
    show: (row, look) => ({ text: shortDate(row.dated, look), title: date(row.dated, look) }),
  },
  {
    id: "amount",
    title: "Amount",
    width: 118,
    least: 80,
    num: true,
    // Of several currencies only what they are worth can be told apart.
    sort: "worth",
    show: (row, look) => ({ text: amount(row.amount, row.currency, look) }),
  },
  {
    id: "worth",
    title: "Value",
    width: 112,
    least: 80,
    num: true,
    look: "dim",
    under: "amount",
    sort: "worth",
    show: (row, look) => ({
      text: row.worth === null ? "no rate" : amount(row.worth, reporting ?? row.currency, look),
    }),
  },
  {
    id: "in_the_way",
    title: "Blocked by",
    width: 142,
    roomy: 190,
    least: 80,
    look: "tag",
    show: (row, look) => ({
      text: row.in_the_way,
      tone: blockedTone(row),
      title: row.late ?? (told(row.said, row.why, look) || row.kind_name),
    }),
  },
  {
    id: "assignee",
    title: "Owner",
    width: 112,
    roomy: 150,
    least: 70,
    look: "dim",
    under: "in_the_way",
    sort: "assignee",
    show: (row) => text(row.assignee ? personName(row.assignee) : name(row.owner)),
  },
  {
    id: "due",
    title: "Due",
    width: 92,
    least: 56,
    num: true,
    look: "dim",
    sort: "due",
    show: (row, look, now) => ({
      text: dueShort(row.due_at, look, now),
      late: row.overdue && !row.backlog,
      press: presses(row, now),
      title: instant(row.due_at, look),
    }),
    second: (row, _look, now) => ago(row.opened_at, now).replace(" ago", ""),
  },
  { id: "kind", title: "Kind", width: 160, least: 80, sort: "kind", show: (row) => text(row.kind_name) },
  {
    id: "period",
    title: "Period",
    width: 84,
    least: 60,
    look: "dim",
    sort: "period",
    show: (row) => text(period(row.period)),
  },
  {
    id: "variance",
    title: "Variance",
    width: 128,
    least: 80,
    num: true,
    sort: "variance",
    show: (row, look) => ({ text: amount(row.variance, row.currency, look) }),
  },
  {
    id: "severity",
    title: "Severity",
    width: 84,
    least: 60,
    look: "tag",
    sort: "severity",
    show: (row) => ({ text: name(row.severity), tone: SEVERITY[row.severity] ?? "mut" }),
  },
  {
    id: "owner",
    title: "Team",
    width: 134,
    least: 70,
    look: "dim",
    sort: "owner",
    show: (row) => text(name(row.owner)),
  },
  {
    id: "late",
    title: "Late item",
    width: 260,
    least: 90,
    look: "dim",
    show: (row) => text(row.late ?? ""),
  },
  {
    id: "state",
    title: "State",
    width: 96,
    least: 70,
    look: "dim",
    sort: "state",
    show: (row) => text(name(row.state)),
  },
  {
    id: "opened",
    title: "Opened",
    width: 136,
    least: 80,
    look: "dim",
    sort: "opened",
    show: (row, look) => text(instant(row.opened_at, look)),
  },
  { id: "currency", title: "Currency", width: 74, least: 60, look: "dim", show: (row) => text(row.currency) },
  { id: "id", title: "Id", width: 220, least: 80, look: "dim", show: (row) => text(row.id) },
];

const BY_ID = new Map(COLUMNS.map((column) => [column.id, column]));
const FIRST_COLUMNS = [
  "customer",
  "document",
  "entity",
  "dated",
  "amount",
  "worth",
  "in_the_way",
  "assignee",
  "due",
];

/** In which currency `worth` is: the same for every row. */
let reporting: string | null = null;
export function reportIn(currency: string | null): void {
  reporting = currency;
}

/** A narrow list has two lines to a row: what stands under another column is not one of its own. */
export function narrowed(of: Arrangement): { of: Arrangement; under: Map<string, Column> } {
  const under = new Map<string, Column>();
  for (const column of known(of.ids))
    if (column.under !== undefined && of.ids.includes(column.under)) under.set(column.under, column);
  const below = new Set([...under.values()].map((column) => column.id));
  return { of: { ...of, ids: of.ids.filter((id) => !below.has(id)) }, under };
}

/** Which columns in which order, how wide, and how many of the first stay in sight. */
export type Arrangement = { ids: string[]; widths: Record<string, number>; pinned: number };

export const FIRST_ARRANGEMENT: Arrangement = { ids: FIRST_COLUMNS, widths: {}, pinned: 0 };

export const known = (ids: string[]): Column[] => ids.flatMap((id) => BY_ID.get(id) ?? []);
export const widthOf = (arrangement: Arrangement, column: Column): number =>
  arrangement.widths[column.id] ?? column.width;

export function toggleColumn(of: Arrangement, id: string): Arrangement {
  const shown = of.ids.includes(id);
  if (shown && of.ids.length === 1) return of;
  const ids = shown ? of.ids.filter((one) => one !== id) : [...of.ids, id];
  return { ...of, ids, pinned: Math.min(of.pinned, ids.length - 1) };
}

export function moveColumn(of: Arrangement, id: string, to: number): Arrangement {
  const from = of.ids.indexOf(id);
  if (from < 0) return of;
  const ids = of.ids.filter((one) => one !== id);
  ids.splice(Math.min(Math.max(to, 0), ids.length), 0, id);
  return { ...of, ids };
}

export function resizeColumn(of: Arrangement, id: string, width: number): Arrangement {
  const column = BY_ID.get(id);
  return column
    ? { ...of, widths: { ...of.widths, [id]: Math.min(900, Math.max(column.least, Math.round(width))) } }
    : of;
}

export function pinColumns(of: Arrangement, pinned: number): Arrangement {
  return { ...of, pinned: Math.min(Math.max(0, pinned), Math.max(0, of.ids.length - 1)) };
}

/** Widths in pixels for a viewport: what is left over, or lacking, is the flexible column's. */
export function layWidths(
  of: Arrangement,
  viewport: number,
  scale: number,
  check: number,
): { widths: number[]; total: number } {
  const columns = known(of.ids);
  const widths = columns.map((column) => Math.round(widthOf(of, column) * scale));
  const used = widths.reduce((sum, width) => sum + width, check);
  const left = Math.floor(viewport - used);
  const flexible = columns.findIndex((column) => column.flex && of.widths[column.id] === undefined);
  if (columns.length && viewport > 0) {
    const at = left > 0 && flexible < 0 ? columns.length - 1 : flexible;
    const least = Math.round((columns[at]?.least ?? 0) * scale);
    if (at >= 0) widths[at] = Math.max(least, (widths[at] ?? 0) + left);
    if (at >= 0 && at === flexible) makeRoom(of, columns, widths, at, scale);
  }
  return {
    widths,
    total: Math.max(
      widths.reduce((sum, width) => sum + width, check),
      Math.floor(viewport),
    ),
  };
}

/** Gives columns their whole words out of what the flexible one has beyond its usual width. */
function makeRoom(
  of: Arrangement,
  columns: Column[],
  widths: number[],
  flexible: number,
  scale: number,
): void {
  columns.forEach((column, at) => {
    if (column.roomy === undefined || of.widths[column.id] !== undefined) return;
    const spare = (widths[flexible] ?? 0) - Math.round(170 * scale);
    const more = Math.min(Math.round(column.roomy * scale) - (widths[at] ?? 0), spare);
    if (more > 0) [widths[at], widths[flexible]] = [(widths[at] ?? 0) + more, (widths[flexible] ?? 0) - more];
  });
}

/** The sort after a click on a header: alone it replaces, with Shift it adds; again it turns, a third time it
 * goes. */
export function nextSort(sort: SortKey[], column: SortKey["column"], add: boolean): SortKey[] {
  const had = sort.find((key) => key.column === column);
  const turned: SortKey | null = !had
    ? { column, descending: column === "worth" }
    : !had.descending
      ? { column, descending: true }
      : null;
  if (!add) return turned ? [turned] : [];
  if (!had) return [...sort, { column, descending: false }].slice(-3);
  return sort.flatMap((key) => (key.column === column ? (turned ?? []) : key));
}
