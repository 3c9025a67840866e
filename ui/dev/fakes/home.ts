// Today: what to do first, what waits, what is posted next, and how each entity stands.
import type * as t from "../../src/bindings/types";
import { type Handlers } from "../fake-desk";
import { query } from "../../src/lib/query";
import { EMPTY, HOUR, iso } from "../seed";
import { all, sums, view } from "./company";

const load = (rows: t.ExceptionView[], worth: string | null): t.Load => ({
  count: rows.length,
  sums: sums(rows),
  worth,
});
const picked = (at: number, over: Partial<t.ExceptionView>): t.ExceptionView => ({
  ...(all[at] as t.ExceptionView),
  ...over,
});
const FIRST: [Partial<t.ExceptionView>, Omit<t.DoFirst, "exception">][] = [
  [
    { customer: "Juniper Freight Inc.", entity: "US01", currency: "USD", amount: "234840.00" },
    {
      act: "map “Fleet telemetry”",
      why: "No revenue account",
      frees: 7,
      worth: "184913.00",
      share: 45,
      materiality: null,
      yours: false,
    },
  ],
  [
    { customer: "Brightwater plc", entity: "GB01", currency: "GBP", amount: "62400.00", assignee: "ana" },
    {
      act: "set the tax code",
      why: "NetSuite refused it",
      frees: 1,
      worth: "62400.00",
      share: null,
      materiality: { amount: "25000.00", currency: "GBP", tenths: 25 },
      yours: true,
    },
  ],
  [
    { customer: "Fischer Maschinenbau GmbH", entity: "DE01", currency: "EUR", amount: "41301.00" },
    {
      act: "create the customer",
      why: "NetSuite has no such customer",
      frees: 3,
      worth: "35300.00",
      share: null,
      materiality: null,
      yours: false,
    },
  ],
  [
    { customer: "Glenmoor Estates", entity: "GB01", currency: "GBP", amount: "1154.00", assignee: null },
    {
      act: "explain deferred revenue",
      why: "Unexplained, over the £500 allowed",
      frees: 1,
      worth: "1154.00",
      share: null,
      materiality: null,
      yours: false,
    },
  ],
  [
    {
      customer: "Oldfield Logistics Ltd",
      entity: "GB01",
      currency: "GBP",
      amount: "137.40",
      assignee: "ana",
    },
    {
      act: "book the payout’s fees",
      why: "Suspended the sign-off of clearing",
      frees: 1,
      worth: "137.40",
      share: null,
      materiality: null,
      yours: true,
    },
  ],
];
const WAITS: Partial<t.WaitsForYou>[] = [
  {
    kind: "approve",
    count: 4,
    entities: [
      ["GB01", 3],
      ["US01", 1],
    ],
    says: "Proposed by Tom",
    sums: [{ currency: "GBP", count: 4, amount: "8957.10" }],
  },
  { kind: "change", what: "policy approvals-2026", says: "Brought in by Carl", since: iso(26 * HOUR) },
  {
    kind: "decide",
    what: "Cobalt Systems",
    entities: [["US01", 1]],
    says: "NetSuite timed out at 08:52; not there at 09:41",
    sums: [{ currency: "USD", count: 1, amount: "5080.00" }],
    since: iso(HOUR),
  },
];
const POSTS: Partial<t.PostsNext>[] = [
  {
    ready: true,
    says: "In time, into its own period",
    entities: [
      { entity: "US01", count: 24 },
      { entity: "DE01", count: 9 },
    ],
    load: { count: 33, sums: [], worth: "58412.00" },
  },
  {
    ready: false,
    rule: "R-3",
    says: "Late, up to £5,000 each",
    from: "2026-10",
    entities: [{ entity: "GB01", count: 4 }],
    load: { count: 4, sums: [{ currency: "GBP", count: 4, amount: "8957.10" }], worth: "8957.10" },
    approvers: ["cora"],
  },
];
const ENTITIES: [string, string, number, string][] = [
  ["US01", "Meridian Analytics Inc.", 21, "230000.00"],
  ["GB01", "Meridian Analytics (UK) Ltd", 12, "118204.50"],
  ["DE01", "Meridian Analytics GmbH", 8, "53000.00"],
  ["JP01", "Meridian Analytics K.K.", 0, "0.00"],
];
const step = (name: string, title: string, says: string, done: boolean, screen: string): t.FirstStep => ({
  step: name,
  title,
  says,
  needs: "",
  done,
  screen,
});
const STEPS: t.FirstStep[] = [
  step(
    "billing",
    "Connect billing",
    "Stripe, Chargebee or Zuora; or import its files.",
    false,
    "connections",
  ),
  step("ledger", "Connect the ledger", "The ERP, or the files of a ledger.", false, "connections"),
  step("mapping", "Map the accounts", "Proposed from what was read.", false, "setup"),
  step("compared", "Compare", "The first tie-out.", false, "tieout"),
  step("people", "Add a second person", "Nobody approves their own work.", false, "people"),
  step("policy", "Agree on a policy", "Who approves what, up to how much.", false, "governance"),
];

export const handlers: Handlers = {
  home: (): t.Home => {
    const open = EMPTY ? [] : view(query({ state: "open" })).slice(0, 46);
    return {
      closing: EMPTY
        ? null
        : {
            period: "2026-11",
            name: "November",
            ends: "2026-11-30",
            ended: true,
            open: ["US01", "GB01"],
            closed: ["DE01"],
          },
      reporting: EMPTY ? null : { currency: "GBP", rates_of: "2026-11-30", without_rate: [] },
      blockers: load(open, EMPTY ? null : "412004.00"),
      overdue: EMPTY ? 0 : 3,
      later: load([], null),
      backlog: EMPTY ? load([], null) : { count: 264, sums: [], worth: "97310.00" },
      first: EMPTY ? [] : FIRST.map(([row, rest], at) => ({ exception: picked(at, row), ...rest })),
      first_load: load(open.slice(0, 5), EMPTY ? null : "283904.00"),
      then: load(open.slice(5), EMPTY ? null : "128100.00"),
      largest: EMPTY ? null : ["Harrow & Vale Ltd", "18640.00"],
      waits: EMPTY
        ? []
        : WAITS.map((one) => ({
            kind: "approve",
            count: 1,
            what: "",
            entities: [],
            says: "",
            sums: [],
            worth: null,
            since: null,
            exception: null,
            flow: null,
            ...one,
          })),
      posts: EMPTY
        ? []
        : POSTS.map((one) => ({
            ready: false,
            rule: null,
            says: "",
            from: null,
            to: "2026-11",
            entities: [],
            load: load([], null),
            approvers: [],
            yours: false,
            ...one,
          })),
      entities: EMPTY
        ? []
        : ENTITIES.map(([entity, name, many, worth]) => ({
            entity,
            name,
            blockers: { count: many, sums: [], worth },
            periods: [
              {
                period: "2026-11",
                says: many ? "2 of 5 prepared" : "1 reviewed, 1 prepared",
                closed: null,
                backlog: 0,
              },
              { period: "2026-10", says: "closed", closed: "2026-11-06", backlog: many },
              { period: "2026-09", says: "closed", closed: "2026-10-06", backlog: 0 },
            ],
          })),
      steps: EMPTY ? STEPS : [],
      checked_at: EMPTY ? null : iso(HOUR / 6),
    };
  },
};
