import { describe, expect, it } from "vitest";
import * as f from "./format";

const look = { number_format: "en-GB", negative: "parentheses", date_format: "d MMM yyyy" } as const;
const minus = { ...look, negative: "minus" } as const;

describe("the system’s separators", () => {
  it.each([
    ["en-US-u-va-posix", "en"],
    ["c", "en"],
    ["und", "en"],
    ["de-CH", "de-CH"],
    ["ca-ES", "ca-ES"],
  ])("a locale that was never set groups digits all the same: %s", (locale, used) => {
    expect(f.ofSystem(locale)).toBe(used);
  });
});

describe("amounts", () => {
  it.each([
    ["8640.00", "GBP", "£8,640.00"],
    ["1980000", "JPY", "¥1,980,000"],
    ["1.234", "KWD", "KWD\u00a01.234"],
    ["-420.00", "GBP", "(£420.00)"],
    ["0", "USD", "$0.00"],
    ["-0.00", "USD", "$0.00"],
    ["999", "USD", "$999.00"],
    ["92233720368547758.07", "EUR", "€92,233,720,368,547,758.07"],
    ["123456789012345678901234567890.12", "USD", "$123,456,789,012,345,678,901,234,567,890.12"],
    ["1200.5", "CAD", "CAD\u00a01,200.50"],
    ["0.125", "USD", "$0.125"],
    ["none", "USD", "none"],
  ])("%s %s reads %s", (value, currency, want) => expect(f.amount(value, currency, look)).toBe(want));

  it("shows a minus where the settings say so", () =>
    expect(f.amount("-420.00", "GBP", minus)).toBe("\u2212£420.00"));
  it("leaves the sign of the currency out where a column names it", () =>
    expect(f.amount("-420.00", "GBP", look, false)).toBe("(420.00)"));
  it("takes separators from the number format, whatever the language", () => {
    expect(f.amount("1234567.89", "EUR", { ...look, number_format: "de-DE" })).toBe("1.234.567,89\u00a0€");
    expect(f.amount("1234567.89", "INR", { ...look, number_format: "en-IN" })).toBe("₹12,34,567.89");
    expect(f.amount("1234.50", "EUR", { ...look, number_format: "es-ES" })).toBe("1234,50\u00a0€");
    expect(f.amount("1234567.00", "USD", { ...look, number_format: "ar-EG" })).toMatch(/1.234.567/);
  });
  it("survives a format that is no tag", () =>
    expect(f.amount("1234.00", "USD", { ...look, number_format: "x_x" })).toBe("$1,234.00"));
});

describe("amounts that were typed", () => {
  it.each([
    ["$1,234.56", "1234.56"],
    ["1.234,56", "1234.56"],
    ["(420.00)", "-420.00"],
    ["\u2212 5", "-5"],
    ["1,234", "1234"],
    ["50000", "50000"],
    ["GBP 12.5", "12.5"],
    ["1'000.00", "1000.00"],
    ["($3.10)", "-3.10"],
    ["12,34,567", "1234567"],
  ])("%s is %s", (typed, want) => expect(f.readAmount(typed, look)).toBe(want));
  it.each(["", "abc", "1.2.3,4,5", "--4"])("%s is nothing", (typed) =>
    expect(f.readAmount(typed, look)).toBeNull(),
  );
});

describe("dates and ages", () => {
  const now = Date.parse("2026-11-05T09:43:00Z");
  it("writes a date in each of the formats without a time zone", () => {
    expect(f.date("2026-10-30", look)).toBe("30 Oct 2026");
    expect(f.date("2026-10-30", { ...look, date_format: "yyyy-MM-dd" })).toBe("2026-10-30");
    expect(f.date("2026-10-03", { ...look, date_format: "dd/MM/yyyy" })).toBe("03/10/2026");
    expect(f.date("2026-10-03", { ...look, date_format: "MM/dd/yyyy" })).toBe("10/03/2026");
    expect(f.date(null, look)).toBe("–");
    expect(f.shortDate("2026-10-30", look, new Date(now))).toBe("30 Oct");
    expect(f.shortDate("2025-10-30", look, new Date(now))).toBe("30 Oct 2025");
  });
  it("says how long ago", () => {
    expect(f.ago("2026-11-05T09:42:30Z", now)).toBe("just now");
    expect(f.ago("2026-11-05T09:41:00Z", now)).toBe("2 min ago");
    expect(f.ago("2026-11-03T09:41:00Z", now)).toBe("2 days ago");
    expect(f.ago(null, now)).toBe("never");
  });
  it("says when it is due, and how late it is", () => {
    expect(f.due("2026-11-05T13:50:00Z", now)).toBe("4 h");
    expect(f.due("2026-11-04T09:00:00Z", now)).toBe("\u22121 d");
    expect(f.due("2026-11-05T09:43:10Z", now)).toBe("1 min");
  });
  it("leaves this year out where there is little room", () => {
    expect(f.shortInstant("2026-11-03T08:12:00", look, new Date(now))).toBe("3 Nov, 08:12");
    expect(f.shortInstant("2025-11-03T08:12:00", look, new Date(now))).toBe("3 Nov 2025, 08:12");
  });
  it.each([
    ["2026-10-03", "2026-10-03"],
    ["3 Oct 2026", "2026-10-03"],
    ["3 october 2026", "2026-10-03"],
    ["03/10/2026", "2026-10-03"],
    ["29/2/2028", "2028-02-29"],
  ])("reads the date %s", (typed, want) => expect(f.readDate(typed, look)).toBe(want));
  it("reads a date as the format says, never the other way round", () =>
    expect(f.readDate("03/10/2026", { ...look, date_format: "MM/dd/yyyy" })).toBe("2026-03-10"));
  it.each(["", "30 Feb 2026", "13/13/2026", "tomorrow", "3 Foo 2026", "2026-02-29"])(
    "%s is no date",
    (typed) => expect(f.readDate(typed, look)).toBeNull(),
  );
  it("names periods", () => {
    expect(f.period("2026-10")).toBe("Oct 2026");
    expect(f.period("FY26-P10")).toBe("FY26-P10");
    expect(f.periods("2026-10", "2026-11")).toBe("Oct to Nov 2026");
    expect(f.periods("2026-12", "2027-01")).toBe("Dec 2026 to Jan 2027");
    expect(f.periods("FY26-P10", "FY26-P11")).toBe("FY26-P10 to FY26-P11");
  });
  it("counts with separators", () => expect(f.count(1000000, look)).toBe("1,000,000"));
});

describe("the sign of an amount", () => {
  it.each([
    ["0.00", true],
    ["-0.00", true],
    ["0", true],
    ["", true],
    ["0.01", false],
    ["-0.10", false],
    ["100", false],
  ])("knows whether %s is zero without making it a number", (text, zero) => {
    expect(f.isZero(text)).toBe(zero);
  });
  it.each([
    ["-0.10", true],
    ["-1980000", true],
    ["-0.00", false],
    ["0.10", false],
    ["", false],
  ])("knows whether %s is below zero", (text, below) => {
    expect(f.isNegative(text)).toBe(below);
  });
});

describe("amounts in a sentence", () => {
  it.each([
    ["412004.99", "GBP", "£412k"],
    ["9999.99", "GBP", "£9,999"],
    ["1249999", "JPY", "¥1.2m"],
    ["1000000.00", "USD", "$1m"],
    ["-7200.00", "GBP", "(£7,200)"],
  ])("%s %s is said short, and never as more than it is", (value, currency, said) => {
    expect(f.short(value, currency, look)).toBe(said);
  });
});

describe("when something is due, in a list", () => {
  const now = new Date(2026, 11, 3, 9, 42).getTime();
  it.each([
    [new Date(2026, 11, 3, 18, 0), "18:00"],
    [new Date(2026, 11, 4, 18, 0), "Fri"],
    [new Date(2026, 11, 1, 9, 0), "2 d over"],
  ])("%s reads %s", (at, said) => {
    expect(f.dueShort(at.toISOString(), look, now)).toBe(said);
  });
});
