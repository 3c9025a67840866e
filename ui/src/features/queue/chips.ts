// The filters of a query as a person reads them, each with the way to take it off.
import type { ExceptionQuery, QueueCounts } from "../../bindings/types";
import { amount, isNegative, type Look, readAmount } from "../../lib/format";
import { kindName, name, personName } from "../../lib/names";
import { query as emptyQuery } from "../../lib/query";

export type FilterChip = { id: string; label: string; value: string; off: Partial<ExceptionQuery> };

/** A list where there is room for little of it. */
export const few = (words: string[]): string =>
  words.length > 2 ? `${words[0] ?? ""} and ${words.length - 1} more` : words.join(", ");

export const flip = <T>(list: T[], one: T): T[] =>
  list.includes(one) ? list.filter((other) => other !== one) : [...list, one];

const person = (id: string): string => (id === "me" ? "you" : id === "nobody" ? "nobody" : personName(id));

/** Only what was filtered beyond the queue itself and the entity and period that the header shows. */
export function chips(query: ExceptionQuery, counts: QueueCounts | null, look: Look): FilterChip[] {
  const list: FilterChip[] = [];
  const add = (id: string, label: string, value: string, off: Partial<ExceptionQuery>): void => {
    list.push({ id, label, value, off });
  };
  if (query.search) add("search", "Find", `“${query.search}”`, { search: null });
  if (query.state !== "open") add("state", "State", name(query.state), { state: "open" });
  if (query.kinds.length)
    add("kinds", "Kind", few(query.kinds.map((kind) => kindName(kind, counts?.kinds))), { kinds: [] });
  if (query.owner) add("owner", "Owner", name(query.owner), { owner: null });
  if (query.assignee) add("assignee", "Assigned to", person(query.assignee), { assignee: null });
  if (query.severity.length)
    add("severity", "Severity", query.severity.map((one) => name(one).toLowerCase()).join(", "), {
      severity: [],
    });
  if (query.currency && query.amount_from)
    add("amount", "At least", amount(query.amount_from, query.currency, look), {
      currency: null,
      amount_from: null,
    });
  else if (query.amount_from)
    add("amount", "At least", `${query.amount_from}, in no currency`, { amount_from: null });
  else if (query.currency) add("currency", "Currency", query.currency, { currency: null });
  if (query.waiting)
    add("waiting", "Waiting", query.waiting === "approval" ? "for approval" : "in doubt", { waiting: null });
  if (query.customer) add("customer", "Customer", query.customer, { customer: null });
  if (query.group) add("group", "Cause", query.group, { group: null });
  if (query.flow) add("flow", "Flow", name(query.flow), { flow: null });
  if (query.age_from_days !== null || query.age_to_days !== null) {
    const [from, to] = [query.age_from_days ?? 0, query.age_to_days];
    add("age", "Age", to === null ? `${from} days or more` : `${from} to ${to - 1} days`, {
      age_from_days: null,
      age_to_days: null,
    });
  }
  if (query.overdue) add("overdue", "Overdue", "only", { overdue: false });
  return list;
}

/** What a typed amount asks for, and what to say beside its field: it is compared within one currency, so
 * none is sent without. */
export function amountFilter(
  typed: string,
  currency: string | null,
  look: Look,
): { from: string | null; says: string | null } {
  if (typed.trim() === "") return { from: null, says: null };
  const value = readAmount(typed, look);
  if (value === null || isNegative(value)) return { from: null, says: "Give an amount such as 50,000." };
  return currency === null
    ? { from: null, says: "Choose the currency too: an amount is compared within one currency." }
    : { from: value, says: null };
}

/** What differs from an empty query, as a saved view keeps it without the order of its keys mattering. */
export function differs(a: ExceptionQuery, b: ExceptionQuery): boolean {
  return (Object.keys(emptyQuery()) as (keyof ExceptionQuery)[]).some(
    (key) => JSON.stringify(a[key] ?? null) !== JSON.stringify(b[key] ?? null),
  );
}
