// Lines of the grid: rows, or groups with a header line and, while unfolded, their rows.

export type Segment<G> = {
  key: string | null;
  group: G | null;
  open: boolean;
  rows: number;
  /** First line of the segment. */
  first: number;
};
export type Place<G> = {
  segment: Segment<G>;
  /** Row within the segment; -1 is the header line. */
  row: number;
};

export class Layout<G> {
  readonly lines: number;
  private constructor(readonly segments: Segment<G>[]) {
    const last = segments.at(-1);
    this.lines = last ? last.first + sizeOf(last) : 0;
  }

  /** All rows without groups. */
  static flat<G>(rows: number): Layout<G> {
    return new Layout<G>([{ key: null, group: null, open: true, rows, first: 0 }]);
  }

  static grouped<G>(
    groups: { key: string; rows: number; group: G }[],
    folded: ReadonlySet<string>,
  ): Layout<G> {
    let first = 0;
    return new Layout<G>(
      groups.map(({ key, rows, group }) => {
        const segment: Segment<G> = { key, group, open: !folded.has(key), rows, first };
        first += sizeOf(segment);
        return segment;
      }),
    );
  }

  /** What a line shows. */
  at(line: number): Place<G> | null {
    if (line < 0 || line >= this.lines) return null;
    let [low, high] = [0, this.segments.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.segments[middle]?.first ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    const segment = this.segments[low];
    if (!segment) return null;
    return { segment, row: line - segment.first - (segment.key === null ? 0 : 1) };
  }

  /** The line of a row of a segment. */
  lineOf(key: string | null, row: number): number | null {
    const segment = this.segments.find((one) => one.key === key);
    if (!segment || (row >= 0 && (!segment.open || row >= segment.rows))) return null;
    return segment.first + row + (key === null ? 0 : 1);
  }

  /** The rows between two lines, both counted, as runs within segments. Header lines have no row. */
  runs(from: number, to: number): { key: string | null; start: number; count: number }[] {
    const [low, high] = from <= to ? [from, to] : [to, from];
    const runs: { key: string | null; start: number; count: number }[] = [];
    for (const segment of this.segments) {
      if (!segment.open) continue;
      const base = segment.first + (segment.key === null ? 0 : 1);
      const start = Math.max(0, low - base);
      const end = Math.min(segment.rows - 1, high - base);
      if (end >= start) runs.push({ key: segment.key, start, count: end - start + 1 });
    }
    return runs;
  }
}

const sizeOf = (segment: { key: string | null; open: boolean; rows: number }): number =>
  (segment.open ? segment.rows : 0) + (segment.key === null ? 0 : 1);
