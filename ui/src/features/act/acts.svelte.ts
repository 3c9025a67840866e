// Which act is open, on what. The detail and the list both start acts; the dialog in Act.svelte carries them
// out.
import type { ExceptionDetail } from "../../bindings/types";
import type { ActName } from "./plan";

class Acts {
  /** The act whose dialog is open. */
  open = $state.raw<{ act: ActName; ids: string[] } | null>(null);
  /** The list of all acts is open. */
  menu = $state(false);
  /** What is known of the row in the detail pane: what may be done with it, and why not. */
  detail = $state.raw<ExceptionDetail | null>(null);
}

export const acts = new Acts();
