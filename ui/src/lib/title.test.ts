import { describe, expect, it, vi } from "vitest";

vi.mock("./desk.svelte", () => ({ desk: { workspace: null } }));
const { windowTitle } = await import("./title.svelte");

describe("the window's title", () => {
  it("names the screen and the workspace", () =>
    expect(windowTitle("Unposted", "Meridian")).toBe("Unposted – Meridian – Tieout"));
  it("is the program's name alone without a workspace", () => expect(windowTitle("", null)).toBe("Tieout"));
});
