// The demo company of the fake desk: exceptions and the filters over them.
import type {
  ActionView,
  ExceptionQuery,
  ExceptionView,
  GroupBy,
  GroupsView,
  Sum,
} from "../../src/bindings/types";
import { decimal, type Handlers, seeded } from "../fake-desk";
import { ENTITIES, HOUR, NOW, search } from "../seed";

const ROWS = Number(search.get("rows") ?? "2400");

type KindSpec = [
  kind: string,
  name: string,
  queue: string,
  owner: string,
  way: string[],
  group: string,
  weight: number,
];
const KINDS: KindSpec[] = [
  [
    "late_for_closed_period",
    "Late for a closed period",
    "unposted",
    "finance_operations",
    ["AR locked"],
    "Period closed before the invoice arrived",
    9,
  ],
  ["unposted", "Unposted", "unposted", "integration", ["Never sent"], "Never sent to the ERP", 14],
  [
    "missing_mapping",
    "Mapping missing",
    "master_data",
    "finance_operations",
    ["Mapping missing"],
    "No revenue account for product “Scale add-on”",
    12,
  ],
  [
    "customer_not_in_erp",
    "Customer not in the ERP",
    "master_data",
    "integration",
    ["Create customer"],
    "Customer not yet in the ERP",
    6,
  ],
  [
    "posting_rejected",
    "Posting rejected",
    "failed_syncs",
    "finance_operations",
    ["Refused by ERP"],
    "NetSuite: USER_ERROR, please enter value(s) for: Department",
    6,
  ],
  [
    "dead_letter",
    "Gave up sending",
    "failed_syncs",
    "integration",
    ["Gave up"],
    "NetSuite did not answer eight times",
    2,
  ],
  [
    "posting_in_doubt",
    "Posting in doubt",
    "failed_syncs",
    "integration",
    ["In doubt"],
    "Outcome unknown after a time-out",
    1,
  ],
  [
    "wrong_period",
    "Wrong period",
    "period_close",
    "finance_operations",
    ["Period moved"],
    "Booked in a later period than expected",
    5,
  ],
  [
    "amount_mismatch",
    "Amounts differ",
    "mismatch",
    "finance_operations",
    ["Amounts differ"],
    "Amount differs by rounding of tax",
    7,
  ],
  [
    "tax_mismatch",
    "Tax differs",
    "mismatch",
    "finance_operations",
    ["Tax differs"],
    "Tax code of DE01 changed in October",
    4,
  ],
  [
    "duplicate_posting",
    "Booked twice",
    "mismatch",
    "integration",
    ["Booked twice"],
    "Two entries for one invoice",
    2,
  ],
];
const CUSTOMERS = [
  "Harrow & Vale Ltd",
  "Oldfield Logistics",
  "Brightwater plc",
  "Hokkai Logistics K.K.",
  "Northbeam Inc.",
  "Pine & Co",
  "Larkspur Health",
  "Quill Software",
  "Fischer Maschinenbau GmbH",
  "Atelier Rousseau SARL",
  "Cobalt Systems",
  "Ember Foods",
  "北海道物流株式会社",
  "Tallis & Sons",
  "Verity Insurance Group of Greater Manchester",
  "Juniper Rail",
  "Kestrel Media",
  "Øresund Energi A/S",
  "Zephyr Air",
  "Marlowe Partners",
];
const PEOPLE = ["ana", "carl", "aud"];
/** What the desk says to somebody of this role of managing people or connections. */
export const managing = (action: ActionView["action"], role: string): ActionView =>
  role === "administrator" || (action === "import_files" && role !== "auditor")
    ? { action, allowed: true, code: null, message: null, rule: null, who_could: [] }
    : {
        action,
        allowed: false,
        code: "role_may_not",
        message: "An administrator does this.",
        rule: "role",
        who_could: ["dev"],
      };

function gravityOf(kind: string): ExceptionView["gravity"] {
  if (["missing_mapping", "amount_mismatch"].includes(kind)) return "doubtful";
  const blocked = ["late_for_closed_period", "posting_rejected", "wrong_period", "duplicate_posting"];
  return blocked.includes(kind) ? "blocked" : "routine";
}

function make(total: number): ExceptionView[] {
  const random = seeded(7);
  const pick = <T>(list: T[]): T => list[Math.floor(random() * list.length)] as T;
  const weights = KINDS.flatMap((kind) => Array<KindSpec>(kind[6]).fill(kind));
  const rows: ExceptionView[] = [];
  for (let index = 0; index < total; index += 1) {
    const [kind, kindName, queue, owner, ways, group] = pick(weights);
    const [entity, currency, digits] = pick(ENTITIES);
    const credit = random() < 0.06;
    const minor = Math.floor(10 ** (3.2 + random() * 3.4)) * (digits === 0 ? 3 : 1) * (credit ? -1 : 1);
    const opened = NOW - Math.floor(random() * 240) * HOUR;
    const due = opened + (24 + Math.floor(random() * 288)) * HOUR;
    const day = 1 + Math.floor(random() * 55);
    const dated = new Date(Date.UTC(2026, 9, day)).toISOString().slice(0, 10);
    const assignee = random() < 0.3 ? pick(PEOPLE.slice(0, 2)) : null;
    const held = random() < 0.03;
    const numbered = `Invoice ${credit ? "CN" : "INV"}-${20400 + index}`;
    rows.push({
      id: `exc_${String(index).padStart(7, "0")}`,
      kind,
      kind_name: kindName,
      kind_gravity: gravityOf(kind),
      queue,
      queues: [queue],
      group,
      external_ref: `${credit ? "CN" : "INV"}-${20400 + index}`,
      vendor_id: `in_1Q${index}`,
      noun: "Invoice",
      document: `doc_${index}`,
      customer: pick(CUSTOMERS),
      entity,
      period: dated.slice(0, 7),
      dated,
      currency,
      amount: decimal(minor, digits),
      worth: decimal(minor, digits),
      backlog: false,
      variance: decimal(queue === "mismatch" ? Math.trunc(minor / 90) : minor, digits),
      severity: pick(["low", "medium", "medium", "high", "critical"]),
      owner,
      assignee,
      opened_at: new Date(opened).toISOString(),
      due_at: new Date(due).toISOString(),
      overdue: due < NOW,
      state: held ? "on_hold" : assignee ? "in_progress" : "open",
      why: `${numbered} of ${decimal(minor, digits)} ${currency} is not booked in ${entity}.`,
      said: [
        { text: `${numbered} of ` },
        { amount: { amount: decimal(minor, digits), currency } },
        { text: ` is not booked in ${entity}.` },
      ],
      in_the_way: held ? "On hold" : (ways[0] ?? ""),
      gravity: held ? "doubtful" : gravityOf(kind),
      late: null,
    });
  }
  return rows;
}

export const all: ExceptionView[] = make(ROWS);
export const byId = new Map(all.map((row) => [row.id, row]));
export let generation = 1;
export function touch(emit: (event: string, payload: unknown) => void): void {
  generation += 1;
  remembered = null;
  emit("changed", { generation });
}

export const waitsForApproval = new Set(all.filter((_row, index) => index % 131 === 5).map((row) => row.id));

const big = (text: string): bigint => BigInt(text.replace(".", ""));
export function sums(rows: Iterable<ExceptionView>): Sum[] {
  const totals = new Map<string, { minor: bigint; count: number }>();
  for (const row of rows) {
    const total = totals.get(row.currency) ?? { minor: 0n, count: 0 };
    total.minor += big(row.amount);
    total.count += 1;
    totals.set(row.currency, total);
  }
  return [...totals].sort().map(([currency, total]) => {
    const digits = currency === "JPY" ? 0 : 2;
    const negative = total.minor < 0n;
    const text = String(negative ? -total.minor : total.minor).padStart(digits + 1, "0");
    const shown = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
    return { currency, count: total.count, amount: (negative ? "-" : "") + shown };
  });
}

let me = "ana";
export const actingPerson = (): string => me;
export const setActing = (person: string): void => {
  me = person;
};

function keeps(row: ExceptionView, q: ExceptionQuery): boolean {
  const open = row.state !== "closed" && row.state !== "dismissed";
  if (q.queue && !row.queues.includes(q.queue)) return false;
  if (q.kinds.length && !q.kinds.includes(row.kind)) return false;
  if (q.entity && row.entity !== q.entity) return false;
  if (q.period && row.period !== q.period) return false;
  if (q.state === "open" ? !open : q.state !== "all" && row.state !== q.state) return false;
  if (
    q.assignee &&
    (q.assignee === "nobody"
      ? row.assignee !== null
      : row.assignee !== (q.assignee === "me" ? me : q.assignee))
  )
    return false;
  if (q.owner && row.owner !== q.owner) return false;
  if (q.severity.length && !q.severity.includes(row.severity)) return false;
  if (q.overdue && !row.overdue) return false;
  if (q.currency && row.currency !== q.currency) return false;
  if (
    q.amount_from &&
    big(row.amount.replace("-", "")) <
      big(q.amount_from.includes(".") || row.currency === "JPY" ? q.amount_from : `${q.amount_from}.00`)
  )
    return false;
  if (q.waiting === "approval" && !waitsForApproval.has(row.id)) return false;
  if (q.waiting === "in_doubt" && row.kind !== "posting_in_doubt") return false;
  if (q.customer && row.customer !== q.customer) return false;
  if (q.group && row.group !== q.group) return false;
  if (
    q.search &&
    !`${row.external_ref} ${row.customer} ${row.amount}`.toLowerCase().includes(q.search.toLowerCase())
  )
    return false;
  return true;
}

const COLUMN: Record<string, (row: ExceptionView) => string | number> = {
  due: (row) => row.due_at,
  opened: (row) => row.opened_at,
  document: (row) => row.external_ref,
  customer: (row) => row.customer ?? "",
  entity: (row) => row.entity ?? "",
  period: (row) => row.period ?? "",
  dated: (row) => row.dated ?? "",
  amount: (row) => Number(big(row.amount)),
  variance: (row) => Number(big(row.variance)),
  severity: (row) => ["low", "medium", "high", "critical"].indexOf(row.severity),
  kind: (row) => row.kind,
  state: (row) => row.state,
  owner: (row) => row.owner,
  assignee: (row) => row.assignee ?? "",
};

let remembered: { key: string; rows: ExceptionView[] }[] | null = null;
export function view(q: ExceptionQuery): ExceptionView[] {
  const key = JSON.stringify(q) + me;
  const known = remembered?.find((one) => one.key === key);
  if (known) return known.rows;
  const keys = q.sort.length ? q.sort : [{ column: "due" as const, descending: false }];
  const rows = all
    .filter((row) => keeps(row, q))
    .sort((a, b) => {
      for (const { column, descending } of keys) {
        const [x, y] = [COLUMN[column]?.(a) ?? "", COLUMN[column]?.(b) ?? ""];
        if (x !== y) return (x < y ? -1 : 1) * (descending ? -1 : 1);
      }
      return a.id < b.id ? -1 : 1;
    });
  remembered = [{ key, rows }, ...(remembered ?? [])].slice(0, 24);
  return rows;
}

export function selected(
  selection: { ids: string[] } | { query: ExceptionQuery; except: string[] },
): ExceptionView[] {
  if ("ids" in selection) return selection.ids.flatMap((id) => byId.get(id) ?? []);
  const except = new Set(selection.except);
  return view(selection.query).filter((row) => !except.has(row.id));
}

const keyOf = (row: ExceptionView, by: GroupBy): string =>
  (by === "rank" ? "then" : by === "cause" ? row.group : by === "customer" ? row.customer : row.entity) ?? "";

function grouped(rows: ExceptionView[], by: GroupBy): GroupsView {
  const groups = new Map<string, ExceptionView[]>();
  for (const row of rows) {
    const own = groups.get(keyOf(row, by));
    if (own) own.push(row);
    else groups.set(keyOf(row, by), [row]);
  }
  const list = [...groups].map(([key, own]) => ({
    key,
    label: key,
    owner: by === "cause" ? (own[0]?.owner ?? null) : null,
    count: own.length,
    sums: sums(own),
    gross: null,
    due_at: own.reduce<string | null>(
      (first, row) => (first === null || row.due_at < first ? row.due_at : first),
      null,
    ),
  }));
  return { by, groups: list.sort((a, b) => b.count - a.count), more: 0, generation };
}

export const handlers: Handlers = {
  exception_page: ({ query, start, limit }) => ({
    start,
    rows: view(query).slice(start, start + limit),
    generation,
  }),
  exception_ids: ({ query, start, limit }) => ({
    ids: view(query)
      .slice(start, start + limit)
      .map((row) => row.id),
  }),
  exception_find: ({ query, id }) => {
    const index = view(query).findIndex((row) => row.id === id);
    return { index: index < 0 ? null : index };
  },
  exception_open: ({ query, by, lines, page }) => {
    const rows = view(query);
    const summary = {
      total: rows.length,
      overdue: rows.filter((row) => row.overdue).length,
      sums: sums(rows),
      gross: null,
      reporting: null,
      generation,
    };
    const groups = by === null ? null : grouped(rows, by);
    const keys = groups === null ? [null] : groups.groups.map((group) => group.key);
    const first: { key: string | null; rows: ExceptionView[] }[] = [];
    for (let seen = 0, at = 0; at < keys.length && seen < lines; at += 1) {
      const key = keys[at] ?? null;
      const own = (by === null ? rows : rows.filter((row) => keyOf(row, by) === key)).slice(0, page);
      first.push({ key, rows: own });
      seen += own.length + 1;
    }
    return { summary, groups, first };
  },
  selection_summary: ({ selection }) => {
    const rows = selected(selection);
    return { count: rows.length, gross: null, sums: sums(rows) };
  },
  queue_counts: ({ entity, period }) => {
    const open = all.filter(
      (row) =>
        !["closed", "dismissed"].includes(row.state) &&
        (!entity || row.entity === entity) &&
        (!period || row.period === period),
    );
    const names: [string, string][] = [
      ["unposted", "Unposted"],
      ["failed_syncs", "Failed syncs"],
      ["period_close", "Period close"],
      ["mismatch", "Mismatches"],
      ["master_data", "Master data"],
    ];
    const mine = open.filter((row) => row.assignee === me);
    return {
      backlog: 0,
      queues: names.map(([queue, name]) => {
        const rows = open.filter((row) => row.queue === queue);
        return {
          queue,
          name,
          about: `What ${name} lists.`,
          count: rows.length,
          overdue: rows.filter((row) => row.overdue).length,
        };
      }),
      open: open.length,
      overdue: open.filter((row) => row.overdue).length,
      assigned: mine.length,
      assigned_overdue: mine.filter((row) => row.overdue).length,
      waiting_approval: open.filter((row) => waitsForApproval.has(row.id)).length,
      in_doubt: open.filter((row) => row.kind === "posting_in_doubt").length,
      entities: ENTITIES.map(([name]) => name),
      periods: ["2026-10", "2026-11"],
      currencies: ENTITIES.map(([, currency]) => currency),
      kinds: KINDS.map(([kind, name]) => ({ kind, name })),
      checked_at: new Date(NOW - 120_000).toISOString(),
      documents: 48_211,
      entries: 47_803,
    };
  },
};
