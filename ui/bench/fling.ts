// How a grid is moved and looked at. All of it happens between two frames: a move as input comes, before the
// next frame; a look as soon as the frame with that move is painted.
import { numberOf, ROWS } from "./data";

export type Stage = {
  /** How many rows fit below the header. */
  visible: number;
  /** Makes a row the first one, as the bar's handle does. */
  jump: (row: number) => void;
  /** Moves on by so many rows, as a wheel does. */
  move: (rows: number) => void;
};

export type Options = { frames: number; rows: number };
export type Result = {
  frames: number;
  /** From the first frame's beginning to the last one's; whole, as all the times are: WebKit's clock tells no
   * less. */
  milliseconds: number;
  /** Rows between what was seen at first and what is seen once all is still. */
  moved: number;
  /** Places that were looked at, in all frames. */
  slots: number;
  /** Places without a row's text. */
  blank: number;
  /** Places that show a row which had to be elsewhere by then. */
  behind: number;
  interval_p50: number;
  interval_p99: number;
};

/** Pixels that a row takes on a scrollbar. */
export const rowOnBar = (scroller: HTMLElement, visible: number): number =>
  (scroller.scrollHeight - scroller.clientHeight) / (ROWS - visible);

const START = 200_000;
const HEIGHTS = [60, 205, 350, 495, 640];
const SECOND = 1_000;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const painted = new MessageChannel();
/** Resolves once the next frame is painted, with the time when it began: the message waits until the frame is
 * done. */
function frame(): Promise<number> {
  return new Promise((resolve) =>
    requestAnimationFrame(() => {
      const began = performance.now();
      painted.port1.onmessage = () => resolve(began);
      painted.port2.postMessage(null);
    }),
  );
}

/** The rows that are seen at five heights; -1 where there is no text of a row. */
function seen(): number[] {
  return HEIGHTS.map((y) =>
    numberOf(document.elementFromPoint(80, y)?.closest("[role=row], tr")?.textContent ?? ""),
  );
}

/** Carries the view to a row; resolves once rows from there on are seen, with the milliseconds that it
 * took. */
export async function jump(stage: Stage, row: number): Promise<number> {
  const to = Math.min(row, ROWS - Math.ceil(stage.visible));
  const began = performance.now();
  stage.jump(to);
  do {
    await frame();
    if (performance.now() - began > 10 * SECOND)
      throw new Error(`Row ${to} is not seen: ${seen().join(", ")}`);
  } while (!seen().every((one) => one >= to - 1 && one <= to + stage.visible));
  return performance.now() - began;
}

const percentile = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

let runs = 0;

/** So many frames, each of them so many rows on. Without a grid: the cost of the frames and looks alone. */
export async function fling(stage: Stage | null, { frames, rows }: Options): Promise<Result> {
  // Each fling goes over rows that were never seen, so that none of them is there already.
  if (stage) await jump(stage, START + ((runs++ * 37_000) % 600_000));
  await pause(SECOND);
  const before = seen();
  let [blank, behind] = [0, 0];
  const began = [await frame()];
  for (let done = 1; done <= frames; done += 1) {
    stage?.move(rows);
    began.push(await frame());
    seen().forEach((row, at) => {
      if (row < 0) blank += 1;
      else if (Math.abs(row - (before[at] ?? 0) - done * rows) > 1) behind += 1;
    });
  }
  await pause(SECOND / 2);
  const moved = (seen()[0] ?? 0) - (before[0] ?? 0);
  const intervals = began
    .slice(1)
    .map((one, at) => one - (began[at] ?? 0))
    .sort((one, other) => one - other);
  return {
    frames,
    milliseconds: Math.round((began.at(-1) ?? 0) - (began[0] ?? 0)),
    moved,
    slots: stage ? frames * HEIGHTS.length : 0,
    blank: stage ? blank : 0,
    behind,
    interval_p50: Math.round(percentile(intervals, 0.5)),
    interval_p99: Math.round(percentile(intervals, 0.99)),
  };
}
