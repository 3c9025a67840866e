import { describe, expect, it } from "vitest";
import { indentJson, readable } from "./json";

describe("JSON made readable", () => {
  it("changes no digit of an amount or id", () => {
    const text = '{"amount":12.10,"id":900719925474099312345,"lines":[{"debit":1.0}],"none":[],"memo":{}}';
    expect(indentJson(text)).toBe(
      [
        "{",
        '  "amount": 12.10,',
        '  "id": 900719925474099312345,',
        '  "lines": [',
        "    {",
        '      "debit": 1.0',
        "    }",
        "  ],",
        '  "none": [],',
        '  "memo": {}',
        "}",
      ].join("\n"),
    );
  });
  it("leaves what is inside of strings alone", () => {
    expect(indentJson('{"memo":"a {b}, \\"c\\": [d]"}')).toBe('{\n  "memo": "a {b}, \\"c\\": [d]"\n}');
  });
  it.each(["plain words", '{"cut off":', "12.50", ""])("gives %s back as it came", (text) => {
    expect(indentJson(text)).toBe(text);
  });
});

describe("a request or an answer", () => {
  it("keeps its first lines and lays out the body", () => {
    expect(readable('POST /record/v1/journalEntry\n{"a":1.50}')).toBe(
      'POST /record/v1/journalEntry\n{\n  "a": 1.50\n}',
    );
    expect(readable("POST /x")).toBe("POST /x");
  });
});
