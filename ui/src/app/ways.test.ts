import { describe, expect, it } from "vitest";
import type { PartOfScreen } from "../lib/parts";
import { SCREENS } from "./screens";

const lists = Object.entries(
  import.meta.glob<Record<string, unknown>>("../features/*/parts.ts", { eager: true }),
);

describe("the parts of screens that the palette finds", () => {
  it("are named in a list beside each screen, which names nothing else", () => {
    expect(lists.length).toBeGreaterThan(5);
    for (const [path, module] of lists) {
      expect(Object.keys(module), path).toEqual(["parts"]);
      expect(
        SCREENS.some(({ name }) => path.includes(`/${name}/`)),
        path,
      ).toBe(true);
    }
  });
  it("have a title of their own each", () => {
    const titles = lists.flatMap(([, module]) => module["parts"] as PartOfScreen[]).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
