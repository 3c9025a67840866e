// The million exceptions that every grid shows: a row is made from its number alone, so that all show the
// same.
import type { ExceptionView, Settings } from "../src/bindings/types";
import { type Column, known, type Shown } from "../src/grid/columns";
import { FIRST_SETTINGS } from "../src/lib/desk.svelte";

export const ROWS = 1_000_000;
/** Ours decide: a compact row with the line under it. */
export const ROW_HEIGHT = 27;
/** Ages are counted from here, so that the texts are the same on any day. */
export const NOW = Date.parse("2026-11-02T09:00:00Z");
export const SETTINGS: Settings = {
  ...FIRST_SETTINGS,
  theme: "light",
  density: "compact",
  number_format: "en-GB",
};

/** Twelve columns that fit into the stage: none of the grids may leave out one that cannot be seen. */
export const COLUMNS: Column[] = known([
  "document",
  "customer",
  "entity",
  "dated",
  "amount",
  "in_the_way",
  "due",
  "period",
  "variance",
  "severity",
  "assignee",
  "state",
]);
/** Only the customers' column, which takes what room there is in the app, has a width of its own here. */
export const WIDTHS: Record<string, number> = Object.fromEntries(
  COLUMNS.map((column) => [column.id, column.flex ? 112 : column.width]),
);

const HOUR = 3_600_000;
const FIRST = 2_000_000;
const KINDS: [
  kind: string,
  name: string,
  queue: string,
  owner: string,
  way: string,
  gravity: ExceptionView["gravity"],
  why: string,
][] = [
  [
    "late_for_closed_period",
    "Late for a closed period",
    "unposted",
    "finance_operations",
    "AR locked",
    "blocked",
    "Period closed before the invoice arrived",
  ],
  ["unposted", "Unposted", "unposted", "integration", "Never sent", "routine", "Never sent to the ERP"],
  [
    "missing_mapping",
    "Mapping missing",
    "master_data",
    "finance_operations",
    "Mapping missing",
    "doubtful",
    "No revenue account for product “Scale add-on”",
  ],
  [
    "customer_not_in_erp",
    "Customer not in the ERP",
    "master_data",
    "integration",
    "Create customer",
    "routine",
    "Customer not yet in the ERP",
  ],
  [
    "posting_rejected",
    "Posting rejected",
    "failed_syncs",
    "finance_operations",
    "Refused by ERP",
    "blocked",
    "Please enter value(s) for: Department",
  ],
  [
    "wrong_period",
    "Wrong period",
    "period_close",
    "finance_operations",
    "Period moved",
    "blocked",
    "Booked in a later period than expected",
  ],
  [
    "amount_mismatch",
    "Amounts differ",
    "mismatch",
    "finance_operations",
    "Amounts differ",
    "routine",
    "Amount differs by rounding of tax",
  ],
  [
    "duplicate_posting",
    "Booked twice",
    "mismatch",
    "integration",
    "Booked twice",
    "blocked",
    "Two entries for one invoice",
  ],
];
const CUSTOMERS = [
  "Harrow & Vale Ltd",
  "Oldfield Logistics",
  "Brightwater plc",
  "Hokkai K.K.",
  "Northbeam Inc.",
  "Pine & Co",
  "Fischer GmbH",
  "Ember Foods",
  "Tallis & Sons",
  "Øresund A/S",
];
const ENTITIES: [entity: string, currency: string, digits: number][] = [
  ["US01", "USD", 2],
  ["GB01", "GBP", 2],
  ["DE01", "EUR", 2],
  ["JP01", "JPY", 0],
];
const SEVERITIES: ExceptionView["severity"][] = ["low", "medium", "medium", "high", "critical"];

/** Bits that look random and are the same each time. */
function mixed(of: number): number {
  let bits = Math.imul(of ^ (of >>> 16), 0x45d9f3b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  return (bits ^ (bits >>> 13)) >>> 0;
}

function decimal(minor: number, digits: number): string {
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  return (minor < 0 ? "-" : "") + (digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`);
}

const instant = (at: number): string => new Date(at).toISOString();

export function row(index: number): ExceptionView {
  let bits = mixed(index + 1);
  const below = (end: number): number => (bits = mixed(bits + index)) % end;
  const pick = <T>(list: T[]): T => list[below(list.length)] as T;
  const [kind, kindName, queue, owner, way, gravity, why] = pick(KINDS);
  const [entity, currency, digits] = pick(ENTITIES);
  const minor = (below(16) === 0 ? -1 : 1) * (1_500 + below(10 ** (4 + below(4))));
  const opened = NOW - below(240) * HOUR;
  const due = opened + (24 + below(288)) * HOUR;
  const dated = instant(NOW - below(55) * 24 * HOUR).slice(0, 10);
  const assignee = below(3) === 0 ? pick(["ana", "carl"]) : null;
  return {
    vendor_id: null,
    said: [],
    noun: null,
    worth: null,
    backlog: false,
    late: null,
    id: `exc_${FIRST + index}`,
    kind,
    kind_name: kindName,
    kind_gravity: gravity,
    queue,
    queues: [queue],
    group: why,
    external_ref: `INV-${FIRST + index}`,
    document: `doc_${FIRST + index}`,
    customer: pick(CUSTOMERS),
    entity,
    period: dated.slice(0, 7),
    dated,
    currency,
    amount: decimal(minor, digits),
    variance: decimal(queue === "mismatch" ? Math.trunc(minor / 90) : minor, digits),
    severity: pick(SEVERITIES),
    owner,
    assignee,
    opened_at: instant(opened),
    due_at: instant(due),
    overdue: due < NOW,
    state: assignee ? "in_progress" : "open",
    why,
    in_the_way: way,
    gravity,
  };
}

/** The row whose text this is, which begins with the document; -1 for any other text. */
export function numberOf(text: string): number {
  return text.startsWith("INV-") ? Number(text.slice(4, 11)) - FIRST : -1;
}

const kept: { index: number; cells: Shown[] }[] = [];

/** What the cells of a row show. The last ones are kept, as a page with all data in its memory would have
 * them ready. */
export function cells(index: number): Shown[] {
  const slot = index % 1024;
  const had = kept[slot];
  if (had?.index === index) return had.cells;
  const made = row(index);
  const shown = COLUMNS.map((column) => column.show(made, SETTINGS, NOW));
  kept[slot] = { index, cells: shown };
  return shown;
}
