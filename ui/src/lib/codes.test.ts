import { describe, expect, it } from "vitest";
import { isClosed, isPassphraseWrong, isStopped, needsPassphrase, needsSecret } from "./codes";

const refused = (code: string) => ({ code, message: "" });

describe("the codes on which the page acts", () => {
  it("tell a passphrase that is still to come from a wrong one", () => {
    expect(needsPassphrase(refused("passphrase_missing"))).toBe(true);
    expect(needsPassphrase(refused("vault_passphrase_wrong"))).toBe(false);
    expect(isPassphraseWrong(refused("vault_passphrase_wrong"))).toBe(true);
  });
  it("are matched whole", () => {
    for (const known of [needsSecret, isStopped, isClosed]) expect(known(refused(""))).toBe(false);
    expect(isStopped(refused("cancelled_by_vendor"))).toBe(false);
    expect(isClosed(refused("locked"))).toBe(true);
  });
});
