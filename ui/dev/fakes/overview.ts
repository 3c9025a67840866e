// What the overview shows.
import type * as t from "../../src/bindings/types";
import { decimal, seeded, type Handlers } from "../fake-desk";
import { EMPTY, ENTITIES, HOUR, MINUTE, NOW, PERIODS, day, iso, search } from "../seed";
import { all } from "./company";

/** ?catchup shows a posting lag with a day on which what was long overdue was booked. */
const CATCH_UP = search.has("catchup");
const LATE = ["unposted", "late_for_closed_period", "customer_not_in_erp"];
const openRows = all.filter((row) => row.state !== "closed");
const late = openRows.filter((row) => LATE.includes(row.kind)).length;

function sumsOf(rows: t.ExceptionView[]): t.Sum[] {
  return ENTITIES.flatMap(([, currency, digits]) => {
    const own = rows.filter((row) => row.currency === currency);
    const minor = own.reduce((sum, row) => sum + Number(row.amount.replace(".", "")), 0);
    return own.length === 0 ? [] : [{ currency, count: own.length, amount: decimal(minor, digits) }];
  });
}

function flows(): t.FlowView[] {
  const flow = (
    flow: string,
    name: string,
    start: string,
    finish: string,
    limit: string,
    counts: [number, number, number, number] | null,
    note = "",
  ): t.FlowView => ({
    flow,
    name,
    start,
    finish,
    limit,
    done: counts?.[0] ?? null,
    in_time: counts?.[1] ?? null,
    soon: counts === null ? null : 4,
    late: counts?.[2] ?? null,
    escalated: counts === null ? null : 0,
    broken: counts?.[3] ?? null,
    note,
    entities: [],
  });
  return [
    flow(
      "customer_activation",
      "Customer activation",
      "customer created in billing",
      "customer found in the ERP",
      "48 h",
      [3184, 41, 31, 6],
    ),
    flow(
      "usage_billing",
      "Usage billing",
      "usage summary closed",
      "usage on a final invoice",
      "72 h",
      null,
      "not seen: it needs usage summaries from billing",
    ),
    flow(
      "subscription_amendment",
      "Subscription amendment",
      "subscription amended",
      "amendment on a final invoice",
      "72 h",
      [812, 18, 7, 0],
    ),
    flow(
      "invoice_to_erp",
      "Invoice to ERP",
      "invoice or credit note final",
      "journal booked in the ERP",
      "24 h",
      [46210, 388, late, openRows.length - late],
    ),
    flow(
      "payments_and_collections",
      "Payments and collections",
      "payment or refund succeeded",
      "journal booked in the ERP",
      "24 h",
      [39955, 214, 9, 3],
    ),
  ];
}

function lag(): t.LagPoint[] {
  const random = seeded(11);
  const points = Array.from({ length: 30 }, (_, i) => 29 - i)
    .filter((ago) => new Date(NOW - ago * 24 * HOUR).getUTCDay() % 6 !== 0)
    .map((ago) => {
      const p50 = 40 + Math.floor(random() * 170);
      const bad = ago > 19 && ago < 23;
      return {
        day: day(ago),
        p50_minutes: p50,
        p95_minutes: p50 * 3 + Math.floor(random() * 420) + (bad ? 1100 : 0),
        count: 300 + Math.floor(random() * 900),
      };
    });
  const last = points.at(-1);
  if (CATCH_UP && last) points.splice(-1, 1, { ...last, p50_minutes: 113_000, p95_minutes: 474_000 });
  return points;
}

function ageing(): t.AgeBucket[] {
  const starts: [number, string][] = [
    [0, "under a day"],
    [1, "1–3 days"],
    [3, "3–7 days"],
    [7, "7–30 days"],
    [30, "30 days and more"],
  ];
  return starts.map(([from_days, label], i) => {
    const until = starts[i + 1]?.[0] ?? Infinity;
    const rows = openRows.filter((row) => {
      const age = Math.floor((NOW - Date.parse(row.opened_at)) / (24 * HOUR));
      return age >= from_days && age < until;
    });
    return {
      label,
      from_days,
      count: rows.length,
      overdue: rows.filter((row) => row.overdue).length,
      soon: rows.filter((row) => !row.overdue && Date.parse(row.due_at) - NOW < 24 * HOUR).length,
      sums: sumsOf(rows),
    };
  });
}

function owners(): t.OwnerCount[] {
  const found = new Map<string, t.OwnerCount>();
  for (const row of openRows) {
    const key = `${row.owner} ${row.assignee ?? ""}`;
    const one = found.get(key) ?? {
      owner: row.owner,
      name: row.assignee ?? (row.owner === "integration" ? "Integration" : "Finance operations"),
      assignee: row.assignee,
      count: 0,
      overdue: 0,
    };
    found.set(key, { ...one, count: one.count + 1, overdue: one.overdue + (row.overdue ? 1 : 0) });
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

function close(): t.CloseCell[] {
  return ENTITIES.flatMap(([entity], e) =>
    PERIODS.map((period, p): t.CloseCell => {
      const rows = openRows.filter((row) => row.entity === entity && row.period === period);
      if (p === 2)
        return {
          entity,
          period,
          status: "closed",
          ar: "locked",
          gl: "closed",
          open: 0,
          blocking: 0,
          in_transit: 0,
          ready: true,
          says: "Sep 2026 is closed, and nothing stands against it.",
        };
      const blocking = p === 0 ? rows.length : Math.max(0, 14 - 7 * e);
      return {
        entity,
        period,
        status: p === 0 ? "open" : "ar_locked",
        ar: p === 0 ? "open" : "locked",
        gl: "open",
        open: rows.length,
        blocking,
        in_transit: p === 0 ? 30 + e * 11 : 0,
        ready: blocking === 0,
        says:
          blocking === 0
            ? "Oct 2026 can be closed: nothing stands against it."
            : p === 0
              ? `${blocking} exceptions must be settled first, ` +
                `and ${30 + e * 11} documents are still on their way.`
              : `${blocking} exceptions must be settled first.`,
      };
    }),
  );
}

function variance(): t.VarianceCell[] {
  const cell = (
    entity: string,
    currency: string,
    period: string,
    billing: string,
    ledger: string,
    variance: string,
    unexplained: string,
    weight: number,
    corrections = "0.00",
  ): t.VarianceCell => ({
    entity,
    currency,
    period,
    billing,
    corrections,
    settled: currency === "JPY" ? "0" : "0.00",
    ledger,
    variance,
    unexplained,
    weight,
  });
  return [
    cell("US01", "USD", "2026-11", "4182204.50", "3763984.00", "-418220.50", "0.00", 1000),
    cell("US01", "USD", "2026-10", "9120450.10", "9121090.10", "640.00", "640.00", 12),
    cell("GB01", "GBP", "2026-11", "918400.00", "902300.90", "-16099.10", "0.00", 240),
    cell("GB01", "GBP", "2026-10", "1204880.25", "1139015.25", "-67065.00", "-420.00", 1000, "1200.00"),
    cell("DE01", "EUR", "2026-11", "640220.00", "576102.00", "-64118.00", "0.00", 1000),
    cell("DE01", "EUR", "2026-10", "811410.40", "811410.40", "0.00", "0.00", 0),
    cell("JP01", "JPY", "2026-10", "188400000", "186420000", "-1980000", "0", 1000, "0"),
  ];
}

function flowItems(request: t.FlowItemsRequest): t.FlowItems {
  const flow = flows().find((one) => one.flow === request.flow);
  const total = (request.part === "soon" ? flow?.soon : flow?.late) ?? 0;
  const off = request.part === "soon" ? -40 : 28;
  const make = (i: number): t.FlowItemView => ({
    reference: request.flow === "usage_billing" ? `mtrusg_${10_000 + i}` : `sub_1Pg${10_000 + i}`,
    customer: ["Brightwater plc", "Larkspur Health", null][i % 3] ?? null,
    entity: null,
    since: new Date(NOW - (100 + 9 * i) * HOUR).toISOString(),
    due_at: new Date(NOW - (off + 9 * i) * HOUR).toISOString(),
  });
  return {
    total,
    start: request.start,
    rows: Array.from({ length: Math.max(0, Math.min(request.limit, total - request.start)) }, (_, i) =>
      make(request.start + i),
    ),
  };
}

export const handlers: Handlers = {
  overview: () =>
    EMPTY
      ? {
          flows: flows().map((one) => ({
            ...one,
            done: null,
            in_time: null,
            soon: null,
            late: null,
            escalated: null,
            broken: null,
            note: "not seen: nothing was read yet",
          })),
          lag: [],
          lag_sla_minutes: 1440,
          ageing: ageing().map((one) => ({ ...one, count: 0, overdue: 0, soon: 0, sums: [] })),
          owners: [],
          close: [],
          variance: [],
          checked_at: null,
        }
      : {
          flows: flows(),
          lag: lag(),
          lag_sla_minutes: 1440,
          ageing: ageing(),
          owners: owners(),
          close: close(),
          variance: variance(),
          checked_at: iso(2 * MINUTE),
        },
  flow_items: flowItems,
};
