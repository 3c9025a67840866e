// What lateness alone makes an exception.
import type { ExceptionQuery, ExceptionView } from "../bindings/types";

/** An exception of these kinds says that the flow's time is up and nothing else; anything else in a flow is
 * broken. */
export const LATE_KINDS: ExceptionView["kind"][] = [
  "unposted",
  "late_for_closed_period",
  "customer_not_in_erp",
];

/** What is late of a flow, by its stable name. */
export const lateOf = (flow: string): Partial<ExceptionQuery> => ({ flow, kinds: LATE_KINDS });
