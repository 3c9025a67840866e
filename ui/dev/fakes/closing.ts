// The close of GB01, as it is drawn: the figures of one story, which add up.
import type * as t from "../../src/bindings/types";
import type { Handlers } from "../fake-desk";

const row = (
  account: string,
  account_name: string,
  [expected, ledger, difference, timing, to_book, accepted, brought_forward, unexplained]: string[],
  [open, tolerance, over]: [string, string | null, boolean],
): t.CloseRow => ({
  kind: tolerance === null ? "opposite" : "signed",
  account,
  account_name,
  currency: "GBP",
  expected: expected ?? "0.00",
  opening: "0.00",
  movement: ledger ?? "0.00",
  ledger: ledger ?? "0.00",
  difference: difference ?? "0.00",
  timing: timing ?? "0.00",
  clears: timing === "0.00" ? null : "2026-12-02",
  to_book: to_book ?? "0.00",
  accepted: accepted ?? "0.00",
  brought_forward: brought_forward ?? "0.00",
  unexplained: unexplained ?? "0.00",
  open,
  tolerance,
  over,
  proven: tolerance === null ? null : true,
});

const O = "0.00";
const ROWS: t.CloseRow[] = [
  row(
    "1100",
    "Accounts receivable",
    ["644617.10", "543388.40", "101228.70", O, "102513.10", O, "-1284.40", O],
    ["102513.10", "500.00", true],
  ),
  row(
    "1090",
    "Stripe clearing",
    ["16457.15", "21407.15", "-4950.00", "-4812.60", "-137.40", O, O, O],
    ["137.40", "0.00", true],
  ),
  row(
    "2400",
    "Deferred revenue",
    ["-387126.60", "-300482.92", "-86643.68", O, "-85427.58", "-62.10", O, "-1154.00"],
    ["86581.58", "500.00", true],
  ),
  row(
    "2200",
    "VAT output 20 %",
    ["-70418.10", "-54616.98", "-15801.12", O, "-17085.52", O, "1284.40", O],
    ["17085.52", "100.00", true],
  ),
  row(
    "4010",
    "Revenue",
    ["-213381.98", "-214598.08", "1216.10", O, O, "62.10", O, "1154.00"],
    ["1154.00", "2500.00", false],
  ),
  row(
    "6150",
    "Card fees, ours",
    ["5455.62", "5318.22", "137.40", O, "137.40", O, O, O],
    ["137.40", null, false],
  ),
  row(
    "1010",
    "Bank, payouts",
    ["191214.70", "186402.10", "4812.60", "4812.60", O, O, O, O],
    [O, null, false],
  ),
];

const may = (action: t.ActionView["action"], why: string | null): t.ActionView => ({
  action,
  allowed: why === null,
  code: why === null ? null : "account_over_tolerance",
  message: why,
  rule: null,
  who_could: [],
});

function signOff(account: string, state: t.SignOffView["state"], needs: string): t.SignOffView {
  const signed = state !== "open";
  return {
    account,
    account_name: ROWS.find((one) => one.account === account)?.account_name ?? null,
    state,
    needs,
    needs_said: [{ text: needs }],
    prepared_by: signed ? "ana" : null,
    prepared_at: signed ? "2026-12-02T17:40:00Z" : null,
    reviewed_by: state === "suspended" || state === "reviewed" ? "dev" : null,
    reviewed_at: state === "suspended" || state === "reviewed" ? "2026-12-03T09:12:00Z" : null,
    hash: "5cebafab6b87",
    signed_hash: signed ? "4bebafab6b87" : null,
    change: signed ? "chg_k3v" : null,
    items: 214,
    moved_count: state === "suspended" ? 1 : 0,
    moved:
      state === "suspended"
        ? [
            {
              item: "PO-3317",
              says: "PO-3317 is GBP 137.40 expected, 0.00 booked, to book; it was timing",
              amount: "137.40",
              currency: "GBP",
              by: ["Stripe UK"],
              since: "2026-12-03T09:38:00Z",
            },
          ]
        : [],
    trivial: false,
    actions: [
      may("prepare_sign_off", state === "prepared" ? "It is prepared already." : needs === "" ? null : needs),
      may("review_sign_off", state === "prepared" ? null : "It is not prepared."),
    ],
  };
}

const blocker = (
  kind: string,
  label: string,
  about: string[],
  [amount, owner]: [string, string | null],
): t.BlockerView => ({
  kind,
  label,
  count: about.length,
  about: about.slice(0, 2),
  more: Math.max(0, about.length - 2),
  sums: [{ currency: "GBP", count: about.length, amount }],
  worth: amount,
  owners: owner === null ? [] : [owner],
  unowned: owner === null ? about.length : 0,
  since: "2026-12-01T09:00:00Z",
  overdue: owner === null ? 1 : 0,
  exception: "exc_1",
});

const CLOSE: t.CloseView = {
  entity: "GB01",
  entity_name: "Meridian Analytics Ltd",
  period: "2026-11",
  period_name: "November 2026",
  ends: "2026-11-30",
  says: "November 2026 is open.",
  currency: "GBP",
  today: "2026-12-03",
  ready: false,
  lacks: ["12 blockers are open", "1090 is suspended", "4010 waits for its review"],
  lacks_said: [],
  rows: ROWS,
  proof: [
    {
      currency: "GBP",
      expected: "107394.80",
      ledger: "107394.80",
      difference: O,
      timing: O,
      to_book: O,
      accepted: O,
      brought_forward: O,
      unexplained: O,
      nets: true,
    },
  ],
  accounts: [
    signOff("1100", "open", "102,513.10 GBP to book"),
    signOff("1090", "suspended", "prepare and review it again"),
    signOff("2400", "open", "86,581.58 GBP, part unexplained"),
    signOff("2200", "open", "17,085.52 GBP to book"),
    signOff("4010", "prepared", "waits for its review by another person"),
  ],
  movements: null,
  blockers: [
    blocker("posting_rejected", "Refused by the ERP", ["Brightwater plc"], ["62400.00", "ana"]),
    blocker(
      "customer_not_in_erp",
      "Customer not in the ERP",
      ["Harrow & Vale", "Kestrel Aviation", "Oldfield Logistics"],
      ["31600.00", "ana"],
    ),
    blocker("orphan_journal", "Entry without a document", ["Glenmoor Estates"], ["1154.00", null]),
  ],
  blocker_count: 12,
  blocker_worth: "118204.50",
  reporting: "GBP",
  forecast: {
    says: "At this pace nothing blocks from 4 Dec on, 7 Dec at the latest.",
    earliest: "2026-12-04",
    likely: "2026-12-04",
    latest: "2026-12-07",
  },
  manual_journals: [],
  notes: [
    {
      id: "chg_note",
      entity: "GB01",
      period: "2026-11",
      category: "timing",
      clears_by: "2026-12-02",
      note: "Paid out on 30 November, at the bank two days later",
      items: [
        { item: "PO-3317", account: "1090", currency: "GBP", period: "2026-11", amount: "-4812.60" },
        { item: "PO-3317", account: "1010", currency: "GBP", period: "2026-11", amount: "4812.60" },
      ],
      author: "ana",
      at: "2026-12-02T17:40:00Z",
      accepted_by: null,
      state: "inert",
      needs: "waits for another person, who accepts it",
      hash: "6a",
      actions: [may("approve_change", "Who proposed a change does not decide it")],
    },
  ],
  entities: ["US01", "GB01", "DE01", "JP01"],
  periods: ["2026-09", "2026-10", "2026-11", "2026-12"],
};

const ITEM: t.CloseItem = {
  item: "JE-4471 (ent_1)",
  account: "2400",
  currency: "GBP",
  period: "2026-11",
  dated: "2026-11-29",
  age_days: 4,
  expected: "0.00",
  ledger: "1154.00",
  difference: "-1154.00",
  part: "unexplained",
  says: "Entry without a document",
  clears: null,
  exception: "exc_1",
  note: null,
};

const CUT_OFF: t.CutOff = {
  entity: "GB01",
  period: "2026-11",
  ends: "2026-11-30",
  days: 5,
  accounts: ["1100"],
  before: { tested: 41, wrong: 1, in_time: 3 },
  after: { tested: 12, wrong: 0, in_time: 0 },
  rows: [
    {
      item: "GB01-2026-000418",
      dated: "2026-11-29",
      after: false,
      belongs: "2026-11",
      booked: ["2026-12"],
      currency: "GBP",
      expected: "1154.00",
      ledger: "1154.00",
      state: "another_period",
      exception: "exc_1",
    },
  ],
};

const CHECKLIST: t.ChecklistView = {
  done: 1,
  overdue: 0,
  next: "Card fee accrual",
  tasks: [
    {
      id: "bank",
      name: "Bank statement filed",
      owner: "ana",
      working_day: 1,
      due: "2026-12-01",
      state: "done",
      waits_for: [],
      evidence: true,
      done_by: "ana",
      done_at: "2026-12-01T10:00:00Z",
      note: "Statement of November, page 3",
    },
    {
      id: "accrual",
      name: "Card fee accrual",
      owner: "tom",
      working_day: 3,
      due: "2026-12-03",
      state: "open",
      waits_for: [],
      evidence: false,
      done_by: null,
      done_at: null,
      note: null,
    },
  ],
};

const MONTHS = ["08", "09", "10", "11", "12"];

/** A year in advance, released by month; November is booked with one unit too few. */
const waterfall = (document: string | null): t.ScheduleRow[] =>
  MONTHS.map((month, at) => ({
    entity: "GB01",
    account: "2400",
    currency: "GBP",
    period: `2026-${month}`,
    document,
    document_id: document === null ? null : "doc_1",
    opening: at === 0 ? O : `${1200 - 100 * at}.00`,
    deferred: at === 0 ? "1200.00" : O,
    released: "100.00",
    closing: `${1100 - 100 * at}.00`,
    without_term: O,
    booked: month === "12" ? O : month === "11" ? "99.00" : "100.00",
    ledger: document === null ? `${(month === "11" ? 1101 : 1100) - 100 * at}.00` : null,
    difference: month === "11" ? "-1.00" : O,
    state: month === "12" ? "not_due" : month === "11" ? "differs" : "agrees",
  }));

const SCHEDULE: t.DocumentSchedule = {
  document: "doc_1",
  reference: "GB01-2026-000418",
  entity: "GB01",
  currency: "GBP",
  remainder: "what does not come out even is spread over the periods",
  due_days: 5,
  credits: null,
  void: false,
  lines: [
    {
      product: "team",
      revenue: "4010",
      rule: "by service month",
      starts: "2026-08-01",
      ends: "2027-07-31",
      amount: "1200.00",
      periods: 12,
      least: "100.00",
      most: "100.00",
    },
  ],
  rows: waterfall("GB01-2026-000418"),
};

export const handlers: Handlers = {
  close_status: (request) => ({
    ...CLOSE,
    entity: request.entity ?? CLOSE.entity,
    period: request.period ?? CLOSE.period,
  }),
  close_items: () => [ITEM],
  close_cut_off: () => CUT_OFF,
  schedule_accounts: () => [{ entity: "GB01", account: "2400", account_name: "Deferred revenue" }],
  close_schedules: ({ document, period }) =>
    waterfall(document).filter((one) => period === null || one.period === period),
  schedule_documents: ({ period, start }) => {
    const rows = waterfall("GB01-2026-000418").filter((one) => one.period === period);
    return { total: rows.length, start, rows };
  },
  document_schedule: () => SCHEDULE,
  binder: ({ path }) => ({
    path,
    made_at: "2026-12-03T09:42:00Z",
    exceptions: 46,
    postings: 31,
    decisions: 58,
    entries: 212,
    key: "5cebafab6b874bfb793109b988674e353e4e9cb7b06108bca29e7962a0396cd7",
  }),
  period_locks: () => [],
  delegations: () => [],
  overrides: () => [],
  override_option: () => ({ limits: [], reasons: [], overrides: [] }),
  close_checklist: () => CHECKLIST,
  close_text: (request) => ({
    sign_off: signOff(request.account, "prepared", ""),
    text: `Sign-off of account ${request.account} in GB01, 2026-11\n`,
  }),
  close_prepare: (request) => signOff(request.account, "prepared", ""),
  close_explain: () => CLOSE.notes[0] as t.NoteView,
  close_accept: () => CLOSE.notes[0] as t.NoteView,
  close_take_back: () => CLOSE.notes[0] as t.NoteView,
  close_task: () => CHECKLIST,
  close_review: (request) => signOff(request.account, "reviewed", ""),
};
