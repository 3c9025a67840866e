import { describe, expect, it } from "vitest";
import { entryStatus, kindName, name } from "./names";

describe("names", () => {
  it("never says of an entry in the ledger that the ledger was not read", () => {
    expect(["booked", "unbooked", "void", "on_its_way"].map(entryStatus)).toEqual(["booked", "draft, not booked", "void", "on its way"]);
    expect(name("booked")).toMatch(/not read yet/);
  });
  it("calls a kind otherwise than the queue or state of the same code", () => {
    expect([kindName("unposted"), name("unposted")]).toEqual(["Not posted", "Unposted"]);
    expect(kindName("dead_letter")).toBe("Tries used up");
    expect(kindName("some_new_kind")).toBe("Some new kind");
  });
});
