// Billing against the ledger.
import type * as t from "../../src/bindings/types";
import { all } from "./company";
import { decimal, seeded, type Handlers } from "../fake-desk";
import { EMPTY, ENTITIES, MINUTE, PERIODS, iso } from "../seed";

function tieOut(): t.TieOutView[] {
  const random = seeded(3);
  const accounts: [string, string, number][] = [
    ["1100", "Accounts receivable", 1],
    ["2200", "VAT output 20%", -0.16],
    ["2400", "Deferred revenue", -0.84],
  ];
  return ENTITIES.flatMap(([entity, currency, digits]) =>
    PERIODS.flatMap((period, p) =>
      accounts.map(([account, account_name, share]): t.TieOutView => {
        const unit = digits === 0 ? 1 : 100;
        const billing = Math.round((400_000 + random() * 9_000_000) * share) * unit;
        const explained = p === 2 ? 0 : -Math.round(random() * 90_000 * share) * unit;
        const transit = p === 0 ? -Math.round(random() * 40_000 * share) * unit : 0;
        const odd = random() < 0.12 && p < 2 ? Math.round(640 * share) * unit : 0;
        const corrections = random() < 0.2 ? Math.round(1200 * share) * unit : 0;
        const variance = explained + transit + odd;
        const text = (minor: number) => decimal(minor, digits);
        return {
          entity,
          currency,
          period,
          account,
          account_name,
          billing: text(billing),
          corrections: text(corrections),
          settled: text(0),
          not_ours: text(0),
          noted: text(0),
          tolerated: text(0),
          opening: text(0),
          reporting: null,
          material: odd !== 0,
          ledger: text(billing + corrections + variance),
          variance: text(variance),
          explained: text(explained),
          in_transit: text(transit),
          unexplained: text(odd),
          open_exceptions: explained === 0 ? 0 : 3 + Math.floor(random() * 40),
        };
      }),
    ),
  );
}

function cellDocuments(request: t.CellRequest): t.CellDocuments {
  const rows = all.filter(
    (row) => row.state !== "closed" && row.entity === request.entity && row.period === request.period,
  );
  const digits = request.currency === "JPY" ? 0 : 2;
  const total = rows.length + 340;
  const make = (i: number): t.CellDocument => {
    const row = rows[i];
    if (!row)
      return {
        reference: `INV-${10_000 + i}`,
        document: `doc_s${i}`,
        billing: decimal(120_000 + i * 77, digits),
        ledger: decimal(120_000 + i * 77, digits),
        variance: decimal(0, digits),
        exception: null,
        kind: null,
      };
    return {
      reference: row.external_ref,
      document: row.document,
      billing: row.amount,
      ledger: decimal(0, digits),
      variance: row.amount.startsWith("-") ? row.amount.slice(1) : `-${row.amount}`,
      exception: row.id,
      kind: row.kind,
    };
  };
  return {
    total,
    start: request.start,
    rows: Array.from({ length: Math.max(0, Math.min(request.limit, total - request.start)) }, (_, i) =>
      make(request.start + i),
    ),
  };
}

// Of one account what agrees and what does not.
function pilot(): t.PilotReport {
  const row = all.find((one) => one.kind === "unposted") as t.ExceptionView;
  return {
    entity: "GB01",
    entity_name: "Meridian Analytics Ltd",
    period: "2026-10",
    state: "closed",
    as_of: iso(-2 * MINUTE),
    says: [
      "GBP: 0 of 1 accounts agree in full; 1204 lines agree and 1 do not; differences of 480.00 GBP in all",
    ],
    said: [
      [
        { text: "GBP: 0 of 1 accounts agree in full; 1204 lines agree and 1 do not; differences of " },
        { amount: { amount: "480.00", currency: "GBP" } },
        { text: " in all" },
      ],
    ],
    accounts: EMPTY
      ? []
      : [
          {
            account: "1100",
            account_name: "Accounts Receivable",
            currency: "GBP",
            billing: "182480.00",
            ledger: "182000.00",
            variance: "-480.00",
            agree: 1204,
            agrees: "182000.00",
            differ: 1,
            reasons: [
              {
                kind: "unposted",
                label: "Not posted",
                act: "propose its posting",
                count: 1,
                billing: "480.00",
                ledger: "0.00",
                variance: "-480.00",
                items: [
                  {
                    reference: row.external_ref,
                    billing: "480.00",
                    ledger: "0.00",
                    variance: "-480.00",
                    exception: row.id,
                    why: row.why,
                    said: row.said,
                  },
                ],
              },
            ],
            beside: [],
          },
        ],
    choices: [{ entity: "GB01", period: "2026-10", closed: true }],
  };
}

export const handlers: Handlers = {
  pilot: () => pilot(),
  pilot_write: ({ path }) => ({ path, rows: 1, excerpt: null }),
  tie_out: () => (EMPTY ? [] : tieOut()),
  tie_out_documents: cellDocuments,
  tie_out_lines: () =>
    EMPTY
      ? []
      : [
          {
            kind: "noted",
            name: "bank charges",
            entity: "GB01",
            currency: "GBP",
            period: "2026-10",
            account: "1100",
            amount: "-48.00",
            count: 3,
          },
          {
            kind: "opening_difference",
            name: "cutover of 2026-01-01, signed",
            entity: "US01",
            currency: "USD",
            period: "",
            account: "1100",
            amount: "120.00",
            count: 0,
          },
        ],
  population: () =>
    EMPTY
      ? []
      : [
          {
            connection: "netsuite",
            entity: "GB01",
            account: "1100",
            account_name: "Accounts Receivable",
            period: "2026-10",
            currency: "GBP",
            opening: "12000.00",
            debits: "4200.00",
            credits: "3900.00",
            closing: "12300.00",
            read: "300.00",
            gap: "0.00",
            whole: true,
          },
        ],
};
