// What of the connections fits into the footer.
import type { ConnectionView } from "../bindings/types";

type Said = { one: { name: string }; text: string; tone: string };

/** A character's usual width, and what stands around each (the dot and the gap), in pixels at 100 %. */
const [CHARACTER, AROUND, MORE] = [6, 30, 64];

/** As many as fit with their names whole, in their order; those with trouble come before those without. */
export function fitting<T extends Said>(all: T[], room: number): T[] {
  const wide = (said: T): number => (said.one.name.length + 1 + said.text.length) * CHARACTER + AROUND;
  const sum = (list: T[]): number => list.reduce((total, said) => total + wide(said), 0);
  if (sum(all) <= room) return all;
  const kept: T[] = [];
  for (const said of [...all].sort((a, b) => Number(fine(a)) - Number(fine(b))))
    if (sum([...kept, said]) <= room - MORE) kept.push(said);
  return all.filter((said) => kept.includes(said));
}

const fine = (said: Said): boolean => said.tone !== "bad" && said.tone !== "warn";

/** The connection that its vendor has slowed down the most; null while none was used. */
export function slowestOf(connections: ConnectionView[]): ConnectionView | null {
  const share = (one: ConnectionView): number => one.rate.share_percent ?? Infinity;
  const [first] = [...connections].sort((a, b) => share(a) - share(b));
  return first && first.rate.share_percent !== null ? first : null;
}
