import { describe, expect, it } from "vitest";
import type { ActionView } from "../bindings/types";
import type { Look } from "./format";
import { whyNotTo } from "./refusal";

const LOOK: Look = { number_format: "en-GB", negative: "minus", date_format: "yyyy-MM-dd" };

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
    expect(whyNotTo([{ ...no, allowed: true }], "manage_people", LOOK)).toBeNull();
  });
  it("is the desk's reason, its rule and who could", () => {
    expect(whyNotTo([no], "manage_people", LOOK)).toBe(
      "Nobody changes their own role. Rule own-role. Dev or Eva Lind can.",
    );
    expect(whyNotTo([{ ...no, who_could: [] }], "manage_people", LOOK)).toBe(
      "Nobody changes their own role. Rule own-role. Nobody here can.",
    );
    expect(whyNotTo([{ ...no, message: null, rule: null, who_could: [] }], "manage_people", LOOK)).toBe(
      "Not allowed now.",
    );
  });
  it("has its amounts as the reader has them", () => {
    const german: Look = { ...LOOK, number_format: "de-DE" };
    const pieces = [
      { text: "1100: " },
      { amount: { amount: "1250.00", currency: "EUR" } },
      { text: " is open" },
    ];
    const over = { ...no, message: "1100: 1250.00 EUR is open", pieces, rule: null, who_could: [] };
    const said = whyNotTo([over], "manage_people", german)?.replaceAll("\u00a0", " ");
    expect(said).toBe("1100: 1.250,00 € is open.");
  });
  it("is there too for what the desk did not name", () => {
    expect(whyNotTo([no], "manage_connections", LOOK)).toBe("This does not apply to it.");
    expect(whyNotTo(undefined, "manage_people", LOOK)).toBe("This does not apply to it.");
  });
});
