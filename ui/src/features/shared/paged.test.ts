import { describe, expect, it, vi } from "vitest";

vi.mock("../../lib/desk.svelte", () => ({ desk: { generation: 0 } }));
vi.mock("../../platform", () => ({ asDeskError: (error: Error) => ({ code: "x", message: error.message }) }));
const { Paged } = await import("./paged.svelte");

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const page = (start: number, limit: number, total = 250) => {
  const rows = Array.from({ length: Math.min(limit, total - start) }, (_, i) => start + i);
  return { total, start, rows };
};

describe("rows by the page", () => {
  it("asks for each page in view once", async () => {
    const asked: number[] = [];
    const rows = new Paged<number, ReturnType<typeof page>>(async (s, l) => {
      asked.push(s);
      return page(s, l);
    });
    rows.need(90, 110);
    rows.need(95, 120);
    await settled();
    expect(asked).toEqual([0, 100]);
    expect([rows.row(99), rows.row(100), rows.row(249)]).toEqual([99, 100, null]);
    expect(rows.total).toBe(250);
  });

  it("drops the answer to an older question", async () => {
    const answers: ((value: ReturnType<typeof page>) => void)[] = [];
    const rows = new Paged<number, ReturnType<typeof page>>(
      () => new Promise((resolve) => answers.push(resolve)),
    );
    rows.need(0, 10);
    rows.restart(true);
    answers[1]?.(page(0, 100, 3));
    answers[0]?.(page(0, 100, 250));
    await settled();
    expect(rows.total).toBe(3);
  });

  it("keeps what is shown while it asks again, and after that failed", async () => {
    let fail = false;
    const rows = new Paged<number, ReturnType<typeof page>>(async (s, l) => {
      if (fail) throw new Error("no");
      return page(s, l);
    });
    rows.need(0, 10);
    await settled();
    fail = true;
    rows.restart(false);
    await settled();
    expect(rows.row(5)).toBe(5);
    expect(rows.error?.message).toBe("no");
    fail = false;
    rows.need(0, 10);
    await settled();
    expect(rows.error).toBeNull();
  });

  it("forgets everything for another filter", async () => {
    const rows = new Paged<number, ReturnType<typeof page>>(async (s, l) => page(s, l));
    rows.need(120, 130);
    await settled();
    rows.restart(true);
    expect([rows.row(120), rows.total, rows.starts]).toEqual([null, 0, 1]);
  });
});
