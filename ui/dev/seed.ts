// What all answers of the fake desk share: the address's switches, the time, entities and periods.
export const search = new URLSearchParams(location.search);
/** ?empty shows every screen as a new workspace sees it. */
export const EMPTY = search.has("empty");
export const NOW = Date.now();
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** An instant or a day so long ago; instants in milliseconds, days in days. */
export const iso = (ago: number): string => new Date(NOW - ago).toISOString().replace(/\.\d{3}Z$/, "Z");
export const day = (ago: number): string => new Date(NOW - ago * 24 * HOUR).toISOString().slice(0, 10);
/** Each entity's code, functional currency and the digits of its minor unit. */
export const ENTITIES: [string, string, number][] = [
  ["US01", "USD", 2],
  ["GB01", "GBP", 2],
  ["DE01", "EUR", 2],
  ["JP01", "JPY", 0],
];
export const PERIODS = ["2026-11", "2026-10", "2026-09"];
