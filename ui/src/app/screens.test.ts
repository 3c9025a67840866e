import { describe, expect, it } from "vitest";
import { follows, notHere, SCREENS } from "./screens";

describe("the pickers of the header", () => {
  it("are obeyed, or it is said that they are not", () => {
    for (const { name } of SCREENS) {
      const said = notHere(name, "GB01", "2026-11");
      expect(said === "", name).toBe(["both", "apart"].includes(follows(name)));
      expect(notHere(name, null, null), name).toBe("");
    }
    expect(notHere("queue", "GB01", "2026-11")).toBe("");
  });

  it("say which of them is not obeyed", () => {
    expect(notHere("matching", "GB01", null)).toBe("");
    expect(notHere("matching", "GB01", "2026-11")).toBe("the period does not narrow this screen");
    expect(notHere("postings", "GB01", "2026-11")).toBe("");
    expect(notHere("overview", "GB01", null)).toBe("the entity does not narrow this screen");
    expect(notHere("overview", "GB01", "2026-11")).toBe("entity and period do not narrow this screen");
  });

  it("have nothing to say where nothing is by entity or period", () => {
    expect(notHere("people", "GB01", "2026-11")).toBe("");
  });
});
