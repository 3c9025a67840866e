// The bank of GB01 beside account 1010: one payout on its way, one fee that nobody booked.
import type * as t from "../../src/bindings/types";
import type { Handlers } from "../fake-desk";

const VIEW: t.BankView = {
  number: "GB29NWBK60161331926819",
  currency: "GBP",
  entity: "GB01",
  account: "1010",
  account_name: "Barclays current",
  through: "2026-11-30",
  closing: "182336.10",
  ledger: "187155.60",
  difference: "-4819.50",
  not_booked: "-6.90",
  in_transit: "4812.60",
  unexplained: "0.00",
  opening_difference: "0.00",
  missing_statements: "0.00",
  other_entries: "0.00",
  payout_differences: "0.00",
  state: "explained",
  ledger_whole: true,
  payouts: { received: 21, missing: 0, differs: 0, unclear: 0, awaited: 1 },
  items: [
    {
      kind: "not_booked",
      date: "2026-11-30",
      amount: "-6.90",
      counterparty: null,
      reference: "2026334-0009",
      text: "ACCOUNT FEE NOVEMBER",
    },
    {
      kind: "in_transit",
      date: "2026-11-30",
      amount: "4812.60",
      counterparty: null,
      reference: "po_1QaL2MGB01example0000022",
      text: "Payout",
    },
  ],
  statements: [
    {
      id: "2026-00011",
      from: "2026-11-01",
      to: "2026-11-30",
      opening: "96118.44",
      closing: "182336.10",
      ledger: "187155.60",
      difference: "-4819.50",
      lines: 22,
      file: "2026-11.xml",
    },
  ],
};

export const handlers: Handlers = {
  bank: (request) => (request.entity === null || request.entity === "GB01" ? [VIEW] : []),
  bank_import: (request) => ({
    file: request.file,
    sha256: "5c".repeat(32),
    format: "camt.053",
    known: true,
    statements: [],
    message: "this very file was imported before: nothing was done",
  }),
};
