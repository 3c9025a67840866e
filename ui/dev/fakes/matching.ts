// Entries and documents that no name ties.
import type * as t from "../../src/bindings/types";
import { type Handlers } from "../fake-desk";
import { EMPTY, HOUR, iso } from "../seed";

const entry = (
  number: string,
  amount: string,
  more: Partial<t.UnmatchedEntryView> = {},
): t.UnmatchedEntryView => ({
  id: `ent_${number}`,
  number,
  connection: "netsuite",
  kind: "journal",
  reference: null,
  memo: null,
  counterpart: null,
  entity: "GB01",
  account: "1100",
  amount,
  currency: "GBP",
  date: "2026-11-30",
  ...more,
});

const document = (
  reference: string,
  amount: string,
  customer: string | null,
  more: Partial<t.UnmatchedDocumentView> = {},
): t.UnmatchedDocumentView => ({
  id: `doc_${reference}`,
  reference,
  connection: "stripe-gb",
  kind: "payment",
  customer,
  entity: "GB01",
  account: "1100",
  amount,
  currency: "GBP",
  date: "2026-11-28",
  ...more,
});

const may: t.ActionView[] = (["confirm_match", "reject_match"] as const).map((action) => ({
  action,
  allowed: true,
  code: null,
  message: null,
  rule: null,
  who_could: [],
}));
const undo: t.ActionView[] = may.slice(0, 1).map((one) => ({ ...one, action: "undo_match" }));

const match = (
  id: string,
  entries: t.UnmatchedEntryView[],
  documents: t.UnmatchedDocumentView[],
  more: Partial<t.MatchView> = {},
): t.MatchView => ({
  id,
  state: "suggested",
  rule: "amount",
  points: 80,
  reasons: ["same amount"],
  reason: "",
  entity: "GB01",
  currency: "GBP",
  account: "1100",
  entries,
  documents,
  documents_sum: entries[0]?.amount ?? "0.00",
  entries_sum: entries[0]?.amount ?? "0.00",
  difference: "0.00",
  second: null,
  confirmed_by: [],
  changed_by: null,
  changed_at: null,
  actions: may,
  ...more,
});

const charges = Array.from({ length: 14 }, (_, n) =>
  document(`ch_3Qx${String(n + 1).padStart(2, "0")}`, "-343.76", `Depot ${n + 1}`, { date: "2026-11-30" }),
);
const deposit = entry("DEP-2291", "-4812.64", {
  memo: "STRIPE PAYMENTS UK LTD",
  kind: "deposit",
  date: "2026-12-02",
});
const wire = entry("JE-10442", "-1440.00", {
  memo: "FPI ACME INDUST REF 8837",
  counterpart: "Acme Industries Ltd",
});
const acme = document("py_1QwR9Hb7", "-1440.00", "Acme Industries Ltd");
const raised = entry("JE-10397", "62400.00", { memo: "Annual licence Brightwater, per contract" });
const brightwater = document("GB01-2026-000982", "62400.00", "Brightwater plc", { kind: "invoice" });
const short = entry("JE-10455", "-412.00", { memo: "Inv GB01-2026-000871 less bank charge" });
const invoice = document("GB01-2026-000871", "-417.00", "Glenmoor Estates");

const list: t.MatchListView = EMPTY
  ? { entries_total: 0, entries: [], documents_total: 0, documents: [], suggestions: [], decided: [] }
  : {
      entries_total: 5,
      entries: [raised, deposit, wire, short, entry("JE-10460", "-88.10", { memo: "Sundry receipt" })],
      documents_total: 18,
      documents: [brightwater, acme, invoice, ...charges],
      suggestions: [
        match("mat_1", [wire], [acme], {
          points: 95,
          reasons: ["same amount", "booked 2 days later", "its text names Acme Industries Ltd"],
        }),
        match("mat_2", [raised], [brightwater], {
          points: 80,
          reasons: ["same amount", "booked 2 days later", "nothing else open has this amount"],
        }),
        match("mat_3", [deposit], charges, {
          rule: "day",
          points: 60,
          reasons: ["the 14 documents of 2026-11-30 come to exactly this", "booked 2 days later"],
          second: "it is over 14 customers",
        }),
        match("mat_4", [short], [invoice], {
          rule: "name",
          points: 45,
          reasons: ["its text names GB01-2026-000871", "the amounts differ"],
          documents_sum: "-417.00",
          difference: "5.00",
          second: "the two sides do not come to the same",
        }),
      ],
      decided: [
        match(
          "mat_9",
          [entry("JE-10210", "-950.00", { memo: "Wire Kestrel" })],
          [document("py_9", "-950.00", "Kestrel Aviation Ltd")],
          {
            state: "confirmed",
            points: 0,
            confirmed_by: [{ name: "ana", kind: "person" }],
            changed_by: { name: "ana", kind: "person" },
            changed_at: iso(5 * HOUR),
            actions: undo,
          },
        ),
      ],
    };

export const handlers: Handlers = {
  match_list: () => list,
  match_look: ({ entries, documents }) =>
    match(
      "mat_hand",
      list.entries.filter((one) => entries.includes(one.id)),
      list.documents.filter((one) => documents.includes(one.id)),
      { rule: "hand", reasons: [], points: 0 },
    ),
  match_confirm: ({ ids }) => {
    const gone = ids[0];
    list.suggestions = list.suggestions.filter((one) => one.id !== gone);
    return [{ id: gone ?? "", result: "done", code: "confirmed", reference: null }];
  },
  match_reject: ({ ids }) => {
    list.suggestions = list.suggestions.filter((one) => one.id !== ids[0]);
    return [{ id: ids[0] ?? "", result: "done", code: "rejected", reference: null }];
  },
  match_undo: ({ ids }) => [{ id: ids[0] ?? "", result: "done", code: "undone", reference: null }],
};
