// The number formats one can choose. Each is named by what it does, not by a country's flag.
import type { DateFormat } from "../../bindings/types";
import { amount, type Look } from "../../lib/format";

const TAGS = ["en-GB", "de-DE", "fr-FR", "de-CH", "en-IN", "es-ES", "sv-SE", "ja-JP"];
const SPOKEN: Record<string, string> = {
  "en-GB": "English",
  "de-DE": "German",
  "fr-FR": "French",
  "de-CH": "Swiss",
  "en-IN": "Indian",
  "es-ES": "Spanish",
  "sv-SE": "Swedish",
  "ja-JP": "Japanese",
};

const SAMPLE = "1234567.89";

export function numberFormats(look: Look, now: string): { value: string; label: string }[] {
  // A tag that came with the settings and is not in the list is never lost by opening this screen.
  const tags = TAGS.includes(now) || now === "" ? TAGS : [...TAGS, now];
  const sample = (tag: string) => amount(SAMPLE, "USD", { ...look, number_format: tag }, false);
  return [
    { value: "", label: `As the system (${sample("")})` },
    ...tags.map((tag) => ({ value: tag, label: `${sample(tag)}  ${SPOKEN[tag] ?? tag}` })),
  ];
}

export const DATE_FORMATS: DateFormat[] = ["d MMM yyyy", "yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy"];

export const LOCKS = [1, 5, 10, 15, 30, 60, 0];
export const lockWords = (minutes: number): string =>
  minutes === 0 ? "Never" : minutes === 60 ? "1 hour" : `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
