import { describe, expect, it } from "vitest";
import { said, stacked, type Toast } from "./toasts";

let id = 0;
const made = (tone: Toast["tone"], cause: string, text = cause): Omit<Toast, "times"> => ({
  id: ++id,
  tone,
  text,
  cause,
});
const after = (...all: Omit<Toast, "times">[]): string[] =>
  all.reduce<Toast[]>((before, next) => stacked(before, next), []).map(said);

describe("messages", () => {
  it("counts the same cause on one message, in its newest words", () => {
    const text = "netsuite: no answer after";
    expect(after(made("bad", "a", `${text} 8 s`), made("bad", "b"), made("bad", "a", `${text} 9 s`))).toEqual(
      ["b", `2 × ${text} 9 s`],
    );
  });

  it("keeps what went wrong until it is closed, and what went well until the next", () => {
    expect(after(made("ok", "copied"), made("bad", "a"), made("ok", "saved"))).toEqual(["a", "saved"]);
    expect(after(made("ok", "copied"), made("ok", "copied"))).toEqual(["copied"]);
  });

  it("never counts what went well with what did not", () => {
    expect(after(made("bad", "sync"), made("ok", "sync"))).toEqual(["sync", "sync"]);
  });

  it("keeps the last four causes", () => {
    expect(after(..."abcdef".split("").map((one) => made("bad", one)))).toEqual(["c", "d", "e", "f"]);
  });
});
