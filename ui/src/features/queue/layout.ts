// How a person has arranged the grid on this machine. It is a convenience of the window, not part of the
// workspace.
import { type Arrangement, FIRST_ARRANGEMENT, known } from "../../grid/columns";

// A newer name than the columns of before: those who arranged them get the new order once.
const KEY = "tieout.columns.2";
const PANEL = "tieout.panel";

/** Pixels of the detail: at least, usually, and by which a key moves it. */
export const LEAST = 380;
export const USUAL = 444;
export const STEP = 24;

/** Kept for each width of the window, to the next hundred pixels. */
const panelKey = (): string => `${PANEL}.${Math.round(window.innerWidth / 100)}`;

export function readPanel(): number {
  try {
    const kept = Number(localStorage.getItem(panelKey()) ?? "");
    if (kept >= LEAST) return Math.min(kept, Math.max(LEAST, Math.floor(window.innerWidth / 2)));
  } catch {
    // As below.
  }
  return window.innerWidth >= 1800 ? 516 : USUAL;
}

export function keepPanel(width: number): void {
  try {
    localStorage.setItem(panelKey(), String(width));
  } catch {
    // Without storage it has its usual width after the next start.
  }
}

export function readArrangement(): Arrangement {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Partial<Arrangement> | null;
    const ids = known(kept?.ids ?? []).map((column) => column.id);
    return ids.length ? { ids, widths: kept?.widths ?? {}, pinned: kept?.pinned ?? 0 } : FIRST_ARRANGEMENT;
  } catch {
    return FIRST_ARRANGEMENT;
  }
}

export function keepArrangement(arrangement: Arrangement): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(arrangement));
  } catch {
    // Without storage the columns are as at first after the next start; nothing else is lost.
  }
}
