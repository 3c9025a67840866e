import { expect, test } from "vitest";
import type { MatchView } from "../../bindings/types";
import { customers, few, why } from "./words";

const match = (parts: Partial<MatchView>): MatchView => ({ reasons: [], reason: "", ...parts }) as MatchView;

test("many names are counted, few are said", () => {
  expect(few(["a"])).toBe("a");
  expect(few(["a", "b"])).toBe("a, b");
  expect(few(["a", "b", "c", "d"])).toBe("a, b and 2 more");
});

test("each customer is named once, and a payout that has none by what it is", () => {
  const document = (customer: string | null) =>
    ({ customer, kind: "payout" }) as MatchView["documents"][number];
  expect(customers(match({ documents: [document("Acme"), document("Acme"), document("Blue")] }))).toBe(
    "Acme, Blue",
  );
  expect(customers(match({ documents: [document(null)] }))).toBe("payout");
});

test("what a person said stands before what was found", () => {
  expect(why(match({ reasons: ["same amount", "same day"] }))).toEqual(["Same amount", "same day"]);
  expect(why(match({ reasons: ["same amount"], reason: "a loan" }))).toEqual(["A loan", "same amount"]);
  expect(why(match({}))).toEqual(["Chosen by hand", ""]);
});
