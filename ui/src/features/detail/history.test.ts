import { describe, expect, it } from "vitest";
import type { EventView } from "../../bindings/types";
import { detailOf, namesPeople, whatHappened, whoDid } from "./history";

// As the store writes them: exception_event.what in crates/store, and the states of a posting that its worker
// reports.
const KNOWN = [
  "opened",
  "updated",
  "kind_changed",
  "reopened",
  "closed",
  "assigned",
  "comment",
  "held",
  "released",
  "dismissed",
  "proposed",
  "amended",
  "approved_in_part",
  "approved",
  "reject",
  "cancel",
  "replay",
  "finish",
  "queued",
  "sending",
  "in_doubt",
  "booked",
  "settled",
  "refused",
  "dead_letter",
];
const kinds = [
  { kind: "amount_mismatch", name: "Amount differs" },
  { kind: "unposted", name: "Not posted" },
];
const people = new Map([["per_hg4f", "ana"]]);

describe("history", () => {
  it("has words for every event", () => {
    for (const what of KNOWN)
      expect(whatHappened(what), what).not.toMatch(new RegExp(`^${what.replace("_", " ")}$`));
    expect(whatHappened("touched_up")).toBe("touched up");
  });
  it("names who did it", () =>
    expect(["desk", "worker", "os:ana", "carl"].map(whoDid)).toEqual([
      "Tieout",
      "The worker",
      "OS account ana",
      "Carl",
    ]));
  it("shows no id of ours", () => {
    expect(detailOf({ what: "approved", detail: "pst_4k2j9x" }, people, kinds)).toBe("");
    expect(detailOf({ what: "assigned", detail: "per_hg4f" }, people, kinds)).toBe("to Ana");
    expect(detailOf({ what: "assigned", detail: "" }, people, kinds)).toBe("to nobody");
    expect(detailOf({ what: "reject", detail: "pst_ is no reason" }, people, kinds)).toBe(
      "pst_ is no reason",
    );
  });
  it("names both kinds of a change", () => {
    expect(
      detailOf(
        { what: "kind_changed", detail: "amount_mismatch → unposted: no entry names it" },
        people,
        kinds,
      ),
    ).toBe("Amount differs → Not posted: no entry names it");
    expect(detailOf({ what: "kind_changed", detail: "otherwise" }, people, kinds)).toBe("otherwise");
  });
  it("asks for people only where somebody was assigned", () => {
    const event = (what: string, detail: string): EventView => ({ at: "", who: "", what, detail });
    expect([namesPeople([event("opened", "x")]), namesPeople([event("assigned", "per_1")])]).toEqual([
      false,
      true,
    ]);
  });
});
