import { describe, expect, it } from "vitest";
import type { BankView, CloseView, SignOffView } from "../../bindings/types";
import type { Look } from "../../lib/format";
import { bankPayouts, bankSays, beside, figure, lead, meant, prepared, reviewed } from "./words";

const look: Look = { number_format: "en-GB", negative: "minus", date_format: "yyyy-MM-dd" };

const signOff = (account: string, state: SignOffView["state"], allowed: boolean): SignOffView => ({
  account,
  account_name: null,
  state,
  needs: "ready to be prepared",
  needs_said: [{ text: "ready to be prepared" }],
  prepared_by: state === "open" ? null : "ana",
  prepared_at: null,
  reviewed_by: state === "reviewed" || state === "suspended" ? "dev" : null,
  reviewed_at: null,
  hash: "h",
  signed_hash: null,
  change: null,
  items: 1,
  moved_count: 0,
  moved: [],
  trivial: false,
  actions: [
    { action: "prepare_sign_off", allowed, code: null, message: null, rule: null, who_could: [] },
    { action: "review_sign_off", allowed: !allowed, code: null, message: null, rule: null, who_could: [] },
  ],
});

const close = (accounts: SignOffView[]): CloseView =>
  ({
    entity: "GB01",
    period_name: "November 2026",
    blocker_count: 12,
    blocker_worth: "118204.50",
    reporting: "GBP",
    accounts,
    movements: null,
    forecast: null,
    ready: false,
    says: null,
    proof: [],
  }) as unknown as CloseView;

describe("the cockpit's words", () => {
  it("says debits plain, credits in parentheses and nothing as a dash", () => {
    expect(figure("0.00", "GBP", look)).toBe("–");
    expect(figure("102513.10", "GBP", look)).toMatch(/^102.513\.10$/);
    expect(figure("-1154.00", "GBP", look)).toMatch(/^\(1.154\.00\)$/);
  });

  it("says where the close stands in one sentence", () => {
    const said = lead(close([signOff("1100", "suspended", true), signOff("2400", "open", false)]), look);
    expect(said).toContain("GB01, November 2026: 12 blockers, ");
    expect(said).toContain("1 sign-off suspended; 1 account to sign");
  });

  it("says who prepared and reviewed, and what is not yet", () => {
    expect(prepared(signOff("1100", "open", true), look)).toBe("ready to be prepared");
    expect(prepared(signOff("1100", "suspended", true), look)).toMatch(/^suspended; /);
    expect(reviewed(signOff("1100", "prepared", true), look)).toBe("waits for review");
    expect(reviewed(signOff("1100", "open", true), look)).toBe("not yet");
  });

  it("means the account under the cursor, else the first that may be signed", () => {
    const view = close([signOff("1100", "reviewed", false), signOff("2400", "open", true)]);
    expect(meant(view, null, "prepare_sign_off")?.account).toBe("2400");
    expect(meant(view, "1100", "prepare_sign_off")?.account).toBe("1100");
  });

  it("goes from one period to the next, and not beyond the ends", () => {
    const all = ["2026-10", "2026-11"];
    expect([beside(all, "2026-10", 1), beside(all, "2026-11", 1), beside(all, "x", -1)]).toEqual([
      "2026-11",
      null,
      null,
    ]);
  });

  it("says of a bank whether it agrees, and what of a difference is explained", () => {
    const bank = (state: BankView["state"], difference: string, unexplained: string): BankView =>
      ({
        state,
        difference,
        unexplained,
        through: "2026-11-30",
        currency: "GBP",
        payouts: { received: 2, missing: 1, differs: 0, unclear: 0, awaited: 0 },
      }) as BankView;
    expect(bankSays(bank("agrees", "0.00", "0.00"), look)).toBe("bank and ledger agree on 2026-11-30.");
    expect(bankSays(bank("explained", "-6.90", "0.00"), look)).toBe(
      "they differ by (6.90) on 2026-11-30, and all of it is explained.",
    );
    expect(bankSays(bank("differs", "-6.90", "1.00"), look)).toBe(
      "they differ by (6.90) on 2026-11-30, of which 1.00 is not explained.",
    );
    expect(bankPayouts(bank("agrees", "0.00", "0.00"))).toBe("Payouts: 2 received, 1 not received.");
  });
});
