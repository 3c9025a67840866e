import { describe, expect, it } from "vitest";
import { lockWords, numberFormats } from "./formats";

const look = { number_format: "en-GB", negative: "parentheses", date_format: "d MMM yyyy" } as const;

describe("number formats", () => {
  it("shows each format by example", () => {
    const labels = Object.fromEntries(numberFormats(look, "en-GB").map((one) => [one.value, one.label]));
    expect(labels["en-GB"]).toContain("1,234,567.89");
    expect(labels["de-DE"]).toContain("1.234.567,89");
    expect(labels["en-IN"]).toContain("12,34,567.89");
  });
  it("keeps a format that it does not list", () => {
    expect(numberFormats(look, "pt-BR").some((one) => one.value === "pt-BR")).toBe(true);
    expect(numberFormats(look, "").filter((one) => one.value === "")).toHaveLength(1);
  });
  it("says never where nothing locks", () => {
    expect([lockWords(0), lockWords(1), lockWords(15)]).toEqual(["Never", "1 minute", "15 minutes"]);
  });
});
