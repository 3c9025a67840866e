import { describe, expect, it } from "vitest";
import { asksForPassphrase, firstBackend, passphraseWrong } from "./ways";

describe("ways into a workspace", () => {
  it("chooses the keyring only where one answers", () => {
    expect(firstBackend({ available: true })).toBe("keyring");
    expect(firstBackend({ available: false })).toBe("vault");
  });
  it("tells a passphrase that is still to come from a wrong one", () => {
    expect(asksForPassphrase({ code: "passphrase_missing", message: "" })).toBe(true);
    expect(asksForPassphrase({ code: "vault_passphrase_wrong", message: "" })).toBe(false);
    expect(passphraseWrong({ code: "vault_passphrase_wrong", message: "" })).toBe(true);
  });
});
