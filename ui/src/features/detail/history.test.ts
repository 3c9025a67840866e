import { describe, expect, it } from "vitest";
import type { ActorView, EventView } from "../../bindings/types";
import { actorName } from "../shared/actor";
import { detailOf, whatHappened } from "./history";

const event = (some: Partial<EventView>): EventView => ({
  at: "",
  by: { name: "desk", kind: "desk" },
  happening: "opened",
  to: null,
  kinds: null,
  words: null,
  ...some,
});
const ana: ActorView = { name: "ana", kind: "person" };

describe("history", () => {
  it("names who did it", () =>
    expect(
      [
        { name: "desk", kind: "desk" } as const,
        { name: "worker", kind: "worker" } as const,
        { name: "ana", kind: "os_account" } as const,
        ana,
        { name: "os:ana", kind: "person" } as const,
      ].map(actorName),
    ).toEqual(["Tieout", "The worker", "OS account ana", "Ana", "Os:ana"]));
  it("says to whom it was assigned", () => {
    expect(detailOf(event({ happening: "assigned", to: ana }))).toBe("to Ana");
    expect(detailOf(event({ happening: "assigned" }))).toBe("to nobody");
  });
  it("names both kinds of a change, and why", () => {
    const kinds = { from: "Amount differs", to: "Not posted" };
    const changed = event({ happening: "kind_changed", kinds, words: "no entry names it" });
    expect(detailOf(changed)).toBe("Amount differs → Not posted: no entry names it");
    expect(whatHappened(changed)).toBe("found it to be another kind");
  });
  it("takes no meaning out of what somebody wrote", () => {
    const words = "amount_mismatch → unposted: to per_hg4f";
    expect(detailOf(event({ happening: "comment", words }))).toBe(words);
  });
});
