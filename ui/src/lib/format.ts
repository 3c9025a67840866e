// How values are shown. Amounts arrive as exact decimal text and are only ever cut and joined as text: `Intl`
// is asked for a locale's separators and for nothing else.
import type { Settings } from "../bindings/types";

export type Look = Pick<Settings, "number_format" | "negative" | "date_format">;

const MINUS = "\u2212";
const DIGITS: Record<string, number> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};
/** Only signs that mean one currency: "$" is the US dollar's, every other dollar shows its code. */
const SIGNS: Record<string, string> = { USD: "$", EUR: "€", GBP: "£", JPY: "¥", INR: "₹", KRW: "₩" };

type Separators = {
  group: string;
  decimal: string;
  first: number;
  next: number;
  least: number;
  after: boolean;
  space: string;
};
const separatorsOf = new Map<string, Separators>();

function separators(locale: string): Separators {
  const known = separatorsOf.get(locale);
  if (known) return known;
  let made: Separators;
  try {
    made = askIntl(locale);
  } catch {
    made = askIntl("en"); // a tag that no longer exists must not take the amounts away
  }
  separatorsOf.set(locale, made);
  return made;
}

/** A machine whose locale was never set (POSIX's "C") groups no digits: books are not read like that. */
export function ofSystem(locale: string): string {
  return /posix|^(c|und)\b/i.test(locale) ? "en" : locale;
}

function askIntl(locale: string): Separators {
  const tag = locale === "" ? ofSystem(new Intl.NumberFormat().resolvedOptions().locale) : locale;
  const latin = { numberingSystem: "latn", minimumFractionDigits: 1 } as const;
  const parts = new Intl.NumberFormat(tag, latin).formatToParts(123456789.5);
  const groups = parts.filter((part) => part.type === "integer").map((part) => part.value.length);
  const group = parts.find((part) => part.type === "group")?.value ?? "";
  const decimal = parts.find((part) => part.type === "decimal")?.value ?? ".";
  const four = new Intl.NumberFormat(tag, latin).formatToParts(1234.5).some((part) => part.type === "group");
  const money = new Intl.NumberFormat(tag, { ...latin, style: "currency", currency: "EUR" }).formatToParts(
    1.5,
  );
  const sign = money.findIndex((part) => part.type === "currency");
  const first = groups.at(-1) ?? 3;
  return {
    group,
    decimal,
    first,
    next: groups.length > 2 ? (groups.at(-2) ?? first) : first,
    least: four ? 4 : 5,
    after: sign > money.findIndex((part) => part.type === "integer"),
    space: money.some((part) => part.type === "literal") ? "\u00a0" : "",
  };
}

function grouped(digits: string, how: Separators): string {
  if (how.group === "" || digits.length < how.least || digits.length <= how.first) return digits;
  const parts = [digits.slice(-how.first)];
  let rest = digits.slice(0, -how.first);
  while (rest.length > how.next) {
    parts.unshift(rest.slice(-how.next));
    rest = rest.slice(0, -how.next);
  }
  if (rest !== "") parts.unshift(rest);
  return parts.join(how.group);
}

/** Digits after the point that a currency has. */
function exponent(currency: string): number {
  return DIGITS[currency] ?? 2;
}

type Cut = { negative: boolean; whole: string; fraction: string };

/** Takes decimal text apart; null where it is no decimal text. */
function cut(amount: string): Cut | null {
  const match = /^([+-])?(\d+)(?:\.(\d*))?$/.exec(amount.trim());
  if (!match) return null;
  const whole = (match[2] ?? "0").replace(/^0+(?=\d)/, "");
  const fraction = match[3] ?? "";
  const zero = /^0*$/.test(whole + fraction);
  return { negative: match[1] === "-" && !zero, whole, fraction };
}

/** True for "0", "0.00", "-0.00" and "". */
export const isZero = (amount: string): boolean => !/[1-9]/.test(amount);

/** True for an amount below zero. */
export const isNegative = (amount: string): boolean => cut(amount)?.negative ?? false;

/** An amount as people read it: "£8,640.00", "(£420.00)", "CAD 1,200.00". Digits are never dropped. */
export function amount(value: string, currency: string, look: Look, sign = true): string {
  const parts = cut(value);
  if (!parts) return value;
  const how = separators(look.number_format);
  const fraction = parts.fraction.padEnd(exponent(currency), "0");
  const number = grouped(parts.whole, how) + (fraction === "" ? "" : how.decimal + fraction);
  const shown = sign ? withSign(number, currency, how) : number;
  if (!parts.negative) return shown;
  return look.negative === "minus" ? MINUS + shown : `(${shown})`;
}

/** An amount as a sentence says it: "£412k", "$1.2m", below ten thousand in whole units. What is cut off is
 * not rounded: no figure is said to be more than it is. */
export function short(value: string, currency: string, look: Look): string {
  const parts = cut(value);
  if (!parts) return value;
  const how = separators(look.number_format);
  const { whole } = parts;
  const tenth = whole.slice(-6, -5);
  const text =
    whole.length > 6
      ? `${grouped(whole.slice(0, -6), how)}${whole.length < 9 && tenth !== "0" ? how.decimal + tenth : ""}m`
      : whole.length > 4
        ? `${whole.slice(0, -3)}k`
        : grouped(whole, how);
  const shown = withSign(text, currency, how);
  if (!parts.negative) return shown;
  return look.negative === "minus" ? MINUS + shown : `(${shown})`;
}

function withSign(number: string, currency: string, how: Separators): string {
  const mark = SIGNS[currency];
  if (how.after) return `${number}\u00a0${mark ?? currency}`;
  return mark ? `${mark}${how.space}${number}` : `${currency}\u00a0${number}`;
}

/** A count with the locale's grouping. */
export function count(value: number, look: Look): string {
  const text = grouped(String(Math.abs(Math.trunc(value))), separators(look.number_format));
  return value < 0 ? MINUS + text : text;
}

/** What a person typed or pasted as an amount ("$1,234.56", "(420,00)") as decimal text, or null. */
export function readAmount(typed: string, look: Look): string | null {
  const how = separators(look.number_format);
  let text = typed
    .trim()
    .replace(/[\s\u00a0\u202f'’]/g, "")
    .replace(/^[A-Z]{3}|[A-Z]{3}$|[$€£¥₹₩]/g, "");
  let negative = false;
  if (/^\(.*\)$/.test(text)) [negative, text] = [true, text.slice(1, -1)];
  text = text.replace(/[$€£¥₹₩]/g, "");
  if (/^[-\u2212]/.test(text)) [negative, text] = [true, text.slice(1)];
  const last = Math.max(text.lastIndexOf("."), text.lastIndexOf(","));
  const tail = text.length - last - 1;
  const both = text.includes(".") && text.includes(",");
  const decimal = last < 0 ? "" : both || text[last] === how.decimal || tail !== 3 ? text.charAt(last) : "";
  if (decimal !== "" && text.split(decimal).length > 2) return null;
  const [whole = "", fraction = ""] = decimal === "" ? [text] : text.split(decimal);
  const digits = whole.replace(/[.,]/g, "");
  if (!/^\d+$/.test(digits) || !/^\d*$/.test(fraction)) return null;
  return (negative ? "-" : "") + digits + (fraction === "" ? "" : `.${fraction}`);
}

// ── dates ─────────────────────────────────────────────────────────────────────────────────────────────────
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number | string): string => String(value).padStart(2, "0");

function written(year: number, month: number, day: number, format: string): string {
  switch (format) {
    case "yyyy-MM-dd":
      return `${year}-${two(month)}-${two(day)}`;
    case "dd/MM/yyyy":
      return `${two(day)}/${two(month)}/${year}`;
    case "MM/dd/yyyy":
      return `${two(month)}/${two(day)}/${year}`;
    default:
      return `${day} ${MONTHS[month - 1] ?? "?"} ${year}`;
  }
}

/** A date of the books ("2026-10-30"), which belongs to no time zone. */
export function date(value: string | null, look: Look): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(value ?? "");
  return match
    ? written(Number(match[1]), Number(match[2]), Number(match[3]), look.date_format)
    : (value ?? "–");
}

/** The same for a narrow column: without the year while it is this one's and the format names the month. */
export function shortDate(value: string | null, look: Look, now = new Date()): string {
  return withoutYear(date(value, look), look, now);
}

/** A written date without its year where that is this one and stands last. */
function withoutYear(written: string, look: Look, now: Date): string {
  const year = ` ${now.getFullYear()}`;
  return look.date_format === "d MMM yyyy" && written.endsWith(year)
    ? written.slice(0, -year.length)
    : written;
}

/** Day and time of an instant in this machine's time zone; null where it is none. */
function dayAndTime(value: string, look: Look): [day: string, time: string] | null {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return null;
  const day = written(at.getFullYear(), at.getMonth() + 1, at.getDate(), look.date_format);
  return [day, timeOf(at)];
}

const timeOf = (at: Date): string => `${two(at.getHours())}:${two(at.getMinutes())}`;

/** An instant in this machine's time zone: "3 Nov 2026, 08:12". */
export function instant(value: string | null, look: Look): string {
  if (value === null) return "never";
  return dayAndTime(value, look)?.join(", ") ?? value;
}

/** An instant where there is little room: "3 Nov, 08:12" within this year. */
export function shortInstant(value: string, look: Look, now = new Date()): string {
  const parts = dayAndTime(value, look);
  return parts === null ? value : `${withoutYear(parts[0], look, now)}, ${parts[1]}`;
}

/** "09:41" today, date and time otherwise. */
export function clock(value: string, look: Look, now = new Date()): string {
  const at = new Date(value);
  return at.toDateString() === now.toDateString() ? timeOf(at) : instant(value, look);
}

/** An accounting period: "2026-10" reads "Oct 2026"; other keys stay as the calendar names them. */
export function period(key: string | null): string {
  const match = /^(\d{4})-(\d\d)$/.exec(key ?? "");
  const month = match ? MONTHS[Number(match[2]) - 1] : undefined;
  return match && month ? `${month} ${match[1]}` : (key ?? "–");
}

/** Two periods: "Oct to Nov 2026", the first year only where it is another. */
export function periods(from: string, to: string): string {
  const [one, other] = [period(from), period(to)];
  const year = other.slice(-5);
  return `${one.endsWith(year) && other !== to ? one.slice(0, -year.length) : one} to ${other}`;
}

/** A date as a person types it, in the settings' format, with the month's name, or as "2026-10-30"; null
 * where it is none. */
export function readDate(typed: string, look: Look): string | null {
  const text = typed.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const named = /^(\d{1,2})\s+([a-z]{3})[a-z]*\.?\s+(\d{4})$/i.exec(text);
  const slashed = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(text);
  if (iso) return checked(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  if (named)
    return checked(
      Number(named[3]),
      1 + MONTHS.findIndex((one) => one.toLowerCase() === named[2]?.toLowerCase()),
      Number(named[1]),
    );
  if (!slashed) return null;
  const [first, second, year] = [Number(slashed[1]), Number(slashed[2]), Number(slashed[3])];
  return look.date_format === "MM/dd/yyyy" ? checked(year, first, second) : checked(year, second, first);
}

/** Only days that exist. */
function checked(year: number, month: number, day: number): string | null {
  const at = new Date(Date.UTC(year, month - 1, day));
  const real = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return real ? `${year}-${two(month)}-${two(day)}` : null;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago: "just now", "2 min ago", "3 h ago", "2 days ago". */
export function ago(value: string | null, now: number = Date.now()): string {
  if (value === null) return "never";
  const since = now - new Date(value).getTime();
  if (Number.isNaN(since)) return value;
  if (since < MINUTE) return "just now";
  if (since < HOUR) return `${Math.floor(since / MINUTE)} min ago`;
  if (since < DAY) return `${Math.floor(since / HOUR)} h ago`;
  const days = Math.floor(since / DAY);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

/** How long until it is due, or how long it has been: "4 h", "1 d", "−1 d". */
export function due(value: string | null, now: number = Date.now()): string {
  if (value === null) return "";
  const left = new Date(value).getTime() - now;
  if (Number.isNaN(left)) return value;
  const size = Math.abs(left);
  const text =
    size >= DAY
      ? `${Math.floor(size / DAY)} d`
      : size >= HOUR
        ? `${Math.floor(size / HOUR)} h`
        : `${Math.max(1, Math.floor(size / MINUTE))} min`;
  return left < 0 ? MINUS + text : text;
}

/** How long it has been due: "2 d over". */
export const overWords = (value: string, now: number): string =>
  `${due(value, now).slice(MINUS.length)} over`;

/** The same for a list: "18:00" today, "Fri" within a week, a date after that; "2 d over" once it is past. */
export function dueShort(value: string | null, look: Look, now: number = Date.now()): string {
  if (value === null) return "";
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return value;
  const left = at.getTime() - now;
  if (left < 0) return overWords(value, now);
  if (at.toDateString() === new Date(now).toDateString()) return timeOf(at);
  if (left < 6 * DAY) return WEEKDAYS[at.getDay()] ?? "";
  return withoutYear(
    written(at.getFullYear(), at.getMonth() + 1, at.getDate(), look.date_format),
    look,
    new Date(now),
  );
}

/** Seconds until an instant, for "resumes in 40 s". */
export function secondsUntil(value: string, now: number = Date.now()): number {
  return Math.max(0, Math.ceil((new Date(value).getTime() - now) / 1000));
}

/** Minutes as a person says them: "40 min", "3 h", "2 d 4 h". */
export function minutes(value: number): string {
  if (value < 60) return `${Math.round(value)} min`;
  const hours = Math.floor(value / 60);
  if (hours < 48)
    return value % 60 >= 1 && hours < 10 ? `${hours} h ${Math.round(value % 60)} min` : `${hours} h`;
  return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${hours / 24} d`;
}

/** How large a file is. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${Math.round(bytes / 1000 ** at)} ${units[at]}`;
}
