// People and the workspace's file.
import type * as t from "../../src/bindings/types";
import { type Handlers } from "../fake-desk";
import { search } from "../seed";
import { managing } from "./company";

const manageable = (["manage_people", "confirm_person"] as const).map((action) =>
  managing(action, search.get("role") ?? "analyst"),
);
const people: t.PersonView[] = [
  {
    id: "ana",
    name: "ana",
    role: (search.get("role") as t.PersonView["role"] | null) ?? "analyst",
    os_account: "ana",
    active: true,
    secret: search.has("unset") ? "not set yet" : "passphrase",
    unconfirmed: false,
    restored: false,
    actions: manageable,
  },
  {
    id: "carl",
    name: "carl",
    role: "controller",
    os_account: null,
    active: true,
    secret: "passphrase",
    unconfirmed: false,
    restored: false,
    actions: manageable,
  },
  {
    id: "aud",
    name: "aud",
    role: "auditor",
    os_account: null,
    active: true,
    secret: "passphrase",
    unconfirmed: false,
    restored: false,
    actions: manageable,
  },
  {
    id: "dev",
    name: "dev",
    role: "administrator",
    os_account: "dev",
    active: true,
    secret: "keyring",
    unconfirmed: false,
    restored: false,
    actions: manageable,
  },
  {
    id: "mei",
    name: "mei",
    role: "analyst",
    os_account: null,
    active: true,
    secret: search.has("unconfirmed") ? "passphrase" : "not set yet",
    unconfirmed: search.has("unconfirmed"),
    restored: false,
    actions: manageable,
  },
  {
    id: "tom",
    name: "tom",
    role: "analyst",
    os_account: null,
    active: false,
    secret: "passphrase",
    unconfirmed: false,
    restored: false,
    actions: manageable,
  },
];

const access = (
  person: string,
  role: t.AccessRow["role"],
  last_used: string | null,
  active = true,
): t.AccessRow => ({
  person,
  role,
  active,
  since: "2026-02-03T09:12:00Z",
  given_by: person === "dev" ? "dev" : "olga",
  last_used,
  entries: last_used === null ? 0 : 214,
  os_account: person === "ana" || person === "dev" ? person : null,
  secret: last_used === null ? "not set yet" : "passphrase",
  confirmed_by: person === "dev" || last_used === null ? "" : "olga",
});

const signing: t.ActionView =
  search.get("role") === "controller"
    ? { action: "sign_access_review", allowed: true, code: null, message: null, rule: null, who_could: [] }
    : {
        action: "sign_access_review",
        allowed: false,
        code: "role_may_not",
        message: "a controller signs the access review",
        rule: "role_may_not",
        who_could: ["carl"],
      };

let review: t.AccessReview = {
  people: [
    access("ana", "analyst", "2026-12-03T09:31:00Z"),
    access("aud", "auditor", "2026-11-04T14:02:00Z"),
    access("carl", "controller", "2026-12-03T08:55:00Z"),
    access("dev", "administrator", "2026-12-01T16:20:00Z"),
    access("mei", "analyst", null),
    access("tom", "analyst", "2026-09-30T17:00:00Z", false),
  ],
  conflicts: [
    {
      conflict: "administrator_approves",
      says: "dev gives people their roles, and approved what ana prepared",
      approver: "dev",
      preparer: "ana",
      count: 9,
      items: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `GB01-2026-00041${n}`),
    },
    {
      conflict: "limit_lifted",
      says: "carl and dev lifted over_400 for US01-2026-000102, as ana asked: customer_escalation, they wait",
      approver: "carl and dev",
      preparer: "ana",
      count: 1,
      items: ["US01-2026-000102"],
    },
  ],
  delegations: [],
  text: "Access review: who may do what, and where duties came together\nPerson ana: analyst\n",
  content_hash: "5cebafab6b874bfb793109b988674e353e4e9cb7b06108bca29e7962a0396cd7",
  signed: null,
  signatures: [],
  actions: [signing],
};

export const handlers: Handlers = {
  people: () => people,
  access_review: () => review,
  access_review_sign: ({ content }) => {
    const signed: t.SignedReview = {
      by: "carl",
      at: "2026-12-03T09:42:00Z",
      entry: 48_212,
      content_hash: content,
      people: review.people.length,
      conflicts: review.conflicts.length,
      holds: true,
    };
    review = { ...review, signed, signatures: [signed, ...review.signatures] };
    return review;
  },
  two_people: () => ({ lacks: null }),
  person_add: (request) => {
    const one: t.PersonView = {
      id: request.name,
      name: request.name,
      role: request.role,
      os_account: request.os_account,
      active: true,
      secret: request.passphrase === null ? "not set yet" : "passphrase",
      unconfirmed: false,
      restored: false,
      actions: manageable,
    };
    people.push(one);
    return request.passphrase === null ? { ...one, enrolment_code: "k3vm-7q2p-x9da-5tne" } : one;
  },
  person_role: ({ person, role }) =>
    Object.assign(people.find((one) => one.id === person) ?? {}, { role }) as t.PersonView,
  person_remove: ({ id }) =>
    Object.assign(people.find((one) => one.id === id) ?? {}, { active: false }) as t.PersonView,
  person_confirm: ({ id }) =>
    Object.assign(people.find((one) => one.id === id) ?? {}, { unconfirmed: false }) as t.PersonView,
  person_change_passphrase: () => null,
  secrets_change_passphrase: () => null,
  backup: async ({ path }, job, desk) => {
    desk.emit("progress", { job, what: "Copying", done: 1, total: 2 });
    await desk.wait(300);
    return { path, rows: 0 };
  },
};
