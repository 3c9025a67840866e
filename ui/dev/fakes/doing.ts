// What people do on the fake desk, with the same refusals the real one has.
import type {
  AppState,
  BatchPreview,
  EventView,
  ExceptionView,
  OpenPeriod,
  Outcome,
  Preview,
  SavedView,
  Seat,
  Settings,
} from "../../src/bindings/types";
import type { FakeDesk, Handlers } from "../fake-desk";
import { search } from "../seed";
import { decideChange } from "./governance";
import {
  actingPerson,
  byId,
  managing,
  selected,
  setActing,
  sums,
  touch,
  view,
  waitsForApproval,
} from "./company";
import { approved, comments, detail, event, preparers, preview } from "./detail";

const ROLES: Record<string, Seat["role"]> = { ana: "analyst", carl: "controller", aud: "auditor" };
let locked = search.has("locked");
/** ?unset: whoever sits here has no secret of their own yet. */
let UNSET = search.has("unset");
let open = !search.has("closed");
let settings: Settings = {
  theme: (search.get("theme") as Settings["theme"] | null) ?? "system",
  text_size: Number(search.get("text") ?? "100"),
  density: (search.get("density") as Settings["density"] | null) ?? "standard",
  number_format: "en-GB",
  negative: "parentheses",
  date_format: "d MMM yyyy",
  lock_after_minutes: 15,
  start_with_session: false,
  notifications: false,
  shortcuts: {},
};
const views: SavedView[] = [];

const roleHere = (): Seat["role"] =>
  (search.get("role") as Seat["role"] | null) ?? ROLES[actingPerson()] ?? "analyst";
let looks = 0;
const state = (): AppState => ({
  look: ++looks,
  version: "0.1.0",
  workspace: open
    ? {
        path: "/home/ana/meridian.tieoutdb",
        name: "Meridian Analytics (demo)",
        demo: true,
        secrets: "vault",
        locked,
        seat: {
          id: actingPerson(),
          name: actingPerson(),
          role: roleHere(),
          secret: UNSET ? "not set yet" : "passphrase",
          unlocked: !UNSET,
        },
        actions: [
          managing("manage_people", roleHere()),
          managing("manage_connections", roleHere()),
          managing("import_files", roleHere()),
        ],
      }
    : null,
  recent: [
    {
      path: "/home/ana/meridian.tieoutdb",
      name: "Meridian Analytics (demo)",
      opened_at: new Date().toISOString(),
      missing: false,
    },
  ],
  settings,
  keyring: { available: true, message: "gnome-keyring" },
  open: null,
  opening: null,
  start_error: null,
  link_waits: false,
});

function judge(
  ids: string[],
  action: string,
  doIt: ((row: ExceptionView) => void) | null,
  desk?: FakeDesk,
): Outcome[] {
  const outcomes = ids.map((id): Outcome => {
    const row = byId.get(id);
    if (!row)
      return {
        id,
        result: "refused",
        code: "not_found",
        said: "It is not open any more.",
        reference: null,
      };
    const may = detail(row).actions.find((one) => one.action === action);
    if (may && !may.allowed)
      return {
        id,
        result: "refused",
        code: may.code ?? "refused",
        said: may.message ?? "",
        reference: row.external_ref,
        rule: may.rule ?? undefined,
        who_could: may.who_could,
      };
    doIt?.(row);
    return { id, result: "done", code: "done", reference: row.external_ref };
  });
  if (doIt && desk) touch(desk.emit);
  return outcomes;
}

const note = (
  row: ExceptionView,
  happening: EventView["happening"],
  text: string,
  more: Partial<EventView> = {},
): void => {
  comments.set(row.id, [
    ...(comments.get(row.id) ?? []),
    event(new Date().toISOString(), { name: actingPerson(), kind: "person" }, happening, {
      words: text || null,
      ...more,
    }),
  ]);
};

function workOn(row: ExceptionView, work: unknown): void {
  if (work === "release") row.state = "open";
  else if (typeof work === "object" && work !== null) {
    const [[what, text] = ["", ""]] = Object.entries(work as Record<string, string>);
    if (what === "assign") {
      row.assignee = text;
      row.state = "in_progress";
    }
    if (what === "hold") {
      row.state = "on_hold";
      row.in_the_way = "On hold";
      row.gravity = "doubtful";
    }
    if (what === "dismiss") row.state = "dismissed";
    const happened = { assign: "assigned", comment: "comment", hold: "held", dismiss: "dismissed" } as const;
    const to = what === "assign" ? ({ name: text, kind: "person" } as const) : null;
    note(row, happened[what as keyof typeof happened], what === "assign" ? "" : text, { to });
  }
}

async function steps(desk: FakeDesk, job: string | undefined, what: string, total: number): Promise<void> {
  for (let done = 0; done <= total; done += Math.ceil(total / 20)) {
    if (desk.cancelled(job)) throw { code: "cancelled", message: "Stopped." };
    desk.emit("progress", { job, what, done, total });
    await desk.wait(90);
  }
}

/** The entry turned round. */
function reversal(of: Preview): Preview {
  return {
    ...of,
    steps: of.steps.map((step) => ({
      ...step,
      reverses: "JE1460",
      lines: step.lines.map((line) => ({ ...line, debit: line.credit, credit: line.debit })),
    })),
  };
}

export const handlers: Handlers = {
  app_state: state,
  app_glance: state,
  settings_set: (wanted) => (settings = wanted),
  demo_open: () => {
    open = true;
    return state();
  },
  workspace_open: () => {
    open = true;
    locked = false;
    return state();
  },
  workspace_create: () => {
    open = true;
    locked = false;
    return state();
  },
  workspace_close: () => {
    open = false;
    return state();
  },
  lock: () => {
    locked = true;
    return state();
  },
  unlock: () => {
    locked = false;
    return state();
  },
  seat: ({ person, new_passphrase }) => {
    setActing(person);
    if (new_passphrase !== null) UNSET = false;
    return state();
  },
  cancel_job: ({ job }, _job, desk) => {
    desk.stop(job);
    return null;
  },
  pick: ({ suggested }) => ({ path: `/home/ana/${suggested ?? "file"}` }),
  periods: ({ entity }) =>
    ["US01", "GB01", "DE01", "JP01"]
      .filter((one) => !entity || one === entity)
      .flatMap((one): OpenPeriod[] => [
        {
          entity: one,
          key: "2026-10",
          starts: "2026-10-01",
          ends: "2026-10-31",
          status: "AR locked",
          state: "locked",
          accepts: false,
          says:
            "Receivables were locked on 2 Nov at 18:00. " +
            "Policy sends invoices under 25,000 to the next open period.",
        },
        {
          entity: one,
          key: "2026-11",
          starts: "2026-11-01",
          ends: "2026-11-30",
          status: "open",
          state: "open",
          accepts: true,
          says: "Open. A late invoice keeps its own date on the entry.",
        },
        {
          entity: one,
          key: "2026-12",
          starts: "2026-12-01",
          ends: "2026-12-31",
          status: "soft-closed",
          state: "soft_closed",
          accepts: true,
          says: "Soft-closed: a controller must approve.",
        },
      ]),
  may: (request): BatchPreview => {
    const rows = request.ids.flatMap((id) => byId.get(id) ?? []);
    const refusals = judge(request.ids, request.action, null).filter((one) => one.result === "refused");
    const refused = new Set(refusals.map((one) => one.id));
    const may = rows.filter((row) => !refused.has(row.id));
    const periods = new Map<string, ExceptionView[]>();
    for (const row of may) periods.set(row.entity ?? "", [...(periods.get(row.entity ?? "") ?? []), row]);
    return {
      action: request.action,
      count: may.length,
      halfway: request.action === "approve" ? Math.min(1, may.length) : 0,
      sums: sums(may),
      late: [],
      approvals:
        request.action !== "approve"
          ? []
          : may.map((row) => ({
              id: row.id,
              reference: row.external_ref,
              amount: row.amount,
              currency: row.currency,
              places: [{ entity: row.entity ?? "", period: "2026-11" }],
              content_hash: "4f0a9c",
            })),
      refusals,
      periods: [...periods].map(([entity, list]) => ({
        entity,
        period: "2026-11",
        status: "open",
        state: "open",
        sums: sums(list),
        count: list.length,
      })),
    };
  },
  work: ({ ids, work }, _job, desk) =>
    judge(
      ids,
      work === "release" ? "release" : (Object.keys(work)[0] ?? ""),
      (row) => workOn(row, work),
      desk,
    ),
  preview: (request, _job, desk) =>
    judge(request.ids, request.action, null, desk).map((one) => {
      const row = byId.get(one.id);
      if (one.result !== "done" || !row) return one;
      switch (request.action) {
        case "reroute":
          return {
            ...one,
            preview: preview(row, true, request.period ?? "2026-11", request.date ?? "2026-11-01"),
          };
        case "reverse":
          return { ...one, preview: reversal(preview(row, true)) };
        default:
          return { ...one, preview: preview(row, true) };
      }
    }),
  propose: ({ ids }, _job, desk) => {
    if (UNSET) throw { code: "person_secret_needed", message: "A decision needs your own secret." };
    const outcomes = judge(
      ids,
      "propose",
      (row) => {
        waitsForApproval.add(row.id);
        preparers.set(row.id, actingPerson());
        note(row, "proposed", "");
      },
      desk,
    );
    return outcomes.map((one) => {
      const row = byId.get(one.id);
      return one.result === "done" && row ? { ...one, preview: preview(row, false) } : one;
    });
  },
  restore: ({ path }, _job, desk) => {
    touch(desk.emit);
    if (!search.has("restores"))
      throw { code: "recovery_passphrase_wrong", message: "This passphrase does not open the backup." };
    open = true;
    return {
      app: { ...state(), workspace: { ...state().workspace, path } as AppState["workspace"] },
      restored: {
        workspace: path,
        id: "wsp_1",
        secrets: "keyring",
        entries: 48_211,
        enrolment_codes: [
          { person: "ana", role: "analyst", code: "k3vm-7q2p-x9da-5tne" },
          { person: "carl", role: "controller", code: "p8wz-2rjh-c4sy-e6ub" },
          { person: "dev", role: "administrator", code: "t5nd-9gkx-b7qa-m3vf" },
        ],
        faults: [],
      },
    };
  },
  decide: ({ ids, approve, reason, content }, _job, desk) => [
    ...ids.filter((id) => id.startsWith("chg_")).map((id) => decideChange(id, approve, content?.[id])),
    ...judge(
      ids.filter((id) => !id.startsWith("chg_")),
      approve ? "approve" : "reject",
      (row) => {
        if (approve) approved.add(row.id);
        else {
          waitsForApproval.delete(row.id);
        }
        note(row, approve ? "approved" : "rejected", reason ?? "");
      },
      desk,
    ),
  ],
  reroute: ({ ids, period, date, reason }, _job, desk) =>
    judge(
      ids,
      "reroute",
      (row) => {
        waitsForApproval.add(row.id);
        preparers.set(row.id, actingPerson());
        note(row, "amended", reason);
      },
      desk,
    ).map((one) => {
      const row = byId.get(one.id);
      return one.result === "done" && row
        ? { ...one, preview: preview(row, false, period ?? "2026-11", date ?? "2026-11-01") }
        : one;
    }),
  replay: ({ ids }, _job, desk) => judge(ids, "replay", (row) => note(row, "replay", ""), desk),
  reverse: ({ ids, reason }, _job, desk) =>
    judge(ids, "reverse", (row) => note(row, "proposed", reason), desk).map((one) => {
      const row = byId.get(one.id);
      return one.result === "done" && row ? { ...one, preview: reversal(preview(row, false)) } : one;
    }),
  cancel: ({ ids }, _job, desk) =>
    judge(
      ids,
      "cancel",
      (row) => {
        waitsForApproval.delete(row.id);
        note(row, "cancelled", "");
      },
      desk,
    ),
  copy: ({ selection }) => ({ rows: selected(selection).length }),
  export: ({ path, query }) => ({ path, rows: query ? view(query).length : 0 }),
  saved_views: () => views.map((one) => ({ ...one, count: view(one.query).length })),
  view_save: (request) => {
    const saved: SavedView = { ...request, id: request.id ?? `viw_${views.length + 1}`, count: null };
    const at = views.findIndex((one) => one.id === saved.id);
    if (at < 0) views.push(saved);
    else views[at] = saved;
    return saved;
  },
  view_delete: ({ id }) => {
    views.splice(
      views.findIndex((one) => one.id === id),
      1,
    );
    return null;
  },
  view_write: ({ path }) => ({ path, rows: 1 }),
  view_read: () => {
    const saved: SavedView = {
      id: `viw_${views.length + 1}`,
      name: "Japan, late October",
      query: { ...(views[0]?.query ?? ({} as SavedView["query"])), entity: "JP01" },
      group_by: null,
      columns: [],
      count: null,
    };
    views.push(saved);
    return saved;
  },
  refresh: (_request, _job, desk) => {
    touch(desk.emit);
    return null;
  },
  sync: async (_request, job, desk) => {
    await steps(desk, job, "Stripe UK: invoices", 1400);
    await steps(desk, job, "NetSuite: journals", 900);
    touch(desk.emit);
    return [
      {
        connection: "Stripe UK",
        resource: "invoices",
        pages: 14,
        items: 1400,
        rejected: 0,
        removed: 0,
        state: "complete",
        message: "Complete",
      },
    ];
  },
  post: async (_request, job, desk) => {
    await steps(desk, job, "NetSuite: sending", Math.max(1, approved.size));
    touch(desk.emit);
    return [
      {
        connection: "NetSuite",
        booked: approved.size,
        refused: 0,
        in_doubt: 0,
        waiting: 0,
        dead_letter: 0,
        message: `${approved.size} booked`,
      },
    ];
  },
};
