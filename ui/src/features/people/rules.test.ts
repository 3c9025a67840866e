import { describe, expect, it } from "vitest";
import type { PersonView } from "../../bindings/types";
import { isSelf, nameFault } from "./rules";

const person = (id: string, role: PersonView["role"], active = true): PersonView => ({
  id,
  name: id,
  role,
  os_account: null,
  active,
  secret: "passphrase",
  unconfirmed: false,
  restored: false,
  actions: [],
});

describe("people", () => {
  it("knows oneself by id, not by name", () => {
    expect(isSelf({ ...person("per_1", "analyst"), name: "ana" }, "ana")).toBe(false);
    expect(isSelf(person("per_1", "analyst"), "per_1")).toBe(true);
  });

  it("refuses a name twice", () => {
    expect(nameFault(" Ana ", ["ana"])).toBe("Somebody here has this name.");
    expect(nameFault("  ", [])).toBe("A name is needed.");
    expect(nameFault("Ben", ["ana"])).toBeNull();
  });
});
