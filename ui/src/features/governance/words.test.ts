import { describe, expect, it } from "vitest";
import type { ChangeView } from "../../bindings/types";
import { byKind, changeTone, stateWords, titleOf, waits } from "./words";

const change = (
  id: string,
  kind: ChangeView["kind"],
  state: ChangeView["state"],
  imported_at: string,
): ChangeView => ({
  id,
  kind,
  name: kind,
  by: { name: "ana", kind: "person" },
  hash: "ab",
  state,
  imported_at,
  approved_by: [],
  needs: "",
  actions: [],
});

describe("governed changes", () => {
  it("shows what waits before what is in force, and the newest first", () => {
    const groups = byKind([
      change("1", "policy", "superseded", "2026-01-01"),
      change("2", "policy", "in_force", "2026-02-01"),
      change("3", "policy", "inert", "2026-03-01"),
      change("4", "policy", "inert", "2026-04-01"),
      change("5", "mapping", "in_force", "2026-01-01"),
    ]);
    expect(groups.map((g) => g.kind)).toEqual(["mapping", "policy"]);
    expect(groups[1]?.changes.map((c) => c.id)).toEqual(["4", "3", "2", "1"]);
  });

  it("says kind and name once where they are the same", () => {
    expect([
      titleOf({ kind: "mapping", name: "mapping" }),
      titleOf({ kind: "column_map", name: "column-map" }),
      titleOf({ kind: "policy", name: "approvals-2026" }),
      titleOf({ kind: "policy", name: "policy" }),
    ]).toEqual(["Mapping", "Column map", "Policy approvals-2026", "Policy"]);
  });

  it("has a title for every kind", () => {
    expect(byKind([change("1", "column_map", "inert", "x")]).map((g) => g.title)).toEqual(["Column maps"]);
  });

  it("only what is in force is good, and only what is inert waits", () => {
    expect([changeTone("in_force"), changeTone("inert"), changeTone("rejected")]).toEqual([
      "ok",
      "warn",
      "mut",
    ]);
    expect(stateWords("inert")).toBe("Waiting for approval");
    expect(waits(change("1", "policy", "in_force", ""))).toBe(false);
  });
});
