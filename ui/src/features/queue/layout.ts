// How a person has arranged the grid on this machine. It is a convenience of the window, not part of the
// workspace.
import { type Arrangement, FIRST_ARRANGEMENT, known } from "../../grid/columns";

const KEY = "tieout.columns";

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
