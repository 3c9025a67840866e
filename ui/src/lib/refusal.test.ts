import { describe, expect, it } from "vitest";
import type { ActionView } from "../bindings/types";
import { whyNotTo } from "./refusal";

const no: ActionView = {
  action: "manage_people",
  allowed: false,
  code: "role_may_not",
  message: "Nobody changes their own role.",
  rule: "own-role",
  who_could: ["dev", "Eva Lind"],
};

describe("what a button that is off says", () => {
  it("is nothing where the desk allows it", () => {
    expect(whyNotTo([{ ...no, allowed: true }], "manage_people")).toBeNull();
  });
  it("is the desk's reason, its rule and who could", () => {
    expect(whyNotTo([no], "manage_people")).toBe(
      "Nobody changes their own role. Rule own-role. Dev or Eva Lind can.",
    );
    expect(whyNotTo([{ ...no, who_could: [] }], "manage_people")).toBe(
      "Nobody changes their own role. Rule own-role. Nobody here can.",
    );
    expect(whyNotTo([{ ...no, message: null, rule: null, who_could: [] }], "manage_people")).toBe(
      "Not allowed now.",
    );
  });
  it("is there too for what the desk did not name", () => {
    expect(whyNotTo([no], "manage_connections")).toBe("This does not apply to it.");
    expect(whyNotTo(undefined, "manage_people")).toBe("This does not apply to it.");
  });
});
