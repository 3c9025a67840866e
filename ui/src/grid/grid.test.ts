import { describe, expect, it, vi } from "vitest";
import { query } from "../lib/query";
import * as c from "./columns";
import * as g from "./geometry";
import { Layout } from "./layout";
import { PAGE, Pages } from "./pages";
import { Selection } from "./selection";

const small: g.Frame = { lines: 1000, rowHeight: 30, viewport: 600 };
const million: g.Frame = { lines: 1_000_000, rowHeight: 36, viewport: 617 };

describe("geometry", () => {
  it("does not scale what the browser can hold", () => {
    expect(g.isScaled(small)).toBe(false);
    expect(g.fromBar(small, 1234)).toBe(1234);
  });
  it("reaches the first and the last row of a million through a scaled bar", () => {
    expect(g.isScaled(million)).toBe(true);
    expect(g.barHeight(million)).toBe(g.TALLEST);
    expect(g.fromBar(million, 0)).toBe(0);
    const end = g.fromBar(million, g.TALLEST - million.viewport);
    expect(g.seen(million, end).end).toBe(1_000_000);
    expect(end).toBe(36_000_000 - 617);
  });
  it("keeps a place when it goes to the bar and back, within a pixel of the bar", () => {
    for (const offset of [0, 1, 999_983, 17_000_000, 35_999_383]) {
      expect(Math.abs(g.fromBar(million, g.toBar(million, offset)) - offset)).toBeLessThanOrEqual(1);
    }
  });
  it("sees partial rows on both edges and never beyond the end", () => {
    expect(g.seen(small, 45)).toEqual({ first: 1, end: 22 });
    expect(g.seen(small, g.furthest(small))).toEqual({ first: 980, end: 1000 });
    expect(g.seen({ ...small, lines: 0 }, 0)).toEqual({ first: 0, end: 0 });
    expect(g.seen({ ...small, lines: 3 }, 0)).toEqual({ first: 0, end: 3 });
  });
  it("wants more ahead than behind", () => {
    const span = { first: 500, end: 520 };
    expect(g.wanted(small, span, 1)).toEqual({ first: 470, end: 670 });
    expect(g.wanted(small, span, -1)).toEqual({ first: 350, end: 550 });
    expect(g.wanted(small, { first: 0, end: 20 }, -1).first).toBe(0);
  });
  it("moves no more than it must to show a line", () => {
    expect(g.reveal(small, 300, 12)).toBe(300);
    expect(g.reveal(small, 300, 9)).toBe(270);
    expect(g.reveal(small, 300, 30)).toBe(330);
    expect(g.reveal(small, 0, 999)).toBe(g.furthest(small));
    expect(g.reveal(small, 0, 500, true)).toBe(15_000 - 285);
  });
});

describe("layout", () => {
  const groups = [
    { key: "a", rows: 3, group: "A" },
    { key: "b", rows: 2, group: "B" },
    { key: "c", rows: 4, group: "C" },
  ];
  it("puts a header before each group's rows", () => {
    const layout = Layout.grouped(groups, new Set());
    expect(layout.lines).toBe(12);
    expect(layout.at(0)).toMatchObject({ row: -1, segment: { key: "a" } });
    expect(layout.at(3)).toMatchObject({ row: 2, segment: { key: "a" } });
    expect(layout.at(4)).toMatchObject({ row: -1, segment: { key: "b" } });
    expect(layout.at(11)).toMatchObject({ row: 3, segment: { key: "c" } });
    expect(layout.at(12)).toBeNull();
    expect(layout.lineOf("c", 3)).toBe(11);
  });
  it("hides the rows of a folded group", () => {
    const layout = Layout.grouped(groups, new Set(["b"]));
    expect(layout.lines).toBe(10);
    expect(layout.lineOf("b", 0)).toBeNull();
    expect(layout.lineOf("b", -1)).toBe(4);
    expect(layout.at(5)).toMatchObject({ row: -1, segment: { key: "c" } });
  });
  it("gives the rows between two lines group by group, in either direction", () => {
    const layout = Layout.grouped(groups, new Set());
    const want = [
      { key: "a", start: 1, count: 2 },
      { key: "b", start: 0, count: 2 },
      { key: "c", start: 0, count: 1 },
    ];
    expect(layout.runs(2, 8)).toEqual(want);
    expect(layout.runs(8, 2)).toEqual(want);
    expect(Layout.flat(10).runs(4, 6)).toEqual([{ key: null, start: 4, count: 3 }]);
  });
  it("is empty without rows", () => expect(Layout.flat(0).at(0)).toBeNull());
});

describe("selection", () => {
  it("selects some", () => {
    const some = Selection.of(["a"]).toggle("b").toggle("a");
    expect(some.listed).toEqual(["b"]);
    expect(some.wire(query())).toEqual({ ids: ["b"] });
  });
  it("selects all but some without listing the others", () => {
    const most = Selection.all.toggle("a").without(["b"]);
    expect(most.has("a")).toBe(false);
    expect(most.has("z")).toBe(true);
    expect(most.count(1_000_000)).toBe(999_998);
    expect(most.listed).toBeNull();
    expect(most.wire(query({ queue: "unposted" }))).toEqual({
      query: query({ queue: "unposted" }),
      except: ["a", "b"],
    });
    expect(most.with(["a"]).has("a")).toBe(true);
  });
});

describe("pages", () => {
  const rows = (start: number) => Array.from({ length: PAGE }, (_one, index) => start + index);
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const make = (most = 3) => {
    const fetch = vi.fn(async (_key: string | null, start: number) => ({ rows: rows(start), generation: 1 }));
    const arrived = vi.fn();
    return { fetch, arrived, pages: new Pages<number>(fetch, arrived, () => expect.unreachable(), most) };
  };
  it("fetches whole pages once and gives their rows", async () => {
    const { fetch, pages } = make();
    pages.want([{ key: null, start: 150, count: 100 }]);
    pages.want([{ key: null, start: 150, count: 100 }]);
    await settle();
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(pages.row(null, 249)).toBe(249);
    expect(pages.row(null, 99)).toBeUndefined();
  });
  it("never takes a row of another group for one of this", async () => {
    const { pages } = make();
    pages.want([{ key: "a", start: 0, count: 1 }]);
    await settle();
    expect(pages.row("a", 0)).toBe(0);
    expect(pages.row(null, 0)).toBeUndefined();
    expect(pages.row("", 0)).toBeUndefined();
  });
  it("keeps few pages, the ones used last", async () => {
    const { pages } = make(2);
    for (const start of [0, 100]) {
      pages.want([{ key: null, start, count: 1 }]);
      await settle();
    }
    pages.row(null, 0);
    pages.want([{ key: null, start: 200, count: 1 }]);
    await settle();
    expect(pages.peek(null, 0)).toBe(0);
    expect(pages.peek(null, 100)).toBeUndefined();
    expect(pages.peek(null, 200)).toBe(200);
  });
  it("drops wishes that a fling has left behind", async () => {
    const { fetch, pages } = make();
    for (const start of [0, 1000, 2000, 3000]) pages.want([{ key: null, start, count: 200 }]);
    await settle();
    expect(fetch.mock.calls.map((call) => call[1])).toEqual([0, 100, 3000, 3100]);
  });
  it("shows what it has while it asks again, and takes no late answer of another view", async () => {
    const { fetch, pages } = make();
    pages.want([{ key: null, start: 0, count: 1 }]);
    await settle();
    pages.stale();
    expect(pages.row(null, 5)).toBe(5);
    pages.want([{ key: null, start: 0, count: 1 }]);
    pages.forget();
    await settle();
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(pages.row(null, 5)).toBeUndefined();
  });
});

describe("columns", () => {
  const first = c.FIRST_ARRANGEMENT;
  it("gives spare room to the customer", () => {
    const { widths, total } = c.layWidths(first, 1200, 1, 32);
    expect(total).toBe(1200);
    expect(widths.reduce((sum, width) => sum + width, 32)).toBe(1200);
    expect(c.layWidths(first, 300, 1, 32).total).toBeGreaterThan(300);
  });
  it("fits beside the detail of a small window, and shows long words whole in a large one", () => {
    const two = c.narrowed(first);
    expect(two.of.ids).toEqual(["customer", "entity", "amount", "in_the_way", "due"]);
    expect(two.under.get("customer")?.id).toBe("document");
    const small = c.layWidths(two.of, 614, 1, 34);
    expect(small.widths.reduce((sum, width) => sum + width, 34)).toBe(614);
    const [customer, document, , , , , way] = c.layWidths(first, 1446, 1, 34).widths;
    expect([document, way]).toEqual([292, 190]);
    expect(customer).toBeGreaterThan(169);
    const own = c.layWidths(c.resizeColumn(first, "document", 120), 1446, 1, 34).widths;
    expect(own[1]).toBe(120);
  });
  it("shows, hides, moves, sizes and pins", () => {
    expect(c.toggleColumn(first, "period").ids.at(-1)).toBe("period");
    expect(c.toggleColumn({ ...first, ids: ["due"] }, "due").ids).toEqual(["due"]);
    expect(c.moveColumn(first, "due", 0).ids[0]).toBe("due");
    expect(c.resizeColumn(first, "due", 1).widths["due"]).toBe(56);
    expect(c.pinColumns(first, 99).pinned).toBe(8);
  });
  it("sorts by one, or by several with Shift", () => {
    const one = c.nextSort([], "amount", false);
    expect(c.nextSort(one, "amount", false)).toEqual([{ column: "amount", descending: true }]);
    expect(c.nextSort([{ column: "amount", descending: true }], "amount", false)).toEqual([]);
    expect(c.nextSort(one, "due", true).map((key) => key.column)).toEqual(["amount", "due"]);
    expect(c.nextSort(one, "due", false).map((key) => key.column)).toEqual(["due"]);
  });
});
