import { afterEach, describe, expect, it } from "vitest";
import { bind, catalogue, keyFor } from "../lib/actions";
import { ABOUT } from "./about";
import { groups } from "./help";
import { SCREENS } from "./screens";

let undo = (): void => undefined;
afterEach(() => undo());

describe("the help", () => {
  it("says of every screen what it is for", () => {
    for (const name of ["queue", ...SCREENS.map((one) => one.name)] as const) {
      expect(ABOUT[name].is).toMatch(/\.$/);
      expect(ABOUT[name].begin).toMatch(/\.$/);
    }
  });

  it("names first what can be done here, with the reason where it cannot be done now", () => {
    undo = bind({ approve: { when: () => "It is your own.", run: () => undefined }, lock: () => undefined });
    const [here, ...others] = groups(keyFor, false);
    expect(here).toEqual({
      title: "On this screen",
      lines: [{ id: "approve", title: "Approve", key: "a", why: "It is your own." }],
    });
    const listed = others.flatMap((group) => group.lines.map((line) => line.id));
    expect(listed).not.toContain("approve");
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toHaveLength(catalogue.filter((one) => keyFor(one.id)).length - 1);
  });

  it("finds by words of a title, a key or a group", () => {
    const found = (typed: string): string[] =>
      groups(keyFor, false, typed).flatMap((group) => group.lines.map((line) => line.title));
    expect(found("text larger")).toEqual(["Larger text"]);
    expect(found("mod+l")).toContain("Lock");
    expect(found("nothing is called so")).toEqual([]);
  });
});
