import { describe, expect, it } from "vitest";
import { cell, placeOf, put, whole, type Column } from "./table";

const text: Column = { key: "account", title: "Account", kind: "text" };
const list: Column = { key: "kinds", title: "Kinds", kind: "list" };

describe("a row of the mapping", () => {
  it("shows a list with commas and leaves its reading to the desk", () => {
    const row: Record<string, unknown> = {};
    put(row, list, " invoice, payment ");
    expect(row["kinds"]).toEqual(["invoice, payment"]);
    expect(cell(row, "kinds")).toBe("invoice, payment");
    put(row, text, " 4000 ");
    expect(cell(row, "account")).toBe("4000");
    expect(cell(row, "nothing")).toBe("");
  });
  it("has a name for its place", () => {
    expect(placeOf("revenue", 3)).toBe("revenue 3");
    expect(placeOf("entity", 0, "accounts receivable")).toBe("entity 0 accounts receivable");
  });
});

describe("a table", () => {
  it("has every part, and is another one than was given", () => {
    const given = { version: 2, entity: [{ code: "US01", functional_currency: "USD" }] };
    const table = whole(given as never);
    expect(table.revenue).toEqual([]);
    expect(table.entity[0]?.accounts).toEqual({});
    table.entity[0]!.code = "GB01";
    expect(given.entity[0]?.code).toBe("US01");
  });
});
