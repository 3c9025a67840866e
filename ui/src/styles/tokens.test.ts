import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

function tokens(theme: string): Record<string, string> {
  const block = new RegExp(`\\[data-theme="${theme}"\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((match) => [match[1] ?? "", match[2] ?? ""]),
  );
}

function luminance(hex: string): number {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function ratio(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

const TEXT: [ink: string, grounds: string[]][] = [
  ["ink", ["bg", "pane", "sel", "accent-soft", "mark", "bad-soft", "warn-soft"]],
  ["ink2", ["bg", "pane", "sel", "mark"]],
  ["ink3", ["bg", "pane", "sel"]],
  ["accent", ["bg", "pane", "accent-soft", "sel"]],
  ["bad", ["pane", "bg", "sel", "bad-soft"]],
  ["warn", ["pane", "bg", "warn-soft"]],
  ["ok", ["pane", "bg", "ok-soft"]],
  ["on-accent", ["accent"]],
  // The families of roles over columns.
  ...["who", "when", "what", "money"].map((one): [string, string[]] => [one, [`${one}-soft`]]),
];

describe.each([
  ["light", 4.5],
  ["dark", 4.5],
  ["contrast", 7],
])("%s", (theme, least) => {
  const of = tokens(theme);
  it.each(TEXT.flatMap(([ink, grounds]) => grounds.map((ground) => [ink, ground] as const)))(
    "%s on %s can be read",
    (ink, ground) => {
      expect(ratio(of[ink] ?? "", of[ground] ?? "")).toBeGreaterThanOrEqual(least);
    },
  );
  it("edges of controls can be seen", () =>
    expect(ratio(of["edge"] ?? "", of["pane"] ?? "")).toBeGreaterThanOrEqual(3));
});
