import { describe, expect, it } from "vitest";
import { follows, notHere, SCREENS } from "./screens";

describe("the pickers of the header", () => {
  it("are obeyed, or it is said that they are not", () => {
    for (const { name } of SCREENS) {
      const said = notHere(name, "2026-11");
      expect(said === "", name).toBe(["both", "apart"].includes(follows(name)));
      expect(notHere(name, null), name).toBe("");
    }
    expect(notHere("queue", "2026-11")).toBe("");
  });

  it("say which of them is not obeyed", () => {
    expect(notHere("matching", "2026-11")).toBe("the period does not narrow this screen");
    expect(notHere("overview", "2026-11")).toBe("");
  });

  it("have nothing to say where nothing is by entity or period", () => {
    expect(notHere("people", "2026-11")).toBe("");
  });
});
