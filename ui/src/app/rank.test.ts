import { expect, it } from "vitest";
import { rank } from "./rank";

const entries = ["Approve", "Send what is approved", "Overview", "Queue: Unposted", "Go (back)"].map(
  (title) => ({ title }),
);
const found = (typed: string) => rank(typed, entries).map((entry) => entry.title);

it("keeps every entry while nothing is typed", () => expect(found(" ")).toHaveLength(5));
it("puts titles that start with the words first", () =>
  expect(found("appro")).toEqual(["Approve", "Send what is approved"]));
it("wants every word, in any order", () => expect(found("unposted queue")).toEqual(["Queue: Unposted"]));
it("finds by other words of an entry too, after what is called so", () => {
  const some = [
    { title: "Back up the workspace", words: "save copy" },
    { title: "Save this view" },
    { title: "Lock", words: "leave" },
  ];
  expect(rank("save", some).map((one) => one.title)).toEqual(["Save this view", "Back up the workspace"]);
});
it("takes signs as they are", () => expect(found("(back)")).toEqual(["Go (back)"]));
it("finds nothing where nothing fits", () => expect(found("zzz")).toEqual([]));
