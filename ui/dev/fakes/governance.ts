// Mappings and policies.
import type * as t from "../../src/bindings/types";
import { type Handlers } from "../fake-desk";
import { EMPTY, HOUR, iso } from "../seed";

/** Whether approving and rejecting is refused, and who could. */
const may = (author: string | null, who_could: string[]): t.ActionView[] =>
  (["approve", "reject"] as const).map((action) => ({
    action,
    allowed: author === null,
    code: author === null ? null : ("author_of_a_change_does_not_decide_it" as const),
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
        by: { name: "ana", kind: "person" },
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
        by: { name: "carl", kind: "person" },
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
        by: { name: "ana", kind: "os_account" },
        hash: "f00d9912ab34cd56ef7890",
        state: "inert",
        imported_at: iso(26 * HOUR),
        approved_by: ["dev"],
        needs: "one more approver: nobody proved its author",
        actions: may(null, []),
      },
      {
        id: "chg_6",
        kind: "posting",
        name: "NetSuite",
        by: { name: "carl", kind: "person" },
        hash: "44e1d2c3b4a5968778695a",
        state: "inert",
        imported_at: iso(5 * HOUR),
        approved_by: [],
        needs: "one approver, not Carl",
        actions: may(null, []),
      },
      {
        id: "chg_4",
        kind: "policy",
        name: "policy",
        by: { name: "carl", kind: "person" },
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
        by: { name: "ana", kind: "person" },
        hash: "beefcafe00112233445566",
        state: "in_force",
        imported_at: iso(1400 * HOUR),
        approved_by: [],
        needs: "",
        actions: [],
      },
    ];

/** What a decision on a change came to. */
export function decideChange(id: string, approve: boolean, shown: string | undefined): t.Outcome {
  const change = changes.find((one) => one.id === id) as t.ChangeView;
  if (approve && shown !== change.hash)
    return { id, result: "refused", code: "content_not_shown", said: "It was not shown.", reference: null };
  change.state = approve ? "in_force" : "rejected";
  change.actions = [];
  return {
    id,
    result: "done",
    code: change.state,
    said: approve ? "It is in force." : "It is rejected.",
    reference: change.name,
  };
}

export const handlers: Handlers = {
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
  late_rules: () => ({ rules: [], books: [], simulation: null }),
  change_text: ({ id }) => {
    const change = changes.find((one) => one.id === id) as t.ChangeView;
    const inert = change.state === "inert";
    const line = (mark: t.ChangeMark, text: string): t.ChangeLine => ({ mark: inert ? mark : "same", text });
    return {
      change,
      against: inert ? "77aa01f2c9de4410bb3902" : null,
      says: inert ? ["Revenue of product plan goes to 4010 Usage instead of 4000 Subscriptions"] : [],
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
};
