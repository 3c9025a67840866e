import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AppState } from "../bindings/types";

// No shell and no stand for one: nothing is asked here.
vi.mock("../platform", () => ({}));
const { desk, FIRST_SETTINGS } = await import("./desk.svelte");

const seen = (look: number, name: string | null): AppState => ({
  look,
  version: "0.1.0",
  workspace: name === null ? null : ({ path: `/${name}`, name } as AppState["workspace"]),
  recent: [],
  settings: FIRST_SETTINGS,
  keyring: { available: false, message: "" },
  opening: null,
  start_error: null,
  link_waits: false,
  open: null,
});

describe("how things stand", () => {
  beforeEach(() => (desk.app = null));

  it("is what was seen last, not what arrives last", () => {
    desk.take(seen(2, "Books"));
    const { generation } = desk;
    desk.take(seen(1, null));
    expect(desk.workspace?.name).toBe("Books");
    expect(desk.generation).toBe(generation);
    desk.take(seen(3, null));
    expect(desk.workspace).toBeNull();
  });

  it("has nobody read anything again where only the number moved", () => {
    desk.take(seen(1, "Books"));
    const { generation } = desk;
    desk.take(seen(2, "Books"));
    expect(desk.generation).toBe(generation);
    expect(desk.app?.look).toBe(2);
  });

  it("tells what is told once even where the rest is stale", () => {
    desk.take(seen(2, "Books"));
    const asked = { exception: null, workspace: null, file: "june.csv", action: null };
    desk.take({ ...seen(1, null), open: asked });
    expect(desk.route.screen).toBe("import");
    expect(desk.workspace?.name).toBe("Books");
  });
});
