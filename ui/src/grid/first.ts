// The first queue is asked for as soon as there is a workspace: its rows come while the shell is still being
// made.
import type { ExceptionQuery, GroupBy } from "../bindings/types";
import { QueueModel } from "./model.svelte";

let begun: { model: QueueModel; asked: string } | null = null;

const asks = (query: ExceptionQuery, groupBy: GroupBy | null): string => JSON.stringify([query, groupBy]);

export function beginQueue(query: ExceptionQuery, groupBy: GroupBy | null): void {
  const model = new QueueModel(query, groupBy);
  begun = { model, asked: asks(query, groupBy) };
  void model.show(query, groupBy);
}

/** The queue that was begun, for the first that asks for these rows. */
export function begunQueue(query: ExceptionQuery, groupBy: GroupBy | null): QueueModel | null {
  const one = begun;
  begun = null;
  return one?.asked === asks(query, groupBy) ? one.model : null;
}
