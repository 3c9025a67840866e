import type { ExceptionQuery } from "../bindings/types";

/** The query that asks for every open exception, with what differs from that. */
export function query(differs: Partial<ExceptionQuery> = {}): ExceptionQuery {
  return {
    queue: null,
    kinds: [],
    entity: null,
    period: null,
    state: "open",
    assignee: null,
    owner: null,
    severity: [],
    overdue: false,
    currency: null,
    amount_from: null,
    waiting: null,
    customer: null,
    standing: null,
    rank: null,
    group: null,
    search: null,
    flow: null,
    age_from_days: null,
    age_to_days: null,
    sort: [],
    ...differs,
  };
}
