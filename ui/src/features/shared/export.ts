// Writes what a screen shows to a file: the place is picked, the core writes, and only then it is said to be written.
import { ask, desk, work } from "../../lib/desk.svelte";
import { count } from "../../lib/format";
import { plural } from "../../lib/names";

export async function exportTo(what: "tie_out" | "postings" | "log", format: "csv" | "xlsx", name: string): Promise<void> {
  const path = await picked(format === "csv" ? "export_csv" : "export_xlsx", `${name}.${format}`);
  if (path === null) return;
  // The file dialog has already asked before replacing a file.
  const written = await work("Export", "export", { what, query: null, path, force: true });
  if (written !== null) desk.toast("ok", `${count(written.rows, desk.look)} ${plural(written.rows, "row")} written`, written.path);
}

/** A path from the system's file dialog; null where it was closed, or failed (which is then said). */
export async function picked(purpose: Parameters<typeof ask<"pick">>[1]["purpose"], suggested: string | null = null): Promise<string | null> {
  try {
    return (await ask("pick", { purpose, suggested })).path;
  } catch (error) {
    desk.fail(error, "Choosing a file");
    return null;
  }
}
