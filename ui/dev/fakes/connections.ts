// Connections, vendors and imports.
import type * as t from "../../src/bindings/types";
import { type Handlers } from "../fake-desk";
import { EMPTY, HOUR, MINUTE, iso } from "../seed";

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
  resume: '{"from":1795689067}',
  since: "2026-11-26T10:31:07Z",
  since_there: null,
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
const posting = (state: t.PostingSwitch["state"]): t.PostingSwitch => ({
  state,
  since: state === "on" ? iso(40 * 24 * HOUR) : null,
  proposed_by: state === "on" || state === "proposed" ? "olga" : null,
  approved_by: state === "on" ? ["carl"] : [],
  change: state === "on" || state === "proposed" ? "chg_posting" : null,
  hash: state === "on" || state === "proposed" ? "5e884898da28" : null,
  needs: state === "proposed" ? "the approval of another person: carl, cora" : "",
  actions: [
    { action: "propose_change", allowed: true, code: null, message: null, rule: null, who_could: [] },
    { action: "approve", allowed: true, code: null, message: null, rule: null, who_could: [] },
    { action: "manage_connections", allowed: true, code: null, message: null, rule: null, who_could: [] },
  ],
});
const stripe = { api_version: "2026-09-30" };
const connections: t.ConnectionView[] = EMPTY
  ? []
  : [
      {
        id: "con_1",
        name: "Stripe UK",
        vendor: "stripe",
        vendor_name: "Stripe",
        role: "billing",
        mode: "test",
        tenant: "acct_1NfUK",
        url: "https://api.stripe.com",
        paused: false,
        complete_through: iso(2 * MINUTE),
        last_attempt_at: iso(2 * MINUTE),
        last_error: null,
        error_code: null,
        advice: null,
        documents: 21_804,
        resources: [
          resource("invoices", stripe),
          resource("payments", { ...stripe, items: 19_022 }),
          resource("customers", { ...stripe, items: 3184 }),
        ],
        credentials: ["api_key"],
        rate: rate(100),
        posting: posting("never"),
      },
      {
        id: "con_2",
        name: "Stripe US",
        vendor: "stripe",
        vendor_name: "Stripe",
        role: "billing",
        mode: "test",
        tenant: "acct_1NfUS",
        url: "https://api.stripe.com",
        paused: false,
        complete_through: iso(3 * HOUR),
        last_attempt_at: iso(4 * MINUTE),
        last_error: "invoices: unknown field",
        error_code: null,
        advice: null,
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
        posting: posting("never"),
      },
      {
        id: "con_3",
        name: "NetSuite",
        vendor: "netsuite",
        vendor_name: "NetSuite",
        role: "erp",
        mode: "live",
        tenant: "TSTDRV1234567",
        url: "https://tstdrv1234567.suitetalk.api.netsuite.com",
        paused: false,
        complete_through: iso(9 * MINUTE),
        last_attempt_at: iso(MINUTE),
        last_error: null,
        error_code: null,
        advice: null,
        documents: 80_020,
        resources: [
          resource("entries", {
            api_version: "2026.2",
            items: 80_020,
            resume: '{"changed":"2026-11-26T10:31:07"}',
            since: null,
            since_there: "2026-11-26T10:31:07",
          }),
          resource("periods", { api_version: "2026.2", items: 96 }),
          resource("ledger_customers", { api_version: "2026.2", items: 3141 }),
        ],
        credentials: ["api_key"],
        rate: rate(73, { blocked_until: iso(-40_000), in_flight: 5, allowed: "1 call at once" }),
        posting: posting("on"),
      },
      {
        id: "con_4",
        name: "tryton-de",
        vendor: "tryton",
        vendor_name: "Tryton",
        role: "erp",
        mode: "test",
        tenant: "books/1",
        url: "https://erp.meridian.example",
        paused: true,
        complete_through: iso(52 * HOUR),
        last_attempt_at: iso(52 * HOUR),
        last_error: "entries: password refused",
        error_code: "auth_failed",
        advice: null,
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
        posting: posting("observing"),
      },
      {
        id: "con_5",
        name: "legacy-billing",
        vendor: "files",
        vendor_name: "Files",
        role: "billing",
        mode: "live",
        tenant: "legacy-billing",
        url: "",
        paused: false,
        complete_through: iso(26 * HOUR),
        last_attempt_at: iso(26 * HOUR),
        last_error: null,
        error_code: null,
        advice: null,
        documents: 412,
        resources: [resource("billing lines", { items: 412 })],
        credentials: ["api_key"],
        rate: rate(null),
        posting: posting("never"),
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
      field("auth", "Way to sign in", false, { choices: ["tba", "m2m"], default: "m2m" }),
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

const imported = (connection: string, items: number, rejected = 0, message = ""): t.ImportView => ({
  file: `${connection}.csv`,
  sha256: "9f86d081884c7d65",
  connection,
  rows: items + rejected,
  items,
  changed: items,
  rejected_rows: rejected,
  rejected,
  removed: 0,
  message,
  rejections: [],
  import: null,
});

const changeOf = (name: string): t.ChangeView => ({
  id: "chg_posting",
  kind: "posting",
  name,
  hash: "5e884898da28",
  by: { name: "olga", kind: "person" },
  state: "inert",
  approved_by: [],
  imported_at: iso(MINUTE),
  needs: "the approval of another person: carl, cora",
  actions: [],
});

export const handlers: Handlers = {
  connections: () => connections,
  vendors: () => vendors,
  connection_add: (request) => {
    const one: t.ConnectionView = {
      id: `con_${connections.length + 1}`,
      name: request.name,
      vendor: request.vendor,
      vendor_name: vendors.find((v) => v.vendor === request.vendor)?.name ?? request.vendor,
      role: vendors.find((v) => v.vendor === request.vendor)?.role ?? "billing",
      mode: request.mode,
      tenant: request.settings["account"] ?? request.name,
      url: request.url,
      paused: false,
      complete_through: null,
      last_attempt_at: null,
      last_error: null,
      error_code: null,
      advice: null,
      documents: 0,
      resources: [],
      credentials: ["api_key"],
      rate: rate(null),
      posting: posting(
        vendors.find((v) => v.vendor === request.vendor)?.role === "erp" ? "observing" : "never",
      ),
    };
    connections.push(one);
    return { ...one, tried: null };
  },
  connection_posting_propose: ({ id }) => {
    connection(id).posting = posting("proposed");
    return changeOf(connection(id).name);
  },
  connection_posting_approve: ({ id }) => {
    connection(id).posting = posting("on");
    return changeOf(connection(id).name);
  },
  connection_posting_off: ({ id }) => {
    connection(id).posting = posting("observing");
    return connection(id);
  },
  connection_test: async ({ id }, _job, desk) => {
    await desk.wait(400);
    if (connection(id).vendor === "tryton")
      throw { code: "credentials_refused", message: "Tryton said: login failed." };
    return {
      tenant: connection(id).tenant,
      name: "Meridian Analytics Ltd",
      live: connection(id).mode === "live",
      capabilities:
        connection(id).vendor === "netsuite"
          ? [
              { what: "subsidiaries", state: "here", says: "OneWorld: each subsidiary is an entity" },
              {
                what: "deletions",
                state: "missing",
                says: "the role lacks the permission Lists › Deleted Records, view: add it in NetSuite",
              },
            ]
          : [],
    };
  },
  connection_rotate: ({ id }) => connection(id),
  connection_remove: ({ id }) => {
    const one = connection(id);
    if (one.documents > 0)
      throw {
        code: "connection_used",
        message:
          `${one.name} was read or posted through: ` + "what came by it stays, so that it can only be paused",
      };
    connections.splice(connections.indexOf(one), 1);
    return one;
  },
  connection_pause: ({ id, paused }) => Object.assign(connection(id), { paused }),
  import_billing: () => imported("legacy-billing", 412, 2, "Rows 88 and 301 have no date."),
  import_gl: () => imported("legacy-gl", 1208),
  import_periods: () => imported("periods", 48),
};
