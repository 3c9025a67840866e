// Where rows are. Plain arithmetic over row numbers and pixels, so that it can be tested without a window.

/** Browsers misplace boxes beyond some 16 million pixels; above this the scrollbar is scaled. */
export const TALLEST = 8_000_000;

export type Frame = {
  /** Number of lines in all. */
  lines: number;
  rowHeight: number;
  /** Height of the part where rows are seen, without the header. */
  viewport: number;
};

const totalHeight = (frame: Frame): number => frame.lines * frame.rowHeight;
/** What the scrollbar is told the rows are high. */
export const barHeight = (frame: Frame): number => Math.min(totalHeight(frame), TALLEST);
export const isScaled = (frame: Frame): boolean => totalHeight(frame) > TALLEST;
/** The furthest the rows can be scrolled. */
export const furthest = (frame: Frame): number => Math.max(0, totalHeight(frame) - frame.viewport);

const furthestBar = (frame: Frame): number => Math.max(0, barHeight(frame) - frame.viewport);

/** From the scrollbar's place to the rows'. */
export function fromBar(frame: Frame, bar: number): number {
  if (!isScaled(frame)) return clamp(bar, 0, furthest(frame));
  const share = furthestBar(frame) === 0 ? 0 : clamp(bar / furthestBar(frame), 0, 1);
  return Math.round(share * furthest(frame));
}

/** From the rows' place to the scrollbar's. */
export function toBar(frame: Frame, offset: number): number {
  if (!isScaled(frame)) return clamp(offset, 0, furthest(frame));
  return furthest(frame) === 0
    ? 0
    : (clamp(offset, 0, furthest(frame)) / furthest(frame)) * furthestBar(frame);
}

/** Lines from `first` up to, but without, `end`. */
export type Span = { first: number; end: number };

/** The lines that are seen, wholly or in part. */
export function seen(frame: Frame, offset: number): Span {
  const first = clamp(Math.floor(offset / frame.rowHeight), 0, Math.max(0, frame.lines - 1));
  const end = Math.min(frame.lines, Math.ceil((offset + frame.viewport) / frame.rowHeight));
  return { first: frame.lines === 0 ? 0 : first, end: Math.max(end, frame.lines === 0 ? 0 : first) };
}

/** The lines worth having before they are seen: more of them in the direction of the scroll. */
export function wanted(frame: Frame, span: Span, direction: -1 | 0 | 1, ahead = 150): Span {
  const behind = Math.floor(ahead / 5);
  const up = direction < 0 ? ahead : direction === 0 ? Math.floor(ahead / 2) : behind;
  const down = direction > 0 ? ahead : direction === 0 ? Math.floor(ahead / 2) : behind;
  return { first: Math.max(0, span.first - up), end: Math.min(frame.lines, span.end + down) };
}

/** The offset that brings a line into sight, moving as little as possible. */
export function reveal(frame: Frame, offset: number, line: number, centre = false): number {
  const top = line * frame.rowHeight;
  if (centre && (top < offset || top + frame.rowHeight > offset + frame.viewport)) {
    return clamp(top - Math.floor((frame.viewport - frame.rowHeight) / 2), 0, furthest(frame));
  }
  if (top < offset) return clamp(top, 0, furthest(frame));
  if (top + frame.rowHeight > offset + frame.viewport)
    return clamp(top + frame.rowHeight - frame.viewport, 0, furthest(frame));
  return clamp(offset, 0, furthest(frame));
}

/** How many lines a page key moves. */
export const pageLines = (frame: Frame): number =>
  Math.max(1, Math.floor(frame.viewport / frame.rowHeight) - 1);

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
