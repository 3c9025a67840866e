// The log.
import type * as t from "../../src/bindings/types";
import { seeded, type Handlers } from "../fake-desk";
import { EMPTY, MINUTE, iso, search } from "../seed";
import { all } from "./company";

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
      : JSON.stringify({
          reference: row.external_ref,
          amount: row.amount,
          currency: row.currency,
          content_hash: "9f2c41d07be5a8833f10c2a4d5e6b7a8",
          ...(what === "rejected" ? { reason: "Wrong department" } : {}),
        });
  return {
    number,
    at: iso((LOG - number) * 7 * MINUTE),
    by:
      what === "synced"
        ? { name: "ana", kind: "os_account" }
        : { name: random() < 0.5 ? "ana" : "carl", kind: "person" },
    what,
    subject: `pst_${row.id.slice(4)}`,
    reference: row.external_ref,
    person: null,
    exception: row.id,
    detail,
    gist:
      what === "synced"
        ? [
            { name: "connection", value: "Stripe UK" },
            { name: "resource", value: "invoices" },
          ]
        : [
            { name: "reference", value: row.external_ref },
            { name: "amount", value: row.amount },
            { name: "currency", value: row.currency },
            ...(what === "rejected" ? [{ name: "reason", value: "Wrong department" }] : []),
          ],
    signed,
    hash: `${number.toString(16).padStart(8, "0")}c41d07be5a8833f10c2a4d5e6b7a899001122334455667788`,
  };
}
function logPage(request: t.LogRequest): t.LogPage {
  const about = {
    whats: [...WHATS, "workspace_created"],
    actors: [
      { id: "ana", by: { name: "ana", kind: "person" } },
      { id: "carl", by: { name: "carl", kind: "person" } },
      { id: "os:ana", by: { name: "ana", kind: "os_account" } },
    ] satisfies t.LogActor[],
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
      (request.actor === null ||
        (row.by.kind === "os_account" ? `os:${row.by.name}` : row.by.name) === request.actor) &&
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

export const handlers: Handlers = {
  log_page: logPage,
  verify: async (_request, job, desk) => {
    for (let done = 0; done <= LOG; done += Math.ceil(LOG / 12)) {
      if (desk.cancelled(job)) throw { code: "cancelled", message: "Stopped." };
      desk.emit("progress", { job, what: "Signatures", done, total: LOG });
      await desk.wait(60);
    }
    const export_key = "b8cda3c48f705c6023dc8ce81f25cd32f992d10dd67501645e5b08723d67a2cb";
    if (search.has("tampered"))
      return {
        sound: false,
        entries: LOG,
        signed: 22_140,
        anchored_to: LOG,
        export_key,
        faults: [
          "log entry 31882: its content is not what its hash says (log_edited)",
          "log entry 31883: the entries before it are missing, or it was put in between (log_gap)",
        ],
      };
    return { sound: true, entries: LOG, signed: 22_140, anchored_to: LOG, export_key, faults: [] };
  },
};
