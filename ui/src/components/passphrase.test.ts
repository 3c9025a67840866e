import { describe, expect, it } from "vitest";
import { passphraseFault, passphraseHint } from "./passphrase";

describe("a passphrase written twice", () => {
  it.each([
    [{ first: "", again: "" }, "A passphrase is needed."],
    [{ first: "short", again: "short" }, "At least 8 characters; a few unrelated words are good."],
    [{ first: "abababab", again: "abababab" }, "At least 4 different characters."],
    [{ first: "correct horse", again: "" }, "Write it a second time."],
    [{ first: "correct horse", again: "correct horsE" }, "The two are not the same."],
    [{ first: "correct horse", again: "correct horse" }, null],
  ])("judges %o", (twice, fault) => {
    expect(passphraseFault(twice)).toBe(fault);
  });

  it("counts characters, not code units", () => {
    expect(passphraseFault({ first: "😀a😀b", again: "" })).toMatch(/^At least 8/);
  });

  it("says nothing before anything was typed, nor while the second is still to come", () => {
    expect(passphraseHint({ first: "", again: "" })).toBeNull();
    expect(passphraseHint({ first: "correct horse", again: "" })).toBeNull();
    expect(passphraseHint({ first: "correct horse", again: "wrong" })).toBe("The two are not the same.");
  });
});
