// The mapping as it is edited: the table, what it would change, and what the desk proposes for it. Nothing is
// stored before it is submitted, and nothing is in force before another person approves it.
import type {
  ChangeView,
  DeskError,
  MappingEdit,
  MappingPreview,
  MappingSays,
  MappingTable,
  ProposedLine,
  ProposedMapping,
} from "../../bindings/types";
import { ask, work } from "../../lib/desk.svelte";
import { asDeskError } from "../../platform";
import { whole, type WholeTable } from "./table";

export class Editor {
  table = $state<WholeTable>(whole({ version: 2 } as MappingTable));
  /** What there is to choose from. */
  edit = $state.raw<MappingEdit | null>(null);
  proposed = $state.raw<ProposedMapping | null>(null);
  says = $state.raw<MappingSays | null>(null);
  preview = $state.raw<MappingPreview | null>(null);
  submitted = $state.raw<ChangeView | null>(null);
  refused = $state.raw<{ doing: string; error: DeskError } | null>(null);
  busy = $state<"" | "propose" | "submit" | "preview">("");
  /** True once something was typed or proposed that is not submitted. */
  changed = $state(false);
  #soon: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  /** What speaks for the value at a place, as far as it is still the proposal's. */
  line(place: string): ProposedLine | null {
    return this.proposed?.lines.find((line) => line.place === place) ?? null;
  }

  /** Takes over the mapping in force; what somebody is editing stays. */
  take(edit: MappingEdit): void {
    this.edit = edit;
    if (!this.changed) this.table = whole(edit.table);
  }

  /** Something was changed: what it comes to is asked a moment later. */
  touch(): void {
    [this.changed, this.preview, this.submitted] = [true, null, null];
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.look(), 250);
  }

  async look(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const says = await ask("mapping_says", { table: $state.snapshot(this.table) });
      if (turn === this.#turn) this.says = says;
    } catch (error) {
      this.refused = { doing: "What it would change could not be said", error: asDeskError(error) };
    }
  }

  async propose(): Promise<void> {
    await this.#doing("propose", "Nothing was proposed", async () => {
      const proposed = await ask("mapping_propose", {});
      this.proposed = proposed;
      this.table = whole(proposed.table);
      [this.changed, this.preview, this.submitted] = [true, null, null];
      await this.look();
    });
  }

  async submit(): Promise<void> {
    await this.#doing("submit", "It was not submitted", async () => {
      this.submitted = await ask("mapping_submit", { table: $state.snapshot(this.table) });
      this.changed = false;
    });
  }

  async compare(): Promise<void> {
    [this.busy, this.refused] = ["preview", null];
    const text = this.says?.text ?? "";
    this.preview = await work("What the mapping would change", "mapping_preview", { text });
    this.busy = "";
  }

  /** Back to what is in force. */
  drop(): void {
    if (this.edit === null) return;
    [this.changed, this.proposed, this.says, this.preview] = [false, null, null, null];
    this.table = whole(this.edit.table);
  }

  async #doing(what: "propose" | "submit", doing: string, act: () => Promise<void>): Promise<void> {
    if (this.busy !== "") return;
    [this.busy, this.refused] = [what, null];
    try {
      await act();
    } catch (error) {
      this.refused = { doing, error: asDeskError(error) };
    }
    this.busy = "";
  }
}
