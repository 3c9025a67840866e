// One exception in full, and what may be done with it.
import type {
  Code,
  ActionView,
  EventView,
  ExceptionDetail,
  ExceptionView,
  LineView,
  PeriodsView,
  PostingView,
  Preview,
} from "../../src/bindings/types";
import { period as periodName } from "../../src/lib/format";
import { decimal, type Handlers } from "../fake-desk";
import { NOW, search } from "../seed";
import { actingPerson, byId, waitsForApproval } from "./company";

const minor = (text: string): number => Number(text.replace(".", ""));
const digits = (currency: string): number => (currency === "JPY" ? 0 : 2);
/** Who prepared what waits. */
export const preparers = new Map<string, string>();
for (const id of waitsForApproval) preparers.set(id, "ana");
export const comments = new Map<string, EventView[]>();
export const event = (
  at: string,
  by: EventView["by"],
  happening: EventView["happening"],
  more: Partial<EventView> = {},
): EventView => ({ at, by, happening, to: null, kinds: null, words: null, ...more });
const DESK: EventView["by"] = { name: "desk", kind: "desk" };
const CARL: EventView["by"] = { name: "carl", kind: "person" };
export const approved = new Set<string>();

export function preview(row: ExceptionView, asked = false, period = "2026-11", date = "2026-11-01"): Preview {
  const total = Math.abs(minor(row.amount));
  const tax = Math.round(total / 6);
  const size = digits(row.currency);
  const credit = row.amount.startsWith("-");
  const line = (account: string, name: string, value: number, debit: boolean): LineView => ({
    account,
    name,
    account_erp_id: `${Number(account) / 10}`,
    debit: debit ? decimal(value, size) : "",
    credit: debit ? "" : decimal(value, size),
    currency: row.currency,
    memo: row.external_ref,
  });
  return {
    steps: [
      {
        number: 1,
        key: "TO7K2M9Q4XVB",
        reverses: null,
        entity: row.entity ?? "",
        entity_erp_id: "2",
        customer: { erp_id: null, external_id: "cus_1MRDN7", name: "Northwind Ltd" },
        options: { journal: "REV" },
        document_date: row.dated ?? date,
        posting_date: date,
        period,
        period_state: "open",
        erp_id: null,
        lines: [
          line("1100", "Accounts receivable", total, !credit),
          line("2400", "Deferred revenue", total - tax, credit),
          line("2200", "VAT output 20%", tax, credit),
        ],
        debit_total: decimal(total, size),
        credit_total: decimal(total, size),
        currency: row.currency,
      },
    ],
    checks: [
      { check: "The entry balances", passed: true, found: `${row.currency}, debits equal credits` },
      { check: "The period accepts postings", passed: true, found: `${row.entity} ${period} is open` },
      {
        check: "The customer is known in the ERP",
        passed: row.kind !== "customer_not_in_erp",
        found: row.kind === "customer_not_in_erp" ? `${row.customer} is not in NetSuite` : `${row.customer}`,
      },
      ...(asked
        ? [{ check: "Nothing is booked under our key", passed: true, found: "No entry in NetSuite" }]
        : []),
    ],
    periods: periodsOf(row, period),
    already_held: [],
    looked_up_at: asked ? new Date().toISOString() : null,
  };
}

/** The document's own period, where it belongs, and what it posts into. */
function periodsOf(row: ExceptionView, into: string): PeriodsView {
  const own = (row.dated ?? "2026-10-30").slice(0, 7);
  const says = `Its ${periodName(own)} is AR locked; it would go to ${periodName(into)}.`;
  const rules = { routed_by: null, rule_says: null, late: null };
  return { own, belongs: own, posts_into: into, says: own === into ? null : says, ...rules };
}

/** What is booked wrongly is reversed, then booked again. */
function again(of: Preview): Preview {
  const [step] = of.steps;
  if (!step) return of;
  const back = {
    ...step,
    reverses: "JE1460",
    key: "TO7K2M9Q4XVA",
    lines: step.lines.map((line) => ({ ...line, debit: line.credit, credit: line.debit })),
  };
  return {
    ...of,
    steps: [back, { ...step, number: 2 }],
    already_held: [
      {
        erp_id: "1460",
        number: "JE1460",
        external_id: null,
        status: "booked",
        entity: step.entity,
        posting_date: "2026-10-30",
        period: "2026-10",
      },
      {
        erp_id: "1461",
        number: null,
        external_id: null,
        status: "unbooked",
        entity: step.entity,
        posting_date: "2026-10-30",
        period: "2026-10",
      },
    ],
  };
}

function actions(row: ExceptionView): ActionView[] {
  const me = actingPerson();
  const waits = waitsForApproval.has(row.id);
  const yes = (action: ActionView["action"]): ActionView => ({
    action,
    allowed: true,
    code: null,
    message: null,
    rule: null,
    who_could: [],
  });
  const no = (
    action: ActionView["action"],
    code: Code,
    message: string,
    rule: string | null = null,
    who: string[] = [],
  ): ActionView => ({ action, allowed: false, code, message, rule, who_could: who });
  const reads = (action: ActionView["action"]): ActionView =>
    no(action, "auditor_reads_only", "An auditor reads and changes nothing.", "auditor_reads_only", [
      "ana",
      "carl",
    ]);
  const list: ActionView["action"][] = [
    "propose",
    "approve",
    "reject",
    "reroute",
    "replay",
    "assign",
    "comment",
    "hold",
    "release",
    "dismiss",
    "reverse",
    "cancel",
  ];
  if (me === "aud") return list.map(reads);
  const approve = approved.has(row.id)
    ? no("approve", "posting_already_approved", "It is approved already and waits to be sent.")
    : !waits
      ? me === "ana"
        ? no(
            "approve",
            "nothing_to_decide",
            "Nothing waits for an approval yet. Once you propose it, another person must approve.",
            "preparer_is_not_approver",
            ["carl"],
          )
        : no("approve", "nothing_to_decide", "Nothing waits for an approval yet.")
      : preparers.get(row.id) === me
        ? no(
            "approve",
            "role_may_not",
            "The same person may not prepare and approve.",
            "preparer_is_not_approver",
            me === "ana" ? ["carl"] : [],
          )
        : me === "ana"
          ? no(
              "approve",
              "role_may_not",
              "Approving takes a controller or an administrator.",
              "controllers_and_administrators_decide",
              ["carl"],
            )
          : yes("approve");
  return [
    waits
      ? no("propose", "posting_in_progress", "A posting is proposed and waits for an approval.")
      : yes("propose"),
    approve,
    waits
      ? me === "carl"
        ? yes("reject")
        : no(
            "reject",
            "role_may_not",
            "Rejecting takes a controller or an administrator.",
            "controllers_and_administrators_decide",
            ["carl"],
          )
      : no("reject", "nothing_to_decide", "Nothing waits for an approval."),
    yes("reroute"),
    ["posting_rejected", "dead_letter"].includes(row.kind)
      ? yes("replay")
      : no("replay", "posting_not_failed", "No posting of it has failed."),
    ...(search.has("half") ? [yes("finish"), yes("take_back")] : []),
    yes("assign"),
    yes("comment"),
    row.state === "on_hold" ? no("hold", "exception_state", "It is on hold already.") : yes("hold"),
    row.state === "on_hold" ? yes("release") : no("release", "exception_state", "It is not on hold."),
    yes("dismiss"),
    row.queue === "mismatch"
      ? yes("reverse")
      : no("reverse", "nothing_to_reverse", "Nothing of it is booked by this desk."),
    waits ? yes("cancel") : no("cancel", "nothing_to_decide", "There is no posting to cancel."),
  ];
}

function postings(row: ExceptionView): PostingView[] {
  if (!waitsForApproval.has(row.id)) return [];
  return [
    {
      id: `pst_${row.id.slice(4)}`,
      exception: row.id,
      reference: row.external_ref,
      state: approved.has(row.id) ? "queued" : "proposed",
      connection: "NetSuite",
      origin: "manual",
      version: 1,
      content_hash: "4f0a9c",
      preparer: preparers.get(row.id) ?? "ana",
      approved_by: approved.has(row.id) ? ["carl"] : [],
      released_by_policy: false,
      approvals_needed: "one controller other than the preparer",
      reason: null,
      amount: row.amount,
      currency: row.currency,
      failure: null,
      failure_code: null,
      proposed_at: new Date(NOW - 3_000_000).toISOString(),
      released_by_rule: null,
      periods: preview(row).periods,
      steps: preview(row).steps,
    },
  ];
}

export function detail(row: ExceptionView): ExceptionDetail {
  const late = row.kind === "late_for_closed_period";
  const size = digits(row.currency);
  const tax = decimal(Math.round(minor(row.amount) / 6), size);
  const differs = row.queue === "mismatch";
  return {
    attachments: [],
    exception: row,
    entity_name: null,
    rule: null,
    by_itself: false,
    periods: preview(row).periods,
    title: late
      ? "Invoice of 30 Oct arrived after AR closed for October"
      : `${row.kind_name}: ${row.external_ref} for ${row.customer ?? "nobody"}`,
    said: late
      ? [
          { text: "Billing finalised it on " },
          { instant: "2026-11-03T08:12:00Z" },
          { text: "; GB01 receivables were locked on " },
          { instant: "2026-11-02T18:00:00Z" },
          { text: ". It was never posted." },
        ]
      : row.said,
    sentence: late
      ? "Billing finalised it on 3 Nov at 08:12 UTC; GB01 receivables were locked on 2 Nov at 18:00. " +
        "It was never posted."
      : "Billing finalised it five days ago and no journal in the ledger names it, though the ledger was " +
        "read completely two minutes ago.",
    trail: [
      { stage: "usage", label: "Usage", text: "1–31 Oct", at: null, state: "done" },
      { stage: "contract", label: "Contract", text: "Scale, annual", at: null, state: "done" },
      { stage: "invoice", label: "Invoice", text: null, at: "2026-11-03T08:12:00Z", state: "done" },
      {
        stage: "posting",
        label: "Posting",
        text: row.queue === "failed_syncs" ? "refused" : waitsForApproval.has(row.id) ? "proposed" : "none",
        at: null,
        state: "trouble",
      },
      { stage: "journal", label: "Journal", text: null, at: null, state: "missing" },
      { stage: "payment", label: "Payment", text: null, at: null, state: "missing" },
    ],
    tie: null,
    scheduled: row.document !== null,
    compare: {
      billing_name: "Stripe UK",
      ledger_name: `NetSuite ${row.entity}`,
      currency: row.currency,
      lines: [
        { what: "Amount", billing: row.amount, ledger: differs ? row.variance : null, differs, money: true },
        {
          what: "Period",
          billing: "Oct 2026",
          ledger: late ? "AR locked 2 Nov" : "Oct 2026 open",
          differs: late,
          money: false,
        },
        { what: "Tax", billing: tax, ledger: null, differs: false, money: true },
      ],
    },
    billing: {
      id: row.document ?? "",
      connection: "Stripe UK",
      kind: "invoice",
      external_id: "in_1PgX2eLkdIwHu7ix",
      reference: row.external_ref,
      status: "final",
      amount: row.amount,
      currency: row.currency,
      finalized_at: "2026-11-03T08:12:00Z",
      version: 1,
      correlation: "cor_01",
      expected: [],
      expected_period: row.period,
    },
    ledger: differs
      ? [
          {
            erp_id: "1460",
            number: "JE1460",
            external_id: null,
            status: "booked",
            entity: row.entity ?? "",
            posting_date: "2026-10-30",
            period: "2026-10",
          },
        ]
      : [],
    would_post: row.kind === "missing_mapping" ? null : differs ? again(preview(row)) : preview(row),
    would_post_refusal:
      row.kind === "missing_mapping"
        ? {
            code: "missing_mapping",
            message:
              "The mapping has no revenue account for the product “Scale add-on”. " +
              "Finance operations maintain it under Policies.",
          }
        : null,
    postings: postings(row),
    history: [
      event(row.opened_at, DESK, "opened", { words: row.group }),
      event(row.opened_at, DESK, "kind_changed", {
        kinds: { from: "Amount differs", to: "Not posted" },
        words: row.group,
      }),
      event(row.opened_at, { name: "worker", kind: "worker" }, "in_doubt", {
        words: "No answer within 60 s.",
      }),
      ...(row.assignee
        ? [
            event(row.opened_at, CARL, "assigned", { to: { name: row.assignee, kind: "person" } }),
            event(row.opened_at, CARL, "approved"),
          ]
        : []),
      ...(comments.get(row.id) ?? []),
    ],
    actions: actions(row),
  };
}

export const handlers: Handlers = {
  exception_detail: ({ id }) => {
    const row = byId.get(id);
    if (!row) throw { code: "not_found", message: `There is no exception ${id}.` };
    return detail(row);
  },
  payload: ({ document }) => ({
    vendor: "stripe",
    received_at: new Date(NOW - 5 * 86_400_000).toISOString(),
    text: JSON.stringify(
      {
        id: "in_1PgX2eLkdIwHu7ix",
        object: "invoice",
        document,
        amount_due: 864000,
        currency: "gbp",
        customer: "cus_Q0a",
        lines: {
          data: [
            { id: "il_1", amount: 720000 },
            { id: "il_2", amount: 144000 },
          ],
        },
        status: "open",
      },
      null,
      2,
    ),
  }),
};
