import { describe, expect, it } from "vitest";
import { firstBackend } from "./ways";

describe("ways into a workspace", () => {
  it("chooses the keyring only where one answers", () => {
    expect(firstBackend({ available: true })).toBe("keyring");
    expect(firstBackend({ available: false })).toBe("vault");
  });
});
