// Ways from a figure to what is behind it, and how values look now.
import type { CellRequest } from "../../bindings/types";
import { desk } from "../../lib/desk.svelte";
import type { Look } from "../../lib/format";
import type { QueryPart } from "../overview/figures";

export const look = (): Look => desk.look;

/** The figure was counted over the whole workspace: the pickers follow what it stands for, and narrow it no
 * further. */
export function openQueue(part: QueryPart, title: string): void {
  [desk.entity, desk.period] = [part.entity ?? null, part.period ?? null];
  desk.openQueue(part, title);
}

/** One exception, in whatever state it is. */
export function openException(id: string): void {
  [desk.entity, desk.period] = [null, null];
  desk.openQueue({ state: "all" }, "All exceptions", id);
}

export function openTieOut(cell: Partial<CellRequest> & { show?: string }): void {
  desk.go("tieout", cell);
}
