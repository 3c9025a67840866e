import { describe, expect, it } from "vitest";
import type { FlowEntityView, FlowView } from "../../bindings/types";
import { itemsSay, leads, limitOf } from "./flows";

const entity = (one: Partial<FlowEntityView>): FlowEntityView => ({
  entity: "US01",
  limit: "24 h",
  done: 0,
  in_time: 0,
  soon: 0,
  late: 0,
  escalated: 0,
  lead: null,
  ...one,
});
const flow = (entities: FlowEntityView[]): FlowView => ({
  flow: "invoice_to_erp",
  name: "Invoice to ERP",
  start: "final",
  finish: "booked",
  limit: "24 h",
  done: 1,
  in_time: 1,
  soon: 0,
  late: 0,
  escalated: 0,
  broken: 0,
  note: "",
  entities,
});

describe("a flow's limit", () => {
  it("names only the entities that have another one", () => {
    expect(limitOf(flow([entity({})]))).toBe("24 h");
    const own = flow([entity({}), entity({ entity: "GB01", limit: "16 business h" })]);
    expect(limitOf(own)).toBe("24 h, 16 business h in GB01");
  });
  it("names whoever has what is escalated, once", () => {
    const late = flow([
      entity({ escalated: 2, lead: "Carl" }),
      entity({ entity: "GB01", escalated: 1, lead: "Carl" }),
      entity({ entity: "JP01", escalated: 0, lead: "Aiko" }),
    ]);
    expect(leads(late)).toBe("Carl");
    expect(itemsSay(late, "escalated")).toContain("came to Carl.");
    expect(leads(flow([]))).toBe("their lead");
  });
});
