// How a flow's items are called, and what their list says.
import type { FlowView } from "../../bindings/types";

export type FlowPart = "soon" | "late" | "escalated";

/** What an item of a flow is, and what its beginning is called. */
export function itemWords(flow: string): { what: string; since: string } {
  switch (flow) {
    case "customer_activation":
      return { what: "Customer", since: "Created" };
    case "usage_billing":
      return { what: "Usage summary", since: "Closed" };
    case "subscription_amendment":
      return { what: "Subscription", since: "Amended" };
    default:
      return { what: "Document", since: "Final" };
  }
}

/** Where an item of a flow that billing itself finishes is to be looked for. */
const IN_BILLING = ["usage_billing", "subscription_amendment"];

/** What the list of this part of a flow is. */
export function itemsSay(flow: FlowView, part: FlowPart): string {
  const from = `From “${flow.start}” to “${flow.finish}” may take ${limitOf(flow)}.`;
  if (part === "soon") return `${from} These are not finished yet and fall due soon.`;
  if (part === "escalated") return `${from} These are late for so long that they came to ${leads(flow)}.`;
  return IN_BILLING.includes(flow.flow)
    ? `${from} These have no final invoice since. Look for them in billing; once one is invoiced, it leaves ` +
        "this list with the next sync."
    : `${from} These are not finished.`;
}

/** The limit in words: that of every entity, and those that have one of their own. */
export function limitOf(flow: FlowView): string {
  const own = flow.entities.filter((one) => one.limit !== flow.limit && one.entity !== "");
  return [flow.limit, ...own.map((one) => `${one.limit} in ${one.entity}`)].join(", ");
}

/** Who has what is escalated of a flow. */
export function leads(flow: FlowView): string {
  const names = flow.entities.filter((one) => one.escalated > 0).flatMap((one) => one.lead ?? []);
  return [...new Set(names)].join(" and ") || "their lead";
}
