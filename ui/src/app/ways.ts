// What the palette finds beside actions, queues and screens: every import, report, export and setting, by the
// part of its screen. A part that opens something is pressed; what decides anything asks before it does.
import { desk } from "../lib/desk.svelte";
import type { At, PartOfScreen } from "../lib/parts";
import { SCREENS, type Screen } from "./screens";

type Way = { id: string; title: string; hint?: string; go: () => void };

// Each screen lists its own, beside itself.
const found = import.meta.glob<{ parts: PartOfScreen[] }>("../features/*/parts.ts", { eager: true });
const PLACED = Object.entries(found).flatMap(([path, { parts }]) => {
  const screen = SCREENS.find((one) => path.includes(`/${one.name}/`))?.name;
  return screen ? parts.map((part) => ({ ...part, screen })) : [];
});

/** How long a screen may take to have its part. */
const PATIENCE = 4_000;
const FOCUSABLE = "button, input, select, textarea, a[href], [tabindex]";

/** Calls `then` with the part once it is there. */
function whenThere(selector: string, then: (part: HTMLElement) => void): void {
  const until = performance.now() + PATIENCE;
  const look = (): void => {
    const found = document.querySelector<HTMLElement>(`main ${selector}`);
    if (found) then(found);
    else if (performance.now() < until) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

function reach(part: HTMLElement, press: boolean): void {
  if (press) return part.click();
  part.scrollIntoView({ block: "center" });
  const own = part.matches(FOCUSABLE) ? part : part.querySelector<HTMLElement>(FOCUSABLE);
  const target = own ?? part;
  if (!own) part.tabIndex = -1;
  target.focus({ preventScroll: true });
}

/** Where nothing of the content has the focus after a jump, its first part takes it. */
export function land(): void {
  const until = performance.now() + PATIENCE;
  const look = (): void => {
    const main = document.querySelector<HTMLElement>("main .outlet");
    if (!main || document.querySelector("dialog[open]")) return;
    if (main.contains(document.activeElement)) return;
    if (main.querySelector('[aria-busy="true"]') && performance.now() < until) {
      requestAnimationFrame(look);
      return;
    }
    const first =
      main.querySelector<HTMLElement>('.body [tabindex="0"], [role="grid"]') ??
      main.querySelector<HTMLElement>(".body :is(button, input, select, a[href])") ??
      main.querySelector<HTMLElement>("h1");
    if (first?.matches("h1")) first.tabIndex = -1;
    first?.focus({ preventScroll: true });
  };
  requestAnimationFrame(() => requestAnimationFrame(look));
}

const selectorOf = (at: At): string => ("testid" in at ? `[data-testid="${at.testid}"]` : `#${at.heading}`);

export const ways = (): Way[] =>
  PLACED.map(({ title, screen, at, press = false, params }) => ({
    id: `w.${"testid" in at ? at.testid : at.heading}`,
    title,
    go: () => goTo(screen, at, press, params),
  }));

/** Shows the screen, starting where it is said, and puts the focus on its part, or presses it. */
export function goTo(screen: Screen, at: At, press = false, params?: Record<string, string>): void {
  if (params !== undefined || desk.route.screen !== screen) desk.go(screen, params);
  whenThere(selectorOf(at), (part) => reach(part, press));
}
