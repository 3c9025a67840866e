import { describe, expect, it } from "vitest";
import type { ConnectionView } from "../bindings/types";
import { fitting, slowestOf } from "./footing";

const said = (name: string, tone = "ok") => ({ one: { name }, text: "2 min ago", tone });
const names = (room: number, ...all: ReturnType<typeof said>[]) =>
  fitting(all, room).map((each) => each.one.name);

describe("the footer", () => {
  it("shows all that fit, in their order", () =>
    expect(names(800, said("netsuite"), said("stripe-de01"))).toEqual(["netsuite", "stripe-de01"]));
  it("leaves out those that are fine first, and cuts no name", () => {
    expect(names(260, said("netsuite"), said("stripe-de01"), said("stripe-gb01", "bad"))).toEqual([
      "stripe-gb01",
    ]);
    expect(names(40, said("netsuite"))).toEqual([]);
  });
  it("tells the slowest, and nothing before a call was made", () => {
    const of = (name: string, share_percent: number | null) =>
      ({ name, rate: { share_percent } }) as ConnectionView;
    expect(slowestOf([of("a", 100), of("b", 60), of("c", null)])?.name).toBe("b");
    expect(slowestOf([of("c", null)])).toBeNull();
    expect(slowestOf([])).toBeNull();
  });
});
