// How a connection stands, and what a form for a vendor asks.
import type {
  AddConnectionRequest,
  Code,
  ConnectionView,
  DeskError,
  ResourceView,
  SyncView,
  Trying,
  VendorField,
  VendorView,
} from "../../bindings/types";
import { instant, type Look } from "../../lib/format";
import type { Tone } from "../../lib/names";

export type Health = { tone: Tone; says: string };

/** What keeps a whole connection from being read, by the stable code of the failure. */
const STANDS_BETWEEN: Record<string, string> = {
  auth_failed: "Credentials refused",
  bad_credential: "Credentials refused",
  credential_missing: "No credentials",
  certificate_refused: "Certificate refused",
  connect_failed: "Not reached",
  host_unknown: "Not reached",
  proxy_refused: "Not let through",
  fixed_by_administrator: "Not allowed here",
  bad_address: "Wrong address",
  insecure_address: "Wrong address",
  redirected: "Wrong address",
  test_live_mismatch: "Wrong account",
};

/** Failures of trying that may pass, or be mended at the vendor, while what was filled in is right. */
const MAY_PASS: ReadonlySet<Code> = new Set<Code>([
  "certificate_refused",
  "connect_failed",
  "host_unknown",
  "permission_missing",
  "proxy_refused",
]);

/** Whether what was filled in may be right although the connection did not answer. */
export function mayBeRight(refused: DeskError | null): boolean {
  return refused !== null && (MAY_PASS.has(refused.code) || refused.vendor_code !== undefined);
}

/** What a sync did not read, each cause once, after the connection's name. */
export function notRead(views: SyncView[]): { text: string; cause: string }[] {
  const failed = views.flatMap(({ connection, message, code }) =>
    code === undefined
      ? []
      : [{ text: `Sync of ${connection}: ${message}`, cause: `sync ${connection} ${code}` }],
  );
  return failed.filter((one, at) => failed.findIndex((other) => other.text === one.text) === at);
}

export function drifted(connection: ConnectionView): ResourceView[] {
  return connection.resources.filter((r) => r.error_code === "schema_drift");
}

/** The one thing to know of a connection, worst first; `now` is an instant in milliseconds. */
export function health(connection: ConnectionView, now: number): Health {
  if (connection.paused) return { tone: "mut", says: "Paused" };
  if (drifted(connection).length > 0) return { tone: "bad", says: "API drift" };
  if (connection.error_code !== null)
    return { tone: "bad", says: STANDS_BETWEEN[connection.error_code] ?? "Sync failed" };
  const failed = connection.resources.filter((r) => r.error !== null).length;
  if (failed > 0 || connection.last_error !== null) return { tone: "bad", says: "Sync failed" };
  const blocked = connection.rate.blocked_until;
  if (blocked !== null && Date.parse(blocked) > now) return { tone: "warn", says: "Rate limited" };
  if (connection.last_attempt_at === null) return { tone: "mut", says: "Never synced" };
  if (connection.resources.some((r) => r.rejected > 0)) return { tone: "warn", says: "Rows kept aside" };
  return reachable(connection) ? { tone: "ok", says: "In sync" } : { tone: "mut", says: "Imported" };
}

/** Each API version once; usually there is one. */
export function versions(connection: ConnectionView): string {
  const found = [
    ...new Set(connection.resources.map((r) => r.api_version).filter((v): v is string => v !== null)),
  ];
  return found.join(", ");
}

/** Files are read by hand: they have nothing to test, rotate or sync. */
export function reachable(connection: ConnectionView): boolean {
  return connection.vendor !== "files";
}

/** Why a sync would read nothing; null where it would, or where it is not known yet. */
export function nothingToSync(connections: ConnectionView[] | null): string | null {
  const read = connections?.filter(reachable);
  if (!read) return null;
  if (!read.length)
    return connections?.length
      ? "Files are imported by hand: there is no connection to read from."
      : "There is no connection yet.";
  return read.every((one) => one.paused) ? "Every connection is paused." : null;
}

/** The share of the allowed rate that is used at most: all of it, unless the vendor has said that it was too
 * much. */
export function rateWords(share: number | null): { says: string; slowed: boolean } {
  if (share === null) return { says: "not used since start", slowed: false };
  return share >= 100
    ? { says: "full rate", slowed: false }
    : { says: `slowed to ${share} % after the vendor's limit`, slowed: true };
}

/** From where the next sync reads, in words. */
export function resumeWords(
  { since, since_there }: Pick<ResourceView, "since" | "since_there">,
  look: Look,
): string {
  if (since !== null) return `next: what changed since ${instant(since, look)}`;
  // The account's own time: shown as the vendor wrote it.
  if (since_there !== null) return `next: what changed since ${since_there.replace("T", " ")} there`;
  return "next: from where the last one ended";
}

/** The form as it is kept while it is filled in: secrets are not part of it. */
export type ConnectionForm = {
  name: string;
  vendor: string;
  url: string;
  mode: "test" | "live" | "";
  values: Record<string, string>;
};

/** What a form shows at once, and the settings after the last needed or secret one, which have a usual
 * value. */
export function split(fields: VendorField[]): { main: VendorField[]; more: VendorField[] } {
  const last = fields.findLastIndex((f) => f.required || f.secret);
  return { main: fields.slice(0, last + 1), more: fields.slice(last + 1) };
}

export function blank(vendor: VendorView): ConnectionForm {
  const values = Object.fromEntries(
    vendor.fields.filter((f) => !f.secret).map((f) => [f.name, f.default ?? ""]),
  );
  return { name: "", vendor: vendor.vendor, url: vendor.url_default ?? "", mode: "", values };
}

/** What is missing, by field name; empty when it can be sent. The core decides whether it is right. */
export function missing(
  form: ConnectionForm,
  secrets: Record<string, string>,
  vendor: VendorView,
  taken: string[],
): Record<string, string> {
  const faults: Record<string, string> = {};
  const name = form.name.trim();
  if (name === "") faults["name"] = "Give it a name, as people call it.";
  else if (taken.some((other) => other.toLowerCase() === name.toLowerCase()))
    faults["name"] = "Another connection has this name.";
  if (form.mode === "") faults["mode"] = "Choose test or live.";
  if (!/^https?:\/\/\S+$/.test(form.url.trim())) faults["url"] = "An address starts with https://.";
  const required = vendor.fields.filter((field) => field.required);
  return { ...faults, ...lacking(required, { ...form.values, ...secrets }) };
}

/** What is said beside each field that was left empty. */
export function lacking(fields: VendorField[], given: Record<string, string>): Record<string, string> {
  const empty = fields.filter((field) => (given[field.name] ?? "").trim() === "");
  return Object.fromEntries(empty.map((field) => [field.name, `${field.label} is needed.`]));
}

/** What is sent: secrets only as `credentials`, everything else as `settings`; empty ones are left out. */
export function request(
  form: ConnectionForm,
  secrets: Record<string, string>,
  vendor: VendorView,
  trying: Trying = "must_answer",
): AddConnectionRequest {
  const plain = vendor.fields
    .filter((f) => !f.secret)
    .map((f): [string, string] => [f.name, (form.values[f.name] ?? "").trim()]);
  const settings = Object.fromEntries(plain.filter(([, value]) => value !== ""));
  const mode = form.mode === "live" ? "live" : "test";
  return {
    name: form.name.trim(),
    vendor: form.vendor,
    url: form.url.trim(),
    mode,
    settings,
    credentials: secrets,
    trying,
  };
}
