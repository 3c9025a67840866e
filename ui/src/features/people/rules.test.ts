import { describe, expect, it } from "vitest";
import type { AccessReview, PersonView, SignedReview } from "../../bindings/types";
import type { Look } from "../../lib/format";
import { givenBy, isSelf, nameFault, reviewLead } from "./rules";

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

describe("the access review", () => {
  const look: Look = { number_format: "en", negative: "parentheses", date_format: "d MMM yyyy" };
  const signed = (holds: boolean): SignedReview => ({
    by: "carl",
    at: "2026-12-03T09:42:00Z",
    entry: 9,
    content_hash: "5c",
    people: 1,
    conflicts: 0,
    holds,
  });
  const review = (of: SignedReview | null, conflicts = 0): AccessReview =>
    ({
      people: [{ active: true }, { active: false }],
      conflicts: Array.from({ length: conflicts }, () => ({})),
      signed: of,
    }) as AccessReview;

  it("says who may act, how many conflicts there are, and whether it is signed as it is", () => {
    expect(reviewLead(review(null), look)).toBe("1 person may act here, no conflicts: not signed yet");
    expect(reviewLead(review(signed(true), 1), look)).toMatch(
      /^1 person may act here, 1 conflict: signed by Carl, 3 Dec 2026/,
    );
    expect(reviewLead(review(signed(false), 2), look)).toContain(
      "2 conflicts: changed since it was signed by Carl",
    );
  });

  it("says that whoever made the workspace has their role from nobody", () => {
    const by = (given_by: string) => givenBy({ person: "dev", given_by, os_account: "root" });
    expect(by("dev")).toBe("made the workspace");
    expect(by("os:root")).toBe("made the workspace");
    expect(by("olga")).toBe("Olga");
  });
});
