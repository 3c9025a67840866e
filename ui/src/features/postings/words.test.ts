import { describe, expect, it } from "vitest";
import type { AttemptView, PostingDetail } from "../../bindings/types";
import { attemptAction, orderStates, outcomeWords, STATES, waiting } from "./words";

describe("a posting in words", () => {
  it("has words for every state of the core", () => {
    const states = ["proposed", "queued", "sending", "in_doubt", "booked", "settled", "refused", "dead_letter", "rejected", "cancelled"];
    expect(Object.keys(STATES).sort()).toEqual([...states].sort());
  });

  it("keeps the order of a posting's life, and puts a state it does not know last", () => {
    expect(orderStates([{ state: "frozen" }, { state: "settled" }, { state: "proposed" }]).map((s) => s.state))
      .toEqual(["proposed", "settled", "frozen"]);
  });

  it("never takes a missing outcome for a good one", () => {
    const attempt = { outcome: null } as AttemptView;
    expect(outcomeWords(attempt)).toEqual({ says: "no outcome recorded", tone: "warn" });
    expect(outcomeWords({ outcome: "terminal" } as AttemptView).tone).toBe("bad");
    expect(outcomeWords({ outcome: "vanished" } as AttemptView)).toEqual({ says: "vanished", tone: "mut" });
  });

  it("names what it waits for", () => {
    const detail = { doubt_since: "D", lookups: 1, waits_for: ["INV-1"], next_try_at: "N", tries: 2 } as PostingDetail;
    expect(waiting(detail, (at) => at)).toEqual(["In doubt since D: looked up once.", "Waits for INV-1.", "Next try N, after 2 tries."]);
  });

  it("reads an unknown action as words", () => {
    expect(attemptAction("create_draft")).toBe("Create draft");
    expect(attemptAction("touch_up_entry")).toBe("Touch up entry");
  });
});
