// The account mapping, as it is edited.
import type * as t from "../../src/bindings/types";
import { type Handlers } from "../fake-desk";
import { EMPTY, ENTITIES } from "../seed";

const ACCOUNTS: [string, string, string][] = [
  ["1010", "Bank", "asset"],
  ["1090", "Stripe clearing", "asset"],
  ["1100", "Accounts receivable", "asset"],
  ["2200", "VAT output", "liability"],
  ["2400", "Deferred revenue", "liability"],
  ["4000", "Subscriptions", "income"],
  ["4010", "Usage", "income"],
  ["6150", "Card fees", "expense"],
];
const ROLES: [string, string, string][] = [
  ["receivable", "the receivable", "1100"],
  ["revenue", "revenue", "4000"],
  ["deferred_revenue", "deferred revenue", "2400"],
  ["tax_payable", "tax payable", "2200"],
  ["clearing", "clearing", "1090"],
  ["fees", "fees", "6150"],
  ["bank", "the bank", "1010"],
];
const table: t.MappingTable = EMPTY
  ? { version: 2 }
  : {
      version: 2,
      reporting_currency: "GBP",
      entity: ENTITIES.map(([code, functional_currency]) => ({
        code,
        name: `Meridian Analytics ${code.slice(0, 2)}`,
        functional_currency,
        time_zone: code === "GB01" ? "Europe/London" : "UTC",
        erp_connection: "NetSuite",
        accounts: Object.fromEntries(ROLES.map(([role, , account]) => [role, [account]])),
        scopes: { bank: "billing_only" },
        close: { tolerance: { receivable: "500.00" }, clearly_trivial: "10.00" },
      })),
      entity_rule: ENTITIES.map(([entity, currency]) => ({ currency, entity })),
      revenue: [
        { entity: "*", product: "plan", account: "4000", recognition: "over_time" },
        { entity: "*", product: "usage", account: "4010", recognition: "at_once" },
        { entity: "DE01", product: "usage", tax_code: "DE19", account: "4010", recognition: "at_once" },
      ],
      rate: [
        { from: "USD", to: "GBP", date: "2026-11-30", rate: "0.787402", source: "ECB" },
        { from: "EUR", to: "GBP", date: "2026-11-30", rate: "0.854701", source: "ECB" },
      ],
      explanation: [
        { name: "Payroll journals", category: "payroll", accounts: ["4000"], kinds: ["journal"] },
      ],
    };
const changed = (): t.MappingPreview => ({
  says: "Two cells of the tie-out would move; 12 exceptions would close.",
  changes: ["Revenue of product plan goes to 4010 Usage instead of 4000 Subscriptions"],
  cells: [
    {
      entity: "GB01",
      period: "2026-11",
      account: "4010",
      account_name: "Usage",
      currency: "GBP",
      billing_before: "0.00",
      billing_after: "-213381.98",
      ledger_before: "-214598.08",
      ledger_after: "-214598.08",
      variance_before: "214598.08",
      variance_after: "1216.10",
    },
  ],
  cells_changed: 2,
  exceptions: [{ kind: "missing_mapping", name: "Mapping missing", appear: 0, close: 12 }],
});
const share = (percent: string): t.Share[] => [
  { currency: "GBP", part: "118204.50", of: "120000.00", percent },
];

export const handlers: Handlers = {
  mapping_edit: (): t.MappingEdit => ({
    table,
    in_force: EMPTY ? null : "77aa01f2c9de4410bb3902",
    waiting: [],
    accounts: ACCOUNTS.map(([code, name, kind]) => ({ code, name, kind, connection: "NetSuite" })),
    roles: ROLES.map(([word, name]) => ({ word, name })),
    billing: ["Stripe UK", "Stripe US"],
    ledgers: ["NetSuite"],
    scopes: [
      { word: "full", name: "the whole account" },
      { word: "billing_only", name: "only our lines" },
    ],
  }),
  mapping_says: (): t.MappingSays => ({
    says: ["The receivable of GB01 goes to 1110 instead of 1100"],
    problem: "",
    text: "schema = 2\n",
  }),
  mapping_preview: changed,
  mapping_propose: (): t.ProposedMapping => ({
    says: "7 accounts and 3 products proposed; one line is unsure.",
    lines: [
      {
        place: "entity 0 accounts receivable",
        says: "1100 Accounts receivable",
        why: "NetSuite's own receivable account",
        sure: true,
        covers: share("98"),
      },
      {
        place: "entity 0 accounts fees",
        says: "6150 Card fees",
        why: "its name; nothing was booked on it",
        sure: false,
        covers: [],
      },
    ],
    missing: [],
    from: "2026-09-01",
    through: "2026-11-30",
    products: 3,
    products_covered: 3,
    covers: share("98"),
    text: "schema = 2\n",
    problem: "",
    table,
  }),
  mapping_submit: (): t.ChangeView => ({
    id: "chg_9",
    kind: "mapping",
    name: "mapping",
    by: { name: "ana", kind: "person" },
    hash: "0b1c7d2e9a7745d0c2f18e",
    state: "inert",
    imported_at: new Date().toISOString(),
    approved_by: [],
    needs: "one approver, not Ana",
    actions: [],
  }),
  rates_propose: (): t.RatesView => ({
    source: "European Central Bank",
    from: "2026-09-01",
    through: "2026-11-30",
    pairs: [{ from: "USD", to: "GBP", how: "by way of EUR", days: 64, last: "0.787402" }],
    missing: [],
    rounding: "six digits, half to even",
    new: 64,
    entities: ["US01"],
    change: null,
  }),
};
