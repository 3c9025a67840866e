// What the tie-out table shows and in which words. Amounts stay decimal text: they are compared with zero by
// their digits and never added.
import type { Shown, TieOutRequest, TieOutView } from "../../bindings/types";
import { isZero } from "../../lib/format";

export type CellFilter = {
  entity: string;
  currency: string;
  period: string;
  account: string;
  show: "all" | Shown | "in_transit";
};

export const NO_FILTER: CellFilter = { entity: "", currency: "", period: "", account: "", show: "all" };

export function passes(cell: TieOutView, filter: CellFilter): boolean {
  if (filter.entity !== "" && cell.entity !== filter.entity) return false;
  if (filter.currency !== "" && cell.currency !== filter.currency) return false;
  if (filter.period !== "" && cell.period !== filter.period) return false;
  if (filter.account !== "" && cell.account !== filter.account) return false;
  if (filter.show === "variance") return !isZero(cell.variance);
  if (filter.show === "unexplained") return !isZero(cell.unexplained);
  if (filter.show === "in_transit") return !isZero(cell.in_transit);
  if (filter.show === "material") return cell.material;
  return true;
}

/** The cells that pass a filter, as the desk is asked for them: of what is in transit it knows no filter, so
 * all of the rest come. */
export function requestOf(filter: CellFilter): TieOutRequest {
  const text = (value: string) => (value === "" ? null : value);
  return {
    entity: text(filter.entity),
    period: text(filter.period),
    account: text(filter.account),
    currency: text(filter.currency),
    show: filter.show === "all" || filter.show === "in_transit" ? null : filter.show,
    as_of: null,
  };
}

export type Choices = { entities: string[]; currencies: string[]; periods: string[]; accounts: string[] };

/** Everything that can be chosen, from the cells there are. */
export function choices(cells: TieOutView[]): Choices {
  const of = (pick: (cell: TieOutView) => string) => [...new Set(cells.map(pick))].sort();
  return {
    entities: of((c) => c.entity),
    currencies: of((c) => c.currency),
    periods: of((c) => c.period).reverse(),
    accounts: of((c) => c.account),
  };
}

/** "1100 Accounts receivable", or the code alone. */
export function titled(cell: { account: string; account_name: string | null }): string {
  return cell.account_name === null ? cell.account : `${cell.account} ${cell.account_name}`;
}

/** The title of each account; one that two entities' ERPs name differently goes by its code. */
export function titlesOf(cells: TieOutView[]): Map<string, string> {
  const titles = new Map<string, string>();
  for (const cell of cells) {
    const before = titles.get(cell.account);
    titles.set(cell.account, before === undefined || before === titled(cell) ? titled(cell) : cell.account);
  }
  return titles;
}

export function keyOf(cell: { entity: string; currency: string; period: string; account: string }): string {
  return [cell.entity, cell.currency, cell.period, cell.account].join("|");
}

/** A new line is drawn above a cell whose entity or currency is another one than the cell before. */
export function startsGroup(cells: TieOutView[], index: number): boolean {
  const [before, cell] = [cells[index - 1], cells[index]];
  return before !== undefined && (before.entity !== cell?.entity || before.currency !== cell.currency);
}

/** "12 of 96 cells · 3 unexplained · 2 with items in transit": counts of cells, never sums. */
export function summary(
  shown: TieOutView[],
  all: number,
): { cells: string; unexplained: number; inTransit: number } {
  const cells = shown.length === all ? `${all} cells` : `${shown.length} of ${all} cells`;
  return {
    cells,
    unexplained: shown.filter((c) => !isZero(c.unexplained)).length,
    inTransit: shown.filter((c) => !isZero(c.in_transit)).length,
  };
}
