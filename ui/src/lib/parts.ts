// A part of a screen that is found by its own name: an import, a report, an export, a setting.

/** By what it is reached: a testid, or the id of a heading. */
export type At = { testid: string } | { heading: string };

/** `press`: it opens something, which still asks before it does anything. `params`: where the screen starts,
 * so that it has the part. */
export type PartOfScreen = {
  title: string;
  at: At;
  press?: boolean;
  params?: Record<string, string>;
};
