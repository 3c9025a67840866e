// The lists of the first screen as one: J and K go through all of them, Tab from one to the next.

const ITEM = "[data-item]";
const SECTION = "[data-items]";

const shown = (within: Element): HTMLElement[] => [...within.querySelectorAll<HTMLElement>(ITEM)];

/** One item of each list can be reached by Tab: the one that was last in focus, else the first. */
function settle(body: HTMLElement): void {
  for (const section of body.querySelectorAll(SECTION)) {
    const items = shown(section);
    const kept = items.find((item) => item.tabIndex === 0 && item.dataset["item"] === "kept") ?? items[0];
    for (const item of items) item.tabIndex = item === kept ? 0 : -1;
  }
}

/** Keeps the lists so while they change. */
export function isDone(body: HTMLElement): { destroy: () => void } {
  const watch = new MutationObserver(() => settle(body));
  const focused = (event: FocusEvent): void => {
    const item = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(ITEM) : null;
    const section = item?.closest(SECTION);
    if (!item || !section) return;
    for (const one of shown(section)) one.dataset["item"] = "";
    item.dataset["item"] = "kept";
    for (const one of shown(section)) one.tabIndex = one === item ? 0 : -1;
  };
  const arrows = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (!(event.target instanceof HTMLElement) || !event.target.matches(ITEM)) return;
    event.preventDefault();
    step(body, event.key === "ArrowDown" ? 1 : -1);
  };
  settle(body);
  watch.observe(body, { childList: true, subtree: true });
  body.addEventListener("focusin", focused);
  body.addEventListener("keydown", arrows);
  return {
    destroy: () => {
      watch.disconnect();
      body.removeEventListener("focusin", focused);
      body.removeEventListener("keydown", arrows);
    },
  };
}

/** Where the focus lands: the first thing to do. */
export const landing = (body: HTMLElement): HTMLElement | undefined => shown(body)[0];

/** The next item of all lists, or the one before. */
export function step(body: HTMLElement, by: 1 | -1): void {
  const items = shown(body);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = items[at < 0 ? 0 : Math.min(Math.max(at + by, 0), items.length - 1)];
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}
