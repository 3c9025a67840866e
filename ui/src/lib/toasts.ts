// Messages of what happened. What went wrong stays until it was read; the same cause again is counted on its
// message instead of put beside it.

export type Toast = {
  id: number;
  tone: "bad" | "ok" | "mut";
  text: string;
  detail?: string | undefined;
  /** What made it: two of one cause are one message. */
  cause: string;
  times: number;
};

/** As many causes as are kept in sight. */
const MOST = 4;

/** The messages with one more. What went well is news only until the next. */
export function stacked(before: Toast[], next: Omit<Toast, "times">): Toast[] {
  const same = before.find((one) => one.tone === "bad" && next.tone === "bad" && one.cause === next.cause);
  const kept = before.filter((one) => one.tone === "bad" && one !== same).slice(-(MOST - 1));
  return [...kept, { ...next, times: (same?.times ?? 0) + 1 }];
}

/** How it is read: "3 × Sync: the server did not answer". */
export const said = ({ times, text }: Pick<Toast, "times" | "text">): string =>
  times > 1 ? `${times} × ${text}` : text;
