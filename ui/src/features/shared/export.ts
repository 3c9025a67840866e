// Writes what a screen shows to a file: the place is picked, the core writes, and only then it is said to be
// written.
import type {
  BreachRequest,
  LogRequest,
  Nothing,
  PostingsRequest,
  TieOutRequest,
} from "../../bindings/types";
import { ask, desk, work } from "../../lib/desk.svelte";
import { count } from "../../lib/format";
import { plural } from "../../lib/names";

/** What a screen shows, filters and all. */
export type Shown =
  | { tie_out: TieOutRequest }
  | { postings: PostingsRequest }
  | { log: LogRequest }
  | { breaches: BreachRequest }
  | { access: Nothing }
  | { conflicts: Nothing };

export async function exportTo(shown: Shown, format: "csv" | "xlsx", name: string): Promise<void> {
  const path = await picked(format === "csv" ? "export_csv" : "export_xlsx", `${name}.${format}`);
  if (path === null) return;
  // The file dialog has already asked before replacing a file.
  const what = Object.keys(shown)[0] ?? "";
  // What is always written whole has nothing to be asked for.
  const asked = "access" in shown || "conflicts" in shown ? {} : shown;
  const written = await work("Export", "export", {
    what,
    query: null,
    tie_out: null,
    postings: null,
    log: null,
    breaches: null,
    ...asked,
    path,
    force: true,
  });
  if (written !== null)
    desk.toast(
      "ok",
      `${count(written.rows, desk.look)} ${plural(written.rows, "row")} written`,
      written.path,
    );
}

/** A path from the system's file dialog; null where it was closed, or failed (which is then said). */
export async function picked(
  purpose: Parameters<typeof ask<"pick">>[1]["purpose"],
  suggested: string | null = null,
): Promise<string | null> {
  try {
    return (await ask("pick", { purpose, suggested })).path;
  } catch (error) {
    desk.fail(error, "Choosing a file");
    return null;
  }
}
