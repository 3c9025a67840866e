// Postings in every state, with their attempts.
import type * as t from "../../src/bindings/types";
import { type Handlers } from "../fake-desk";
import { EMPTY, HOUR, MINUTE, iso } from "../seed";
import { all, byId } from "./company";

const STATES: [t.PostingRow["state"], number][] = [
  ["proposed", 9],
  ["queued", 4],
  ["in_doubt", 1],
  ["booked", 12],
  ["settled", 620],
  ["refused", 6],
  ["dead_letter", 2],
  ["rejected", 5],
  ["cancelled", 3],
];
const postings: t.PostingRow[] = STATES.flatMap(([state, count], s) =>
  Array.from({ length: EMPTY ? 0 : count }, (_, i): t.PostingRow => {
    const row = all[(s * 211 + i * 3) % all.length] as t.ExceptionView;
    return {
      id: `pst_${s}_${i}`,
      customer: row.customer,
      own_period: row.period,
      rule: null,
      exception: row.id,
      reference: row.external_ref,
      state,
      connection: "NetSuite",
      origin: i % 5 === 0 ? "reroute" : i % 3 === 0 ? "policy" : "manual",
      preparer: i % 3 === 0 && i % 5 !== 0 ? null : "ana",
      approved_by: ["proposed", "rejected"].includes(state) || i % 15 === 3 ? [] : ["carl"],
      released_by_policy: i % 15 === 3 && !["proposed", "rejected", "cancelled"].includes(state),
      amount: row.amount,
      currency: row.currency,
      entity: row.entity ?? "",
      period: row.period ?? "",
      tries:
        state === "dead_letter"
          ? 8
          : ["proposed", "queued", "rejected"].includes(state)
            ? 0
            : 1 + (i % 3 === 0 ? 1 : 0),
      next_try_at: state === "in_doubt" ? iso(-40 * MINUTE) : null,
      failure: ["refused", "dead_letter"].includes(state) ? "Please enter value(s) for: Department." : null,
      proposed_at: iso((2 + i + s * 7) * HOUR),
    };
  }),
);

// Decisions name a posting; the fake desk decides on the exception behind it.
for (const row of postings) byId.set(row.id, all.find((one) => one.id === row.exception) as t.ExceptionView);

function postingsPage(asked: t.PostingsRequest): t.PostingsPage {
  const { state, entity, period, search: words, start, limit } = asked;
  const found = postings.filter(
    (row) =>
      (entity === null || row.entity === entity) &&
      (period === null || row.period === period || row.own_period === period) &&
      (words === null ||
        `${row.reference} ${row.preparer ?? ""}`.toLowerCase().includes(words.toLowerCase())),
  );
  const rows = found.filter((row) => state === null || row.state === state);
  const states = STATES.map(([one]) => ({
    state: one,
    count: found.filter((row) => row.state === one).length,
  })).filter((one) => one.count > 0);
  return { total: rows.length, start, rows: rows.slice(start, start + limit), states };
}

const JOURNAL_ENTRY = "https://td1.suitetalk.example/services/rest/record/v1/journalEntry";
const BOOKED = "HTTP 204\nLocation: /record/v1/journalEntry/48213";

type Said = Pick<t.AttemptView, "outcome" | "code" | "message">;

function attempts(row: t.PostingRow): t.AttemptView[] {
  const amount = Number(row.amount.replace("-", ""));
  const body = {
    externalId: "TO7K2M9Q4XVB",
    subsidiary: { id: "2" },
    tranDate: "2026-11-01",
    line: {
      items: [
        { account: { id: "1100" }, debit: amount },
        { account: { id: "2400" }, credit: amount },
      ],
    },
  };
  const refusal = {
    type: "https://www.rfc-editor.org/rfc/rfc9110",
    title: "Bad Request",
    status: 400,
    "o:errorDetails": [{ detail: "Please enter value(s) for: Department.", "o:errorCode": "USER_ERROR" }],
  };
  const request = `POST ${JOURNAL_ENTRY}\n${JSON.stringify(body)}`;
  return Array.from({ length: row.tries }, (_, i): t.AttemptView => {
    const last = i === row.tries - 1;
    const refused = ["refused", "dead_letter"].includes(row.state);
    const unknown = row.state === "in_doubt" || (!last && !refused);
    const failed: Said | false = refused && {
      outcome: row.state === "dead_letter" && !last ? "retryable" : "terminal",
      code: "erp_refused",
      message: "USER_ERROR: Please enter value(s) for: Department.",
    };
    const open: Said | false = unknown && {
      outcome: "unknown",
      code: "timed_out",
      message: "No answer within 60 s; the request may have arrived.",
    };
    const said: Said = failed || open || { outcome: "done", code: null, message: null };
    return {
      number: i + 1,
      step: 1,
      action: "create_booked",
      key: "TO7K2M9Q4XVB",
      started_at: iso((90 - i * 9) * MINUTE),
      finished_at: unknown && last ? null : iso((90 - i * 9) * MINUTE - 1400),
      ...said,
      erp_id: said.outcome === "done" ? "48213" : null,
      request_id: unknown ? null : "a3f9-77c1-42d0",
      exchange: {
        request,
        status: unknown ? null : refused ? 400 : 204,
        response: unknown ? null : refused ? `HTTP 400\n${JSON.stringify(refusal)}` : BOOKED,
      },
    };
  });
}

function postingDetail(id: string): t.PostingDetail {
  const row = postings.find((one) => one.id === id);
  if (!row) throw { code: "not_found", message: `There is no posting ${id}.` };
  const money = row.amount.replace("-", "");
  const line = (account: string, name: string, debit: string, credit: string): t.LineView => ({
    account,
    name,
    account_erp_id: `${Number(account) / 10}`,
    debit,
    credit,
    currency: row.currency,
    memo: row.reference,
  });
  const step: t.StepView = {
    number: 1,
    key: "TO7K2M9Q4XVB",
    reverses: null,
    entity: row.entity,
    entity_erp_id: "2",
    customer: { erp_id: "41", external_id: "cus_1MRDN7", name: "Northwind Ltd" },
    options: {},
    document_date: "2026-10-30",
    posting_date: "2026-11-01",
    period: "2026-11",
    period_state: "open",
    erp_id: ["booked", "settled"].includes(row.state) ? "48213" : null,
    lines: [line("1100", "Accounts receivable", money, ""), line("2400", "Deferred revenue", "", money)],
    debit_total: money,
    credit_total: money,
    currency: row.currency,
  };
  // Every other refused one is booked in part.
  const steps =
    row.state === "refused" && Number(id.at(-1)) % 2 === 0
      ? [
          { ...step, reverses: "JE1460", erp_id: "JE1461" },
          { ...step, number: 2, key: "TO7K2M9Q4XVC" },
        ]
      : [step];
  const action = (
    name: t.ActionView["action"],
    allowed: boolean,
    message: string | null = null,
    rule: string | null = null,
    who_could: string[] = [],
  ): t.ActionView => ({
    action: name,
    allowed,
    code: allowed ? null : "role_may_not",
    message,
    rule,
    who_could,
  });
  return {
    posting: {
      ...row,
      version: 1,
      content_hash: "9f2c41d07be5a8833f10c2a4d5e6b7a89900112233445566778899aabbccddee",
      approvals_needed: "one",
      reason:
        row.origin === "reroute" ? "AR closed for October; policy sends it to the next open period." : null,
      failure_code: row.failure === null ? null : "erp_refused",
      released_by_rule: row.released_by_policy ? "GB01 · unposted · up to 1,000.00 GBP: none" : null,
      periods: {
        own: "2026-10",
        belongs: "2026-10",
        posts_into: "2026-11",
        says: "Its October 2026 is AR locked; it goes to November 2026.",
        routed_by: null,
        rule_says: null,
        late: null,
      },
      steps,
    },
    attempts: attempts(row),
    tries: row.tries,
    lookups: row.state === "in_doubt" ? 3 : 0,
    doubt_since: row.state === "in_doubt" ? iso(31 * MINUTE) : null,
    next_try_at: row.next_try_at,
    waits_for: row.state === "queued" ? ["INV-20411, of the same customer"] : [],
    actions: [
      action(
        "approve",
        false,
        row.state === "proposed" ? "The same person may not prepare and approve." : "It is approved already.",
        row.state === "proposed" ? "preparer_is_not_approver" : null,
        row.state === "proposed" ? ["carl"] : [],
      ),
      action(
        "reroute",
        ["proposed", "refused", "dead_letter"].includes(row.state),
        "A booked entry is not rerouted: reverse it.",
      ),
      action(
        "replay",
        ["refused", "dead_letter"].includes(row.state),
        row.state === "in_doubt"
          ? "The outcome is still unknown: it is looked up first."
          : "It has not failed.",
      ),
      action(
        "cancel",
        ["proposed", "queued", "refused"].includes(row.state),
        "The ledger shows it: reverse it instead.",
      ),
    ],
  };
}

// A ledger that is read from files, with two postings that wait and a file that was handed over.
const byHand = postings.filter((row) => row.state === "queued").slice(0, 2);
const handovers = (): t.HandoverView => ({
  forms: [
    {
      name: "plain",
      title: "Plain journal lines (CSV)",
      note: "Every line with its key; any ledger's own import can be told which column is which.",
      sources: [],
      options: [],
    },
  ],
  ledgers: EMPTY
    ? []
    : [
        {
          connection: "Branch ledger",
          on: true,
          usual: "plain",
          waiting: byHand.map((row) => ({
            posting: row.id,
            exception: row.exception,
            reference: row.reference,
            entity: row.entity,
            period: row.period,
            amount: row.amount,
            currency: row.currency,
            refusal: null,
          })),
          action: {
            action: "hand_over",
            allowed: true,
            code: null,
            message: null,
            rule: null,
            who_could: [],
          },
        },
      ],
  files: EMPTY
    ? []
    : [
        {
          id: "hnd_1",
          connection: "Branch ledger",
          format: "plain",
          title: "Plain journal lines (CSV)",
          file: "journal-october.csv",
          sha256: "3f0a5c".padEnd(64, "0"),
          size: 2410,
          by: "ana",
          at: iso(-26 * HOUR),
          confirmed_by: null,
          confirmed_at: null,
          postings: postings
            .filter((row) => row.state === "booked")
            .slice(0, 2)
            .map((row, i) => ({
              posting: row.id,
              exception: row.exception,
              reference: row.reference,
              entity: row.entity,
              period: row.period,
              amount: row.amount,
              currency: row.currency,
              state: "handed_over",
              outcome: i === 0 ? "shown" : "not_shown",
              words: i === 0 ? "" : "the ledger's file is the whole of its days, and does not have it",
              again: null,
              current: true,
            })),
          actions: [
            {
              action: "confirm_handover",
              allowed: true,
              code: null,
              message: null,
              rule: null,
              who_could: [],
            },
          ],
        },
      ],
});

export const handlers: Handlers = {
  handovers,
  postings_page: postingsPage,
  posting_detail: ({ id }) => postingDetail(id),
};
