import { beforeEach, describe, expect, it } from "vitest";
import * as a from "./actions";
import { firesWhileTyping, keyOf, shownKey } from "./keys";

const key = (
  name: string,
  held: Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>> = {},
) => ({ key: name, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...held });

describe("keys", () => {
  it.each([
    [key("p"), "p"],
    [key("A", { shiftKey: true }), "shift+a"],
    [key("k", { ctrlKey: true }), "mod+k"],
    [key("?", { shiftKey: true }), "?"],
    [key(" "), "space"],
    [key("ArrowDown", { shiftKey: true }), "shift+down"],
    [key("C", { ctrlKey: true, shiftKey: true }), "mod+shift+c"],
    [key("+", { ctrlKey: true, shiftKey: true }), "mod+plus"],
  ])("%o reads %s", (event, want) => expect(keyOf(event, false)).toBe(want));
  it("uses the command key on a Mac", () => expect(keyOf(key("k", { metaKey: true }), true)).toBe("mod+k"));
  it("shows caps", () => {
    expect(shownKey("mod+shift+p", false)).toBe("Ctrl Shift P");
    expect(shownKey("mod+k", true)).toBe("⌘K");
  });
  it("never fires a letter while someone types, nor takes copy and paste from a field", () => {
    for (const letter of ["p", "shift+a", "?", "space", "enter", "mod+a", "mod+c", "mod+v", "mod+shift+c"])
      expect(firesWhileTyping(letter)).toBe(false);
    for (const held of ["mod+k", "mod+1", "f5"]) expect(firesWhileTyping(held)).toBe(true);
  });
});

describe("the registry", () => {
  beforeEach(() => a.remap({}));
  it("has each id and each default key once", () => {
    const ids = a.catalogue.map((action) => action.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const own of a.APART) {
      const rest = a.catalogue.filter(
        (action) => action.section === own || !a.APART.includes(action.section),
      );
      const keys = rest.map((action) => action.key).filter((one) => one !== null);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
  it("lets the latest binding answer and gives the earlier one back", () => {
    const said: string[] = [];
    const first = a.bind({ propose: () => said.push("first") });
    const second = a.bind({ propose: () => said.push("second") });
    a.run("propose");
    second();
    a.run("propose");
    first();
    expect(a.run("propose")).toBe(false);
    expect(said).toEqual(["second", "first"]);
  });
  it("does not run what is not allowed", () => {
    const off = a.bind({ approve: { when: () => "You prepared it", run: () => expect.unreachable() } });
    expect(a.run("approve")).toBe(false);
    off();
  });
  it("remaps, switches off and names clashes", () => {
    a.remap({ propose: "b", approve: "" });
    expect(a.keyFor("propose")).toBe("b");
    expect(a.keyFor("approve")).toBeNull();
    expect(a.actionsOf("p").map((action) => action.id)).toEqual(["close_prepare"]);
    expect(a.clashes("propose", "r").map((action) => action.id)).toEqual(["reroute"]);
  });
});
