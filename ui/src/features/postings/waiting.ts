// What a run of the sender would take up, and what it stands for.
import type { PostingRow, PostingsRequest, Sum } from "../../bindings/types";
import { call } from "../../platform";
import { sendable } from "./words";

export type Waiting = {
  /** Everything that is taken up, what is only looked up included. */
  count: number;
  /** Approved and waiting to be sent. */
  queued: number;
  /** The amounts of those per currency; none where there are too many to be read at once. */
  sums: Sum[];
  /** Those that are approved, the newest first; not all where there are very many. */
  rows: PostingRow[];
};

/** All of them, none of which is read. */
export const EVERY_POSTING: PostingsRequest = {
  state: null,
  connection: null,
  entity: null,
  period: null,
  search: null,
  start: 0,
  limit: 0,
};

/** As many as the desk gives at once. */
const MOST = 1000;

/** How many wait: counted only. */
export async function countWaiting(): Promise<number> {
  const { states } = await call("postings_page", EVERY_POSTING);
  return sendable(states);
}

/** The same with what they amount to. The desk adds, each currency for itself. */
export async function readWaiting(): Promise<Waiting> {
  const queue: PostingsRequest = { ...EVERY_POSTING, state: "queued", limit: MOST };
  const { states, rows } = await call("postings_page", queue);
  const queued = states.find((one) => one.state === "queued")?.count ?? 0;
  const whole = rows.length > 0 && rows.length >= queued;
  const sums = whole
    ? (await call("selection_summary", { selection: { ids: rows.map((row) => row.exception) } })).sums
    : [];
  return { count: sendable(states), queued, sums, rows };
}
