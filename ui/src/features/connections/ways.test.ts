import { describe, expect, it } from "vitest";
import type { VendorField, VendorView } from "../../bindings/types";
import { blank, missing, request } from "./health";
import { inWay, wayField } from "./ways";

const field = (name: string, over: Partial<VendorField> = {}): VendorField => ({
  name,
  label: name,
  help: "",
  secret: false,
  required: false,
  default: null,
  choices: [],
  with: null,
  ...over,
});
const way = (value: string): Partial<VendorField> => ({ with: { field: "auth", value } });
const netsuite: VendorView = {
  vendor: "netsuite",
  name: "NetSuite",
  role: "erp",
  url_help: "",
  url_default: null,
  checked_against: "",
  fields: [
    field("account", { required: true }),
    field("auth", { default: "tba", choices: ["tba", "m2m"] }),
    field("consumer_key", { secret: true, ...way("tba") }),
    field("token_id", { secret: true, ...way("tba") }),
    field("client_id", { secret: true, ...way("m2m") }),
    field("private_key", { secret: true, ...way("m2m") }),
    field("algorithm", { default: "ES256", choices: ["ES256", "PS256"], ...way("m2m") }),
    field("rate"),
  ],
};
const asked = (auth: string): string[] => inWay(netsuite, { auth }).fields.map((one) => one.name);

describe("the ways to sign in", () => {
  it("asks for the fields of one way only", () => {
    expect(wayField(netsuite)).toBe("auth");
    expect(asked("tba")).toEqual(["account", "auth", "consumer_key", "token_id", "rate"]);
    expect(asked("m2m")).toEqual(["account", "auth", "client_id", "private_key", "algorithm", "rate"]);
  });
  it("needs every credential of the way, and leaves the others as they are", () => {
    const form = {
      ...blank(netsuite),
      name: "N",
      mode: "test" as const,
      url: "https://x",
      values: { account: "1", auth: "m2m" },
    };
    expect(Object.keys(missing(form, { client_id: "a" }, inWay(netsuite, form.values), []))).toEqual([
      "private_key",
    ]);
  });
  it("sends no setting of another way", () => {
    const form = {
      ...blank(netsuite),
      name: "N",
      mode: "test" as const,
      url: "https://x",
      values: { account: "1", auth: "tba", algorithm: "ES256" },
    };
    expect(request(form, {}, inWay(netsuite, form.values)).settings).toEqual({ account: "1", auth: "tba" });
  });
  it("a vendor with one way is asked as it is", () => {
    const stripe = {
      ...netsuite,
      vendor: "stripe",
      fields: [field("api_key", { secret: true, required: true })],
    };
    expect(wayField(stripe)).toBeNull();
    expect(inWay(stripe, {})).toEqual(stripe);
  });
});
