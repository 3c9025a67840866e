import { describe, expect, it } from "vitest";
import { catalogue } from "../../lib/actions";
import { captured, withKey, withUsual } from "./shortcuts";

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>> = {},
) => captured({ key, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...held });
const action = (id: string) => catalogue.find((one) => one.id === id) ?? catalogue[0]!;

describe("setting a shortcut", () => {
  it("waits while only Ctrl is held, and takes the whole", () => {
    expect(press("Control", { ctrlKey: true })).toEqual({ kind: "wait" });
    expect(press("b", { ctrlKey: true })).toEqual({ kind: "key", key: "mod+b" });
  });
  it("leaves with Escape and switches off with Backspace", () => {
    expect(press("Escape").kind).toBe("cancel");
    expect(press("Backspace").kind).toBe("off");
  });
  it("leaves Tab and paste alone", () => {
    expect(press("Tab").kind).toBe("refused");
    expect(press("v", { ctrlKey: true }).kind).toBe("refused");
  });
});

describe("what is kept", () => {
  it("keeps no default, so that a better default reaches everybody", () => {
    const usual = action("propose").key ?? "";
    expect(withKey({ propose: "q" }, "propose", usual, [])).toEqual({});
  });
  it("takes the key from whoever had it", () => {
    expect(withKey({}, "comment", "p", [action("propose")])).toEqual({ propose: "", comment: "p" });
  });
  it("keeps a key that is switched off", () => {
    expect(withKey({}, "propose", "", [])).toEqual({ propose: "" });
  });
  it("goes back to the usual key of one only", () => {
    expect(withUsual({ propose: "q", approve: "z" }, "propose")).toEqual({ approve: "z" });
  });
});
