import { describe, expect, it } from "vitest";
import type { LogRow } from "../../bindings/types";
import { filtered, gist, logRequest, midnight, NO_LOG_FILTER, whatWords } from "./words";

describe("the log in words", () => {
  it("reads a name it does not know as words", () => {
    expect(whatWords("credentials_rotated")).toBe("Credentials rotated");
    expect(whatWords("period_reopened")).toBe("Period reopened");
  });

  it("asks for nothing in particular when nothing is filled in", () => {
    expect(logRequest(NO_LOG_FILTER, 0, 100)).toEqual({
      actor: null,
      what: null,
      search: null,
      from: null,
      to: null,
      start: 0,
      limit: 100,
    });
    expect(filtered(NO_LOG_FILTER)).toBe(false);
    expect(filtered({ ...NO_LOG_FILTER, search: " " })).toBe(false);
  });

  it("includes the whole last day", () => {
    const request = logRequest({ ...NO_LOG_FILTER, from: "2026-11-24", to: "2026-11-24" }, 0, 100);
    expect(Date.parse(request.to ?? "") - Date.parse(request.from ?? "")).toBe(24 * 3600 * 1000);
    expect(request.from).toBe(midnight("2026-11-24", 0));
  });

  it("gives no instant for half a date", () => {
    expect(midnight("2026", 0)).toBeNull();
  });

  it("shows in one line what says something at a glance", () => {
    const gist_ = [
      { name: "name", value: "Stripe UK" },
      { name: "os_account", value: "ana" },
    ];
    expect(gist({ gist: gist_ } as LogRow)).toBe("name Stripe UK · os account ana");
  });
});
