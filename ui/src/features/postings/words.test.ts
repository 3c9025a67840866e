import { describe, expect, it } from "vitest";
import type { AttemptView, PostingDetail, StepView } from "../../bindings/types";
import {
  approvers,
  attemptAction,
  attemptsHead,
  nextTry,
  orderStates,
  outcomeWords,
  sendable,
  STATES,
  stateWords,
  waiting,
} from "./words";

describe("a posting in words", () => {
  it("has words for every state of the core", () => {
    const states = [
      "proposed",
      "queued",
      "sending",
      "in_doubt",
      "booked",
      "handed_over",
      "settled",
      "refused",
      "dead_letter",
      "rejected",
      "cancelled",
    ];
    expect(Object.keys(STATES).sort()).toEqual([...states].sort());
  });

  it("says that the policy let it go, where it asked for nobody's approval", () => {
    expect(approvers({ approved_by: [], released_by_policy: true })).toBe("policy");
    expect(approvers({ approved_by: [], released_by_policy: false })).toBeNull();
    expect(approvers({ approved_by: ["carl", "dev"], released_by_policy: false })).toBe("Carl and Dev");
  });

  it("keeps the order of a posting's life", () => {
    const states = [{ state: "settled" }, { state: "queued" }, { state: "proposed" }] as const;
    expect(orderStates([...states]).map((s) => s.state)).toEqual(["proposed", "queued", "settled"]);
  });

  it("never takes a missing outcome for a good one", () => {
    const attempt = { outcome: null } as AttemptView;
    expect(outcomeWords(attempt)).toEqual({ says: "no outcome recorded", tone: "warn" });
    expect(outcomeWords({ outcome: "terminal" } as AttemptView).tone).toBe("bad");
  });

  it("speaks of tries only where one of them failed or its end is not known", () => {
    const ends: AttemptView["outcome"][][] = [[], ["done"], ["done", "done"], ["retryable", "done"], [null]];
    const heads = ends.map((outcomes) => attemptsHead(outcomes.map((outcome) => ({ outcome }))));
    expect(heads).toEqual(["Calls", "1 call", "2 calls", "2 tries", "1 try"]);
  });

  it("names what it waits for", () => {
    const at = "2026-11-25T10:00:00Z";
    const detail = {
      posting: { state: "in_doubt" },
      doubt_since: "D",
      lookups: 1,
      waits_for: ["INV-1"],
      next_try_at: at,
      tries: 2,
    } as PostingDetail;
    const says = (now: string) => waiting(detail, (one) => one, Date.parse(now));
    expect(says("2026-11-25T09:00:00Z")).toEqual([
      "In doubt since D: looked up once.",
      "Waits for INV-1.",
      `Next try ${at}, after 2 tries.`,
    ]);
    expect(says("2026-11-25T11:00:00Z").at(-1)).toBe(
      `Due since ${at}, after 2 tries: the next run takes it up.`,
    );
  });

  const steps = (...ids: (string | null)[]): StepView[] =>
    ids.map((erp_id, at) => ({ number: at + 1, erp_id }) as StepView);

  it("never says that nothing was booked of one that is booked in part", () => {
    expect(stateWords({ state: "refused", steps: steps("JE1460", null) })).toEqual({
      says: "Step 1 of 2 is booked (JE1460), step 2 was refused: finish it or take it back.",
      partly: true,
    });
    expect(stateWords({ state: "dead_letter", steps: steps("A", "B", null) }).says).toBe(
      "Steps 1 and 2 of 3 are booked (A, B), step 3 is given up after every try: finish it or take it back.",
    );
    expect(stateWords({ state: "in_doubt", steps: steps("A", null) }).says).toMatch(
      /^Step 1 of 2 is booked \(A\), step 2 is without an answer/,
    );
    expect(stateWords({ state: "refused", steps: steps(null, null) })).toEqual({
      says: STATES["refused"],
      partly: false,
    });
    expect(stateWords({ state: "settled", steps: steps("A", "B") })).toEqual({
      says: STATES["settled"],
      partly: false,
    });
  });

  it("has a next try only while there is one, and never in the past", () => {
    const now = Date.parse("2026-11-25T10:00:00Z");
    expect(nextTry({ state: "in_doubt", next_try_at: "2026-11-25T09:59:00Z" }, now)).toBe("due");
    expect(nextTry({ state: "queued", next_try_at: "2026-11-25T10:40:00Z" }, now)).toBe("40 min");
    expect(nextTry({ state: "settled", next_try_at: "2026-11-25T09:59:00Z" }, now)).toBe("–");
    expect(nextTry({ state: "queued", next_try_at: null }, now)).toBe("–");
  });

  it("counts what a run takes up, those in doubt too", () => {
    expect(
      sendable([
        { state: "queued", count: 3 },
        { state: "in_doubt", count: 1 },
        { state: "settled", count: 90 },
      ]),
    ).toBe(4);
    expect(sendable([{ state: "refused", count: 2 }])).toBe(0);
  });

  it("names an action", () => {
    expect(attemptAction("create_draft")).toBe("Create draft");
  });
});
