/** The words that were typed. */
export const typedWords = (typed: string): string[] => typed.toLowerCase().split(/\s+/).filter(Boolean);

/** Whether what was typed is how the title begins. */
export const begins = (title: string | undefined, typed: string): boolean =>
  typed.trim() !== "" && title !== undefined && title.toLowerCase().startsWith(typed.trim().toLowerCase());

/** Entries whose title has every word that was typed, those that start with it first; `words` are others by
 * which one is looked for, and count less. */
export function rank<T extends { title: string; words?: string }>(typed: string, entries: T[]): T[] {
  const words = typedWords(typed);
  if (!words.length) return entries;
  const score = ({ title, words: others = "" }: T): number => {
    const text = title.toLowerCase();
    if (!words.every((word) => text.includes(word)))
      return words.every((word) => `${text} ${others}`.includes(word)) ? 1 : -1;
    return words.reduce(
      (sum, word) =>
        sum +
        (text.startsWith(word)
          ? 3
          : new RegExp(`[^a-z0-9]${word.replace(/[^a-z0-9]/g, "\\$&")}`).test(text)
            ? 2
            : 1),
      0,
    );
  };
  return entries
    .map((entry) => ({ entry, points: score(entry) }))
    .filter((one) => one.points > 0)
    .sort((a, b) => b.points - a.points)
    .map((one) => one.entry);
}
