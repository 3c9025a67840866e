import { describe, expect, it } from "vitest";
import { fileStem } from "./files";

describe("a file's name", () => {
  it.each([
    ["Meridian Cloud", "meridian-cloud"],
    ["株式会社 海", "株式会社-海"],
    ["../../etc", "etc"],
    ["  ", "workspace"],
    ["", "workspace"],
  ])("made of %s is %s", (name, stem) => expect(fileStem(name)).toBe(stem));
});
