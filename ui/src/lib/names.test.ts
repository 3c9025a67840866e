import { describe, expect, it } from "vitest";
import { customerWords, entryStatus, kindName, name, sentence } from "./names";

describe("names", () => {
  it("never says of an entry in the ledger that the ledger was not read", () => {
    expect((["booked", "unbooked", "void"] as const).map(entryStatus)).toEqual([
      "booked",
      "draft, not booked",
      "void",
    ]);
    expect(name("booked")).toMatch(/not read yet/);
  });
  it("calls a kind otherwise than the queue or state of the same code", () => {
    const kinds = [{ kind: "unposted", name: "Not posted" }];
    expect([kindName("unposted", kinds), name("unposted")]).toEqual(["Not posted", "Unposted"]);
    expect([kindName("some_new_kind", kinds), kindName("unposted", null)]).toEqual([
      "Some new kind",
      "Unposted",
    ]);
  });
  it("writes what is no word in capitals, and nothing else", () => {
    expect(["invoice_to_erp", "erp", "api_drift", "paid_early", "gl_account", "vat_id"].map(name)).toEqual([
      "Invoice to ERP",
      "ERP",
      "API drift",
      "Paid early",
      "GL account",
      "VAT ID",
    ]);
  });
  it("says of a customer whether it has to be made in the ERP", () => {
    expect(customerWords({ name: "Acme Ltd", external_id: "cus_1", erp_id: null })).toBe(
      "Customer Acme Ltd (cus_1): made in the ERP first, if it is not there",
    );
    expect(customerWords({ name: "Acme Ltd", external_id: "cus_1", erp_id: "41" })).toBe(
      "Customer Acme Ltd (cus_1, 41 in the ERP)",
    );
    expect(customerWords({ name: null, external_id: null, erp_id: "41" })).toBe("Customer 41 in the ERP");
  });
  it("makes a sentence of a clause, once", () => {
    expect(["the keyring is locked", "It is booked.", "Which one?", ""].map(sentence)).toEqual([
      "The keyring is locked.",
      "It is booked.",
      "Which one?",
      "",
    ]);
    expect(sentence("ch_1MRD is already being settled")).toBe("ch_1MRD is already being settled.");
  });
});
