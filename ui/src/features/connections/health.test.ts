import { describe, expect, it } from "vitest";
import type { ConnectionView, ResourceView, SyncView, VendorView } from "../../bindings/types";
import {
  blank,
  health,
  missing,
  nothingToSync,
  notRead,
  rateWords,
  request,
  resumeWords,
  split,
} from "./health";

const resource = (over: Partial<ResourceView>): ResourceView => ({
  resource: "invoices",
  resume: null,
  since: null,
  since_there: null,
  scanning_since: null,
  complete_through: null,
  last_attempt_at: null,
  items: 1,
  pages: 1,
  rejected: 0,
  api_version: null,
  error_code: null,
  error: null,
  advice: null,
  ...over,
});
const connection = (over: Partial<ConnectionView>): ConnectionView => ({
  id: "con_1",
  name: "Stripe UK",
  vendor: "stripe",
  vendor_name: "Stripe",
  role: "billing",
  mode: "test",
  tenant: "acct",
  url: "https://x",
  paused: false,
  complete_through: null,
  last_attempt_at: "2026-11-25T09:00:00Z",
  last_error: null,
  error_code: null,
  advice: null,
  documents: 1,
  resources: [resource({})],
  credentials: [],
  posting: {
    state: "never",
    since: null,
    proposed_by: null,
    approved_by: [],
    change: null,
    hash: null,
    needs: "",
    actions: [],
  },
  rate: { share_percent: null, in_flight: 0, blocked_until: null, allowed: "" },
  ...over,
});
const vendor: VendorView = {
  vendor: "stripe",
  name: "Stripe",
  role: "billing",
  url_help: "",
  url_default: "https://api.stripe.com",
  checked_against: "",
  fields: [
    {
      name: "account",
      label: "Account",
      help: "",
      secret: false,
      required: true,
      default: null,
      choices: [],
      with: null,
    },
    {
      name: "api_key",
      label: "API key",
      help: "",
      secret: true,
      required: true,
      default: null,
      choices: [],
      with: null,
    },
  ],
};
const now = Date.parse("2026-11-25T10:00:00Z");

describe("a connection's health", () => {
  it("a paused connection is neither good nor bad, whatever its errors", () => {
    expect(health(connection({ paused: true, last_error: "x" }), now)).toEqual({
      tone: "mut",
      says: "Paused",
    });
  });
  it("drift is told before a failed sync", () => {
    const drift = resource({ error_code: "schema_drift", error: "new field" });
    expect(health(connection({ resources: [drift, resource({ error: "500" })] }), now).says).toBe(
      "API drift",
    );
  });
  it("a limit that has passed is no limit", () => {
    const rate = { share_percent: 100, in_flight: 0, allowed: "" };
    expect(health(connection({ rate: { ...rate, blocked_until: "2026-11-25T10:00:30Z" } }), now).tone).toBe(
      "warn",
    );
    expect(health(connection({ rate: { ...rate, blocked_until: "2026-11-25T09:59:30Z" } }), now).tone).toBe(
      "ok",
    );
  });
  it("rows kept aside are told even when the sync went through", () => {
    expect(health(connection({ resources: [resource({ rejected: 2 })] }), now).says).toBe("Rows kept aside");
  });
  it("a file is imported, never in sync", () => {
    expect(health(connection({ vendor: "files" }), now)).toEqual({ tone: "mut", says: "Imported" });
  });
  it("never says in sync of one that never was", () => {
    expect(health(connection({ last_attempt_at: null }), now).says).toBe("Never synced");
  });
});

describe("what is said of a connection", () => {
  it("says each cause of an unread sync once, and what makes two runs' failures one cause", () => {
    const failed = {
      pages: 0,
      items: 0,
      rejected: 0,
      removed: 0,
      state: "failed",
      code: "timed_out",
    } as const;
    const views = ["invoices", "credit_notes"].map((resource) => ({
      ...failed,
      connection: "netsuite",
      resource,
      message: "no answer after 8 s",
    }));
    expect(notRead(views as unknown as SyncView[])).toEqual([
      { text: "Sync of netsuite: no answer after 8 s", cause: "sync netsuite timed_out" },
    ]);
  });

  it("calls the whole rate full, and only less than that slowed", () => {
    expect(rateWords(100)).toEqual({ says: "full rate", slowed: false });
    expect(rateWords(73)).toEqual({ says: "slowed to 73 % after the vendor's limit", slowed: true });
    expect(rateWords(null).slowed).toBe(false);
  });
  it("says in words from when on the next sync reads", () => {
    const look = { number_format: "en-GB", negative: "parentheses", date_format: "yyyy-MM-dd" } as const;
    const words = (since: string | null, since_there: string | null) =>
      resumeWords({ since, since_there }, look);
    expect(words(null, "2026-11-25T10:00:00")).toBe("next: what changed since 2026-11-25 10:00:00 there");
    expect(words("2026-11-25T10:00:00Z", null)).toMatch(/^next: what changed since 2026-11-25, /);
    expect(words(null, null)).toBe("next: from where the last one ended");
  });
  it("says why a sync would read nothing", () => {
    expect(nothingToSync(null)).toBeNull();
    expect(nothingToSync([])).toMatch(/no connection yet/);
    expect(nothingToSync([connection({ vendor: "files" })])).toMatch(/by hand/);
    expect(nothingToSync([connection({ paused: true }), connection({ vendor: "files" })])).toMatch(/paused/);
    expect(nothingToSync([connection({ paused: true }), connection({})])).toBeNull();
  });
});

describe("the form for a vendor", () => {
  const full = {
    ...blank(vendor),
    name: " Stripe UK ",
    mode: "live" as const,
    values: { account: " acct_1 " },
  };
  const secrets = { api_key: " key " };
  it("asks for test or live instead of assuming one", () => {
    expect(blank(vendor).mode).toBe("");
    expect(Object.keys(missing(blank(vendor), {}, vendor, []))).toEqual([
      "name",
      "mode",
      "account",
      "api_key",
    ]);
    expect(missing(full, secrets, vendor, [])).toEqual({});
  });
  it("refuses a name that is taken, however it is written", () => {
    expect(missing(full, secrets, vendor, ["stripe uk"])).toEqual({
      name: "Another connection has this name.",
    });
  });
  it("sends secrets only as credentials, and unchanged", () => {
    const sent = request(full, secrets, vendor);
    expect(sent.credentials).toEqual({ api_key: " key " });
    expect(sent.settings).toEqual({ account: "acct_1" });
    expect(sent.mode).toBe("live");
  });
  it("puts aside only settings behind the last one that is needed or secret", () => {
    const field = (name: string, over: object) => ({
      name,
      label: name,
      help: "",
      secret: false,
      required: false,
      default: null,
      choices: [],
      with: null,
      ...over,
    });
    const fields = [
      field("account", { required: true }),
      field("auth", {}),
      field("token", { secret: true }),
      field("rate", {}),
      field("timeout", {}),
    ];
    const parts = split(fields);
    expect(parts.main.map((f) => f.name)).toEqual(["account", "auth", "token"]);
    expect(parts.more.map((f) => f.name)).toEqual(["rate", "timeout"]);
  });
  it("has no place for a secret in what it keeps", () => {
    expect(Object.keys(blank(vendor).values)).toEqual(["account"]);
  });
});
