import { describe, expect, it } from "vitest";
import { contentOf, nextUnread, summed, unread } from "./together";

const changes = ["a", "b", "c"].map((id) => ({ id }));

describe("changes decided together", () => {
  it("cannot be approved before each was read to its end", () => {
    expect(unread(changes, {})).toBe("Read them first, each to its end.");
    expect(unread(changes, { a: "1", c: "3" })).toBe("1 of 3 is still to be read to the end.");
    expect(unread(changes, { a: "1", b: "2", c: "3" })).toBeNull();
  });

  it("are read one after the other, round to what was passed over", () => {
    expect(nextUnread(changes, { b: "2" }, "b")).toBe("c");
    expect(nextUnread(changes, { b: "2", c: "3" }, "c")).toBe("a");
    expect(nextUnread(changes, { a: "1", b: "2", c: "3" }, "a")).toBeNull();
  });

  it("are bound to the hashes that were shown, and to no other", () => {
    expect(contentOf(changes, { a: "1", x: "9" })).toEqual({ a: "1" });
  });

  it("say of all together how it went", () => {
    const done = { result: "done" } as const;
    const refused = { result: "refused" } as const;
    expect(summed([done, done, refused], true)).toBe("2 approved, 1 refused");
    expect(summed([done], false)).toBe("1 rejected");
  });
});
