// Which queue is behind which figure. Every query here is the one that the core counted by.
import type {
  AgeBucket,
  CloseCell,
  ExceptionQuery,
  FlowView,
  OwnerCount,
  VarianceCell,
} from "../../bindings/types";
import { LATE_KINDS } from "../../lib/late";

/** Part of a query: the caller lays it over the empty one. */
export type QueryPart = Partial<ExceptionQuery>;

/** `kinds` is every kind that the workspace knows (queue_counts); the late ones are taken out. */
export function brokenOf(flow: FlowView, kinds: string[]): QueryPart {
  return { flow: flow.flow, kinds: kinds.filter((kind) => !LATE_KINDS.includes(kind)) };
}

/** The buckets come in order; the next one's start is this one's end. */
export function agedAs(buckets: AgeBucket[], index: number, overdue: boolean): QueryPart {
  return {
    age_from_days: buckets[index]?.from_days ?? null,
    age_to_days: buckets[index + 1]?.from_days ?? null,
    overdue,
  };
}

export function ownedBy(row: OwnerCount, overdue: boolean): QueryPart {
  return { owner: row.owner, assignee: row.assignee ?? "nobody", overdue };
}

export function closeOf(cell: CloseCell): QueryPart {
  return { entity: cell.entity, period: cell.period };
}

/** A period that still takes entries can be closed over exceptions of low severity; where it takes none, each
 * blocks. */
export function blockingOf(cell: CloseCell): QueryPart {
  return cell.blocking === cell.open
    ? closeOf(cell)
    : { ...closeOf(cell), severity: ["medium", "high", "critical"] };
}

export function varianceOf(cell: VarianceCell): QueryPart {
  return { entity: cell.entity, period: cell.period, currency: cell.currency };
}

/** Lengths for bars: the share of the largest, in thousandths; a figure above zero is never invisible. */
export function shares(counts: number[]): number[] {
  const most = Math.max(0, ...counts);
  return counts.map((count) =>
    count === 0 || most === 0 ? 0 : Math.max(6, Math.round((count / most) * 1000)),
  );
}

export type CloseMatrix = {
  entities: string[];
  periods: string[];
  cell: (entity: string, period: string) => CloseCell | null;
};

/** Entities down, periods across, the newest period first. */
export function closeMatrix(cells: CloseCell[]): CloseMatrix {
  const entities = [...new Set(cells.map((c) => c.entity))];
  const periods = [...new Set(cells.map((c) => c.period))].sort().reverse();
  const found = new Map(cells.map((c) => [`${c.entity} ${c.period}`, c]));
  return { entities, periods, cell: (entity, period) => found.get(`${entity} ${period}`) ?? null };
}

/** The variance cells of one currency: bars are only ever drawn against others of their own currency. */
export function byCurrency(cells: VarianceCell[]): { currency: string; cells: VarianceCell[] }[] {
  const currencies = [...new Set(cells.map((c) => c.currency))];
  return currencies.map((currency) => ({ currency, cells: cells.filter((c) => c.currency === currency) }));
}
