// The entity and period that are picked in the header are about every screen: a change of them moves what a
// screen shows, which may go its own way after.
import { untrack } from "svelte";
import { desk } from "../../lib/desk.svelte";

/** For use while a component is made. Calls `take` when another entity or period is picked. */
export function follow(take: (entity: string | null, period: string | null) => void): void {
  let [entity, period] = untrack(() => [desk.entity, desk.period]);
  $effect(() => {
    const now = [desk.entity, desk.period] as const;
    if (now[0] === entity && now[1] === period) return;
    [entity, period] = now;
    untrack(() => take(...now));
  });
}
