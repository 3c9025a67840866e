import { describe, expect, it } from "vitest";
import type { ActionView, BatchApproval, BatchPreview, Outcome } from "../../bindings/types";
import * as p from "./plan";

const given = (some: Partial<p.Given> = {}): p.Given => ({ ...p.NOTHING_GIVEN, ...some });
const action = (name: ActionView["action"], allowed: boolean, rule: string | null = null): ActionView => ({
  action: name,
  allowed,
  code: null,
  message: allowed ? null : "no",
  rule,
  who_could: [],
});
const preview = (approvals: BatchApproval[]): BatchPreview => ({
  action: "approve",
  count: approvals.length,
  halfway: 0,
  sums: [],
  periods: [],
  late: [],
  approvals,
  refusals: [],
});
const outcome = (id: string, result: Outcome["result"], said?: string): Outcome => ({
  id,
  result,
  code: result,
  ...(said === undefined ? {} : { said }),
  reference: id,
});

describe("what an act sends", () => {
  it.each(p.ACTS)("%s sends the ids it was given, and is previewed as it would be sent", (act) => {
    const all = given({ text: "late", person: "carl", period: "2026-11" });
    const [action, request] = p.sent(act, ["exc_1", "exc_2"], all);
    expect(request).toMatchObject({ ids: ["exc_1", "exc_2"] });
    const books = !["decide", "work", "cancel", "booked_elsewhere"].includes(action);
    expect(p.previewed(act, ["exc_1", "exc_2"], all)).toEqual(books ? { action, ...request } : null);
  });
  it("approves what was shown and rejects, through one command", () => {
    expect(p.sent("approve", ["a"], given({ content: { a: "5e88" } }))).toEqual([
      "decide",
      { ids: ["a"], approve: true, reason: null, content: { a: "5e88" } },
    ]);
    expect(p.sent("reject", ["a"], given({ text: " no ", content: { a: "5e88" } }))).toEqual([
      "decide",
      { ids: ["a"], approve: false, reason: "no", content: {} },
    ]);
  });
  it("hands back of a batch what each of its postings was when it was summed", () => {
    const one = (id: string, content_hash: string): BatchApproval => ({
      id,
      reference: id,
      amount: "1.00",
      currency: "GBP",
      places: [],
      content_hash,
    });
    expect(p.shownOf(null)).toEqual({});
    expect(p.shownOf(preview([one("a", "1"), one("b", "2")]))).toEqual({ a: "1", b: "2" });
  });
  it("leaves out of a reroute what was not given", () =>
    expect(p.sent("reroute", ["a"], given({ period: "2026-11", text: "late" }))).toEqual([
      "reroute",
      {
        ids: ["a"],
        date: null,
        period: "2026-11",
        entity: null,
        mapping: null,
        accounts: {},
        reason: "late",
      },
    ]));
  it("asks for what is missing", () => {
    expect(p.missing("reject", given())).toMatch(/reason/);
    expect(p.missing("assign", given())).toMatch(/person/);
    expect(p.missing("reroute", given({ text: "late" }))).toMatch(/where/);
    expect(p.missing("reroute", given({ text: "late", accounts: { "4000": "4010" } }))).toBeNull();
    expect(p.missing("propose", given())).toBeNull();
    expect(p.missing("approve", given())).toBeNull();
  });
});

describe("a batch's outcomes", () => {
  it("counts refusals by their reason", () => {
    const of = p.tally([
      outcome("a", "done"),
      outcome("b", "refused", "own"),
      outcome("c", "refused", "closed"),
      outcome("d", "refused", "own"),
    ]);
    expect(of).toMatchObject({ done: 1, refused: 3 });
    expect(of.reasons.map((one) => [one.message, one.count])).toEqual([
      ["own", 2],
      ["closed", 1],
    ]);
  });
});

describe("an approval that was one of two", () => {
  const outcome = (code: string): Outcome => ({
    id: "pst_1",
    result: "done",
    code,
    reference: "A",
  });
  it("is not called approved", () => {
    expect(p.halfway("approve", outcome("proposed"))).toBe(true);
    expect(p.halfway("approve", outcome("queued"))).toBe(false);
    expect(p.halfway("propose", outcome("proposed"))).toBe(false);
  });
});

describe("what is said of an outcome", () => {
  const done = (said?: string): Outcome => outcome("INV-1", "done", said);
  it("says the document and what happened once each", () => {
    expect(p.toastOf("approve", done("Approved, waiting to be sent"), "")).toBe(
      "INV-1: approved, waiting to be sent",
    );
    expect(p.toastOf("hold", { ...done(), reference: null }, "INV-2")).toBe("INV-2: on hold");
  });
  it("leaves to the tag what the desk has no more to say of", () => {
    expect(p.saidOf(done())).toBe("");
    expect(p.saidOf(outcome("INV-1", "refused", "refused"))).toBe("Refused");
  });
  it("cuts nothing out of a text", () =>
    expect(p.saidOf(done("INV-1: so it is called"))).toBe("INV-1: so it is called"));
});

describe("which acts are in sight", () => {
  it("puts the next act first", () => {
    expect(p.shownActs([action("propose", true), action("approve", false)])[0]).toBe("propose");
    expect(p.shownActs([action("propose", false), action("approve", true), action("reject", true)])).toEqual([
      "approve",
      "propose",
      "reroute",
      "reject",
    ]);
    expect(p.shownActs([action("replay", true)])[0]).toBe("replay");
  });
  it("offers both ends of a half-booked set, and neither of another", () => {
    const half = [action("replay", true), action("finish", true), action("take_back", true)];
    expect(p.shownActs(half)).toEqual(["finish", "propose", "reroute", "approve", "take_back", "replay"]);
    expect(p.shownActs([action("finish", false), action("take_back", false)])).not.toContain("take_back");
  });
  it("leaves a half-booked set only for a reason, and then sends nothing of it", () => {
    expect(p.missing("finish", given())).toBeNull();
    expect(p.missing("finish", given({ leave: true, text: " " }))).not.toBeNull();
    const [, request] = p.sent("finish", ["pst_1"], given({ leave: true, text: "the month is closed" }));
    expect(request).toEqual({ ids: ["pst_1"], reason: null, leave: "the month is closed" });
    expect(p.sent("finish", ["pst_1"], given({ text: "so" }))[1]).not.toHaveProperty("leave");
  });
  it("tells the refusal that names a rule", () => {
    expect(
      p.tellingRefusal([action("propose", true), action("approve", false, "preparer_is_not_approver")])?.rule,
    ).toBe("preparer_is_not_approver");
    expect(p.tellingRefusal([action("propose", true), action("approve", false)])).toBeNull();
    expect(p.tellingRefusal([action("propose", false), action("approve", false)])?.action).toBe("propose");
  });
});
