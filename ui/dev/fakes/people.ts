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

export const handlers: Handlers = {
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
