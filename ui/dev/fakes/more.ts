// The fake desk's answers for the screens beside the queue. Believable, seeded, and with the awkward cases in
// it.
import type * as t from "../../src/bindings/types";
import { decimal, seeded, type Handlers } from "../fake-desk";
import { all, byId, managing, NOW, touch } from "./company";

const search = new URLSearchParams(location.search);
/** ?empty shows every screen as a new workspace sees it. */
const EMPTY = search.has("empty");
/** ?catchup shows a posting lag with a day on which what was long overdue was booked. */
const CATCH_UP = search.has("catchup");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const iso = (ago: number): string => new Date(NOW - ago).toISOString().replace(/\.\d{3}Z$/, "Z");
const day = (ago: number): string => new Date(NOW - ago * 24 * HOUR).toISOString().slice(0, 10);
const ENTITIES: [string, string, number][] = [
  ["US01", "USD", 2],
  ["GB01", "GBP", 2],
  ["DE01", "EUR", 2],
  ["JP01", "JPY", 0],
];
const PERIODS = ["2026-11", "2026-10", "2026-09"];

// ── overview ──────────────────────────────────────────────────────────────────────────────────────────────
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
    sla_hours: number,
    counts: [number, number, number, number] | null,
    note = "",
  ): t.FlowView => ({
    flow,
    name,
    start,
    finish,
    sla_hours,
    done: counts?.[0] ?? null,
    in_time: counts?.[1] ?? null,
    late: counts?.[2] ?? null,
    broken: counts?.[3] ?? null,
    note,
  });
  return [
    flow(
      "customer_activation",
      "Customer activation",
      "customer created in billing",
      "customer found in the ERP",
      48,
      [3184, 41, 31, 6],
    ),
    flow(
      "usage_billing",
      "Usage billing",
      "usage summary closed",
      "usage on a final invoice",
      72,
      null,
      "not seen: it needs usage summaries from billing",
    ),
    flow(
      "subscription_amendment",
      "Subscription amendment",
      "subscription amended",
      "amendment on a final invoice",
      72,
      [812, 18, 7, 0],
    ),
    flow(
      "invoice_to_erp",
      "Invoice to ERP",
      "invoice or credit note final",
      "journal booked in the ERP",
      24,
      [46210, 388, late, openRows.length - late],
    ),
    flow(
      "payments_and_collections",
      "Payments and collections",
      "payment or refund succeeded",
      "journal booked in the ERP",
      24,
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
              ? `${blocking} exceptions must be settled first, and ${30 + e * 11} documents are still on their way.`
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

// ── tie-out ───────────────────────────────────────────────────────────────────────────────────────────────
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

function flowLate(request: t.FlowLateRequest): t.FlowLate {
  const total = flows().find((flow) => flow.flow === request.flow)?.late ?? 0;
  const make = (i: number): t.LateView => ({
    reference: request.flow === "usage_billing" ? `mtrusg_${10_000 + i}` : `sub_1Pg${10_000 + i}`,
    customer: ["Brightwater plc", "Larkspur Health", null][i % 3] ?? null,
    since: new Date(NOW - (100 + 9 * i) * HOUR).toISOString(),
    due_at: new Date(NOW - (28 + 9 * i) * HOUR).toISOString(),
  });
  return {
    total,
    start: request.start,
    rows: Array.from({ length: Math.max(0, Math.min(request.limit, total - request.start)) }, (_, i) =>
      make(request.start + i),
    ),
  };
}

function cellDocuments(request: t.CellRequest): t.CellDocuments {
  const rows = openRows.filter((row) => row.entity === request.entity && row.period === request.period);
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

// ── postings ──────────────────────────────────────────────────────────────────────────────────────────────
const STATES: [string, number][] = [
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

function postingsPage({ state, search: words, start, limit }: t.PostingsRequest): t.PostingsPage {
  const found = postings.filter(
    (row) =>
      words === null || `${row.reference} ${row.preparer ?? ""}`.toLowerCase().includes(words.toLowerCase()),
  );
  const rows = found.filter((row) => state === null || row.state === state);
  const states = STATES.map(([one]) => ({
    state: one,
    count: found.filter((row) => row.state === one).length,
  })).filter((one) => one.count > 0);
  return { total: rows.length, start, rows: rows.slice(start, start + limit), states };
}

function attempts(row: t.PostingRow): t.AttemptView[] {
  const request = `POST https://td1.suitetalk.example/services/rest/record/v1/journalEntry\n{"externalId":"TO7K2M9Q4XVB","subsidiary":{"id":"2"},"tranDate":"2026-11-01","line":{"items":[{"account":{"id":"1100"},"debit":${row.amount.replace("-", "")}},{"account":{"id":"2400"},"credit":${row.amount.replace("-", "")}}]}}`;
  return Array.from({ length: row.tries }, (_, i): t.AttemptView => {
    const last = i === row.tries - 1;
    const refused = ["refused", "dead_letter"].includes(row.state);
    const unknown = row.state === "in_doubt" || (!last && !refused);
    const failed = refused && {
      outcome: row.state === "dead_letter" && !last ? "retryable" : "terminal",
      code: "erp_refused",
      message: "USER_ERROR: Please enter value(s) for: Department.",
    };
    const open = unknown && {
      outcome: "unknown",
      code: "timed_out",
      message: "No answer within 60 s; the request may have arrived.",
    };
    const said = failed || open || { outcome: "done", code: null, message: null };
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
      transcript: unknown
        ? request
        : `${request}\n\nHTTP ${refused ? "400" : "204"}\n${refused ? '{"type":"https://www.rfc-editor.org/rfc/rfc9110","title":"Bad Request","status":400,"o:errorDetails":[{"detail":"Please enter value(s) for: Department.","o:errorCode":"USER_ERROR"}]}' : "Location: /record/v1/journalEntry/48213"}`,
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
    document_date: "2026-10-30",
    posting_date: "2026-11-01",
    period: "2026-11",
    period_status: "open",
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
    name: string,
    allowed: boolean,
    message: string | null = null,
    rule: string | null = null,
    who_could: string[] = [],
  ): t.ActionView => ({ action: name, allowed, code: allowed ? null : "refused", message, rule, who_could });
  return {
    posting: {
      ...row,
      version: 1,
      content_hash: "9f2c41d07be5a8833f10c2a4d5e6b7a89900112233445566778899aabbccddee",
      approvals_needed: "one",
      reason:
        row.origin === "reroute" ? "AR closed for October; policy sends it to the next open period." : null,
      failure_code: row.failure === null ? null : "erp_refused",
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

// ── connections ───────────────────────────────────────────────────────────────────────────────────────────
const resource = (name: string, over: Partial<t.ResourceView> = {}): t.ResourceView => ({
  resource: name,
  complete_through: iso(2 * MINUTE),
  last_attempt_at: iso(2 * MINUTE),
  items: 48_211,
  pages: 483,
  rejected: 0,
  api_version: null,
  error_code: null,
  error: null,
  advice: null,
  resume: "2026-11-26T10:31:07Z",
  scanning_since: null,
  ...over,
});
const rate = (share: number | null, over: Partial<t.RateView> = {}): t.RateView => ({
  share_percent: share,
  in_flight: share === null ? 0 : 2,
  blocked_until: null,
  allowed: "25 calls a second, 4 at once",
  ...over,
});
const stripe = { api_version: "2026-09-30" };
const connections: t.ConnectionView[] = EMPTY
  ? []
  : [
      {
        id: "con_1",
        name: "Stripe UK",
        vendor: "stripe",
        role: "billing",
        mode: "test",
        tenant: "acct_1NfUK",
        url: "https://api.stripe.com",
        paused: false,
        complete_through: iso(2 * MINUTE),
        last_attempt_at: iso(2 * MINUTE),
        last_error: null,
        documents: 21_804,
        resources: [
          resource("invoices", stripe),
          resource("payments", { ...stripe, items: 19_022 }),
          resource("customers", { ...stripe, items: 3184 }),
        ],
        credentials: ["api_key"],
        rate: rate(100),
      },
      {
        id: "con_2",
        name: "Stripe US",
        vendor: "stripe",
        role: "billing",
        mode: "test",
        tenant: "acct_1NfUS",
        url: "https://api.stripe.com",
        paused: false,
        complete_through: iso(3 * HOUR),
        last_attempt_at: iso(4 * MINUTE),
        last_error: "invoices: unknown field",
        documents: 64_107,
        resources: [
          resource("invoices", {
            ...stripe,
            rejected: 3,
            complete_through: iso(3 * HOUR),
            error_code: "schema_drift",
            error: "invoice.lines.data[].pricing.tier_details: an object that was not there in 2026-09-30",
            advice: "The documents are kept aside, none is lost. Update Tieout, then read everything again.",
          }),
          resource("payments", { ...stripe, items: 51_900 }),
        ],
        credentials: ["api_key"],
        rate: rate(100),
      },
      {
        id: "con_3",
        name: "NetSuite",
        vendor: "netsuite",
        role: "erp",
        mode: "live",
        tenant: "TSTDRV1234567",
        url: "https://tstdrv1234567.suitetalk.api.netsuite.com",
        paused: false,
        complete_through: iso(9 * MINUTE),
        last_attempt_at: iso(MINUTE),
        last_error: null,
        documents: 80_020,
        resources: [
          resource("entries", {
            api_version: "2026.2",
            items: 80_020,
            resume: '{"changed":"2026-11-26T10:31:07"}',
          }),
          resource("periods", { api_version: "2026.2", items: 96 }),
          resource("ledger_customers", { api_version: "2026.2", items: 3141 }),
        ],
        credentials: ["api_key"],
        rate: rate(73, { blocked_until: iso(-40_000), in_flight: 5, allowed: "1 call at once" }),
      },
      {
        id: "con_4",
        name: "tryton-de",
        vendor: "tryton",
        role: "erp",
        mode: "test",
        tenant: "books/1",
        url: "https://erp.meridian.example",
        paused: true,
        complete_through: iso(52 * HOUR),
        last_attempt_at: iso(52 * HOUR),
        last_error: "entries: password refused",
        documents: 1204,
        resources: [
          resource("entries", {
            items: 1204,
            complete_through: iso(52 * HOUR),
            error_code: "credentials_refused",
            error: "UserError: login failed",
            advice: "Rotate the credentials, then test.",
          }),
        ],
        credentials: ["api_key"],
        rate: rate(null),
      },
      {
        id: "con_5",
        name: "legacy-billing",
        vendor: "files",
        role: "billing",
        mode: "live",
        tenant: "legacy-billing",
        url: "",
        paused: false,
        complete_through: iso(26 * HOUR),
        last_attempt_at: iso(26 * HOUR),
        last_error: null,
        documents: 412,
        resources: [resource("billing lines", { items: 412 })],
        credentials: ["api_key"],
        rate: rate(null),
      },
    ];
const field = (
  name: string,
  label: string,
  secret: boolean,
  over: Partial<t.VendorField> = {},
): t.VendorField => ({
  name,
  label,
  help: "",
  secret,
  required: true,
  default: null,
  choices: [],
  with: null,
  ...over,
});
const vendors: t.VendorView[] = [
  {
    vendor: "stripe",
    name: "Stripe",
    role: "billing",
    url_help: "Leave it unless you go through a proxy.",
    url_default: "https://api.stripe.com",
    checked_against: "API 2026-09-30",
    fields: [
      field("account", "Account", false, { required: false, help: "Of a connected account (acct_…)." }),
      field("api_key", "Restricted API key", true, {
        help: "Read access to invoices, payments, customers and subscriptions.",
      }),
    ],
  },
  {
    vendor: "localstripe",
    name: "localstripe",
    role: "billing",
    url_help: "Where it runs.",
    url_default: "http://localhost:8420",
    checked_against: "localstripe 1.15",
    fields: [field("api_key", "API key", true)],
  },
  {
    vendor: "netsuite",
    name: "NetSuite",
    role: "erp",
    url_help: "https://ACCOUNT.suitetalk.api.netsuite.com",
    url_default: null,
    checked_against: "SuiteTalk REST 2026.2",
    fields: [
      field("account", "Account", false, { help: "As in Setup, Company Information." }),
      field("auth", "Way to sign in", false, { choices: ["tba", "m2m"], default: "tba" }),
      field("consumer_key", "Consumer key", true, {
        required: false,
        with: { field: "auth", value: "tba" },
        help: "From the integration record.",
      }),
      field("consumer_secret", "Consumer secret", true, {
        required: false,
        with: { field: "auth", value: "tba" },
        help: "From the integration record.",
      }),
      field("token_id", "Token id", true, {
        required: false,
        with: { field: "auth", value: "tba" },
        help: "From the access token.",
      }),
      field("token_secret", "Token secret", true, {
        required: false,
        with: { field: "auth", value: "tba" },
        help: "From the access token.",
      }),
      field("client_id", "Client id", true, {
        required: false,
        with: { field: "auth", value: "m2m" },
        help: "From the integration record.",
      }),
      field("certificate_id", "Certificate id", true, {
        required: false,
        with: { field: "auth", value: "m2m" },
        help: "From the certificate's mapping.",
      }),
      field("private_key", "Private key (PEM)", true, {
        required: false,
        with: { field: "auth", value: "m2m" },
        help: "Of the certificate.",
      }),
      field("algorithm", "Signature", false, {
        required: false,
        default: "ES256",
        choices: ["ES256", "PS256"],
        with: { field: "auth", value: "m2m" },
        help: "That of the certificate.",
      }),
      field("concurrency", "Calls at once", false, {
        required: false,
        default: "4",
        help: "Shared with everything else that calls this account.",
      }),
      field("timeout", "Seconds to wait", false, {
        required: false,
        default: "60",
        help: "How long a call may stay without an answer.",
      }),
    ],
  },
  {
    vendor: "tryton",
    name: "Tryton",
    role: "erp",
    url_help: "The server's address.",
    url_default: null,
    checked_against: "Tryton 7.6",
    fields: [
      field("database", "Database", false),
      field("company", "Company id", false),
      field("login", "Login", false),
      field("password", "Password", true),
    ],
  },
];
const connection = (id: string): t.ConnectionView => {
  const found = connections.find((one) => one.id === id);
  if (!found) throw { code: "not_found", message: "There is no such connection." };
  return found;
};

// ── log, people, changes ──────────────────────────────────────────────────────────────────────────────────
const WHATS = [
  "approved",
  "proposed",
  "assign",
  "comment",
  "synced",
  "rejected",
  "credentials_rotated",
  "exported",
  "person_added",
];
const LOG = EMPTY ? 1 : 48_211;
function logRow(number: number): t.LogRow {
  const random = seeded(number);
  const what = number === 1 ? "workspace_created" : (WHATS[Math.floor(random() * WHATS.length)] ?? "synced");
  const row = all[number % all.length] as t.ExceptionView;
  const signed = ["approved", "proposed", "rejected", "credentials_rotated", "person_added"].includes(what);
  const detail =
    what === "synced"
      ? `{"connection":"Stripe UK","resource":"invoices","pages":14,"items":1400}`
      : `{"reference":"${row.external_ref}","amount":"${row.amount}","currency":"${row.currency}","content_hash":"9f2c41d07be5a8833f10c2a4d5e6b7a8"${what === "rejected" ? ',"reason":"Wrong department"' : ""}}`;
  return {
    number,
    at: iso((LOG - number) * 7 * MINUTE),
    who: what === "synced" ? "os:ana" : random() < 0.5 ? "ana" : "carl",
    what,
    subject: `pst_${row.id.slice(4)}`,
    reference: row.external_ref,
    exception: row.id,
    detail,
    signed,
    hash: `${number.toString(16).padStart(8, "0")}c41d07be5a8833f10c2a4d5e6b7a899001122334455667788`,
  };
}
function logPage(request: t.LogRequest): t.LogPage {
  const about = {
    whats: [...WHATS, "workspace_created"],
    actors: [
      { id: "ana", name: "ana" },
      { id: "carl", name: "carl" },
      { id: "os:ana", name: "os:ana" },
    ],
  };
  const plain =
    request.actor === null &&
    request.what === null &&
    request.search === null &&
    request.from === null &&
    request.to === null;
  if (plain)
    return {
      total: LOG,
      start: request.start,
      rows: Array.from({ length: Math.max(0, Math.min(request.limit, LOG - request.start)) }, (_, i) =>
        logRow(LOG - request.start - i),
      ),
      ...about,
    };
  const rows = Array.from({ length: Math.min(LOG, 6000) }, (_, i) => logRow(LOG - i)).filter(
    (row) =>
      (request.actor === null || row.who === request.actor) &&
      (request.what === null || row.what === request.what) &&
      (request.from === null || row.at >= request.from) &&
      (request.to === null || row.at < request.to) &&
      (request.search === null ||
        `${row.subject} ${row.reference ?? ""} ${row.detail}`
          .toLowerCase()
          .includes(request.search.toLowerCase())),
  );
  return {
    total: rows.length,
    start: request.start,
    rows: rows.slice(request.start, request.start + request.limit),
    ...about,
  };
}

const manageable = [managing("manage_people", search.get("role") ?? "analyst")];
const people: t.PersonView[] = [
  {
    id: "ana",
    name: "ana",
    role: search.get("role") ?? "analyst",
    os_account: "ana",
    active: true,
    secret: search.has("unset") ? "not set yet" : "passphrase",
    actions: manageable,
  },
  {
    id: "carl",
    name: "carl",
    role: "controller",
    os_account: null,
    active: true,
    secret: "passphrase",
    actions: manageable,
  },
  {
    id: "aud",
    name: "aud",
    role: "auditor",
    os_account: null,
    active: true,
    secret: "passphrase",
    actions: manageable,
  },
  {
    id: "dev",
    name: "dev",
    role: "administrator",
    os_account: "dev",
    active: true,
    secret: "keyring",
    actions: manageable,
  },
  {
    id: "mei",
    name: "mei",
    role: "analyst",
    os_account: null,
    active: true,
    secret: "not set yet",
    actions: manageable,
  },
  {
    id: "tom",
    name: "tom",
    role: "analyst",
    os_account: null,
    active: false,
    secret: "passphrase",
    actions: manageable,
  },
];
const imported = (connection: string, items: number, rejected = 0, message = ""): t.ImportView => ({
  file: `${connection}.csv`,
  sha256: "9f86d081884c7d65",
  connection,
  rows: items + rejected,
  items,
  changed: items,
  rejected_rows: rejected,
  rejected,
  message,
});
/** Whether approving and rejecting is refused, and who could. */
const may = (author: string | null, who_could: string[]): t.ActionView[] =>
  ["approve", "reject"].map((action) => ({
    action,
    allowed: author === null,
    code: author === null ? null : "own_change",
    rule: author === null ? null : "not-your-own-change",
    who_could,
    message: author === null ? null : `${author} brought it in: nobody decides on their own change.`,
  }));
const changes: t.ChangeView[] = EMPTY
  ? []
  : [
      {
        id: "chg_1",
        kind: "mapping",
        name: "mapping",
        author: "ana",
        hash: "0b1c7d2e9a7745d0c2f18e",
        state: "inert",
        imported_at: iso(3 * HOUR),
        approved_by: [],
        needs: "one approver, not Ana",
        actions: may("ana", ["carl"]),
      },
      {
        id: "chg_2",
        kind: "mapping",
        name: "mapping",
        author: "carl",
        hash: "77aa01f2c9de4410bb3902",
        state: "in_force",
        imported_at: iso(900 * HOUR),
        approved_by: ["dev"],
        needs: "",
        actions: [],
      },
      {
        id: "chg_3",
        kind: "policy",
        name: "policy",
        author: "os:ana",
        hash: "f00d9912ab34cd56ef7890",
        state: "inert",
        imported_at: iso(26 * HOUR),
        approved_by: ["dev"],
        needs: "one more approver: nobody proved its author",
        actions: may(null, []),
      },
      {
        id: "chg_4",
        kind: "policy",
        name: "policy",
        author: "carl",
        hash: "1234abcd5678ef90aa11bb",
        state: "superseded",
        imported_at: iso(2000 * HOUR),
        approved_by: ["dev"],
        needs: "",
        actions: [],
      },
      {
        id: "chg_5",
        kind: "column_map",
        name: "legacy-billing",
        author: "ana",
        hash: "beefcafe00112233445566",
        state: "in_force",
        imported_at: iso(1400 * HOUR),
        approved_by: [],
        needs: "",
        actions: [],
      },
    ];

export const handlers: Handlers = {
  overview: () =>
    EMPTY
      ? {
          flows: flows().map((one) => ({
            ...one,
            done: null,
            in_time: null,
            late: null,
            broken: null,
            note: "not seen: nothing was read yet",
          })),
          lag: [],
          lag_sla_minutes: 1440,
          ageing: ageing().map((one) => ({ ...one, count: 0, overdue: 0, sums: [] })),
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
  tie_out: () => (EMPTY ? [] : tieOut()),
  tie_out_documents: cellDocuments,
  flow_late: flowLate,
  postings_page: postingsPage,
  posting_detail: ({ id }) => postingDetail(id),
  connections: () => connections,
  vendors: () => vendors,
  connection_add: (request) => {
    const one: t.ConnectionView = {
      id: `con_${connections.length + 1}`,
      name: request.name,
      vendor: request.vendor,
      role: vendors.find((v) => v.vendor === request.vendor)?.role ?? "billing",
      mode: request.mode,
      tenant: request.settings["account"] ?? request.name,
      url: request.url,
      paused: false,
      complete_through: null,
      last_attempt_at: null,
      last_error: null,
      documents: 0,
      resources: [],
      credentials: ["api_key"],
      rate: rate(null),
    };
    connections.push(one);
    return one;
  },
  connection_test: async ({ id }, _job, desk) => {
    await desk.wait(400);
    if (connection(id).vendor === "tryton")
      throw { code: "credentials_refused", message: "Tryton said: login failed." };
    return {
      tenant: connection(id).tenant,
      name: "Meridian Analytics Ltd",
      live: connection(id).mode === "live",
    };
  },
  connection_rotate: ({ id }) => connection(id),
  connection_remove: ({ id }) => {
    const one = connection(id);
    if (one.documents > 0)
      throw {
        code: "connection_used",
        message: `${one.name} was read or posted through: what came by it stays, so that it can only be paused`,
      };
    connections.splice(connections.indexOf(one), 1);
    return one;
  },
  connection_pause: ({ id, paused }) => Object.assign(connection(id), { paused }),
  import_billing: () => imported("legacy-billing", 412, 2, "Rows 88 and 301 have no date."),
  import_gl: () => imported("legacy-gl", 1208),
  import_periods: () => imported("periods", 48),
  import_mapping: () => {
    const one: t.ChangeView = {
      ...(changes[0] as t.ChangeView),
      id: `chg_${changes.length + 1}`,
      imported_at: iso(0),
    };
    changes.unshift(one);
    return one;
  },
  import_policy: () => {
    throw {
      code: "policy_unreadable",
      message: 'policy.toml, line 14: a tier with currency "*" needs up_to = "unlimited".',
    };
  },
  changes: () => changes,
  change_text: ({ id }) => {
    const change = changes.find((one) => one.id === id) as t.ChangeView;
    const inert = change.state === "inert";
    const line = (mark: t.ChangeMark, text: string): t.ChangeLine => ({ mark: inert ? mark : "same", text });
    return {
      change,
      against: inert ? "77aa01f2c9de4410bb3902" : null,
      lines: [
        line("same", "schema = 1"),
        line("same", ""),
        line("same", "[[entity]]"),
        line("same", 'code = "US01"'),
        line("removed", 'receivables = "1100"'),
        line("added", 'receivables = "1110"'),
        line("same", 'tax_payable = "2200"'),
      ],
    };
  },
  log_page: logPage,
  verify: async (_request, job, desk) => {
    for (let done = 0; done <= LOG; done += Math.ceil(LOG / 12)) {
      if (desk.cancelled(job)) throw { code: "cancelled", message: "Stopped." };
      desk.emit("progress", { job, what: "Signatures", done, total: LOG });
      await desk.wait(60);
    }
    if (search.has("tampered"))
      return {
        sound: false,
        entries: LOG,
        signed: 22_140,
        anchored_to: LOG,
        faults: [
          "log entry 31882: its content is not what its hash says (log_edited)",
          "log entry 31883: the entries before it are missing, or it was put in between (log_gap)",
        ],
      };
    return { sound: true, entries: LOG, signed: 22_140, anchored_to: LOG, faults: [] };
  },
  people: () => people,
  two_people: () => ({ lacks: null }),
  person_add: (request) => {
    const one: t.PersonView = {
      id: request.name,
      name: request.name,
      role: request.role,
      os_account: request.os_account,
      active: true,
      secret: request.passphrase === null ? "not set yet" : "passphrase",
      actions: manageable,
    };
    people.push(one);
    return request.passphrase === null ? { ...one, enrolment_code: "k3vm-7q2p-x9da-5tne" } : one;
  },
  person_role: ({ person, role }) =>
    Object.assign(people.find((one) => one.id === person) ?? {}, { role }) as t.PersonView,
  person_remove: ({ id }) =>
    Object.assign(people.find((one) => one.id === id) ?? {}, { active: false }) as t.PersonView,
  backup: async ({ path }, job, desk) => {
    desk.emit("progress", { job, what: "Copying", done: 1, total: 2 });
    await desk.wait(300);
    return { path, rows: 0 };
  },
  restore: (_request, _job, desk) => {
    touch(desk.emit);
    throw { code: "recovery_passphrase_wrong", message: "This passphrase does not open the backup." };
  },
};
