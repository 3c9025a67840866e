// Where the focus goes when a form is not taken: to the first field that is at fault, or to what has to be
// given again.
import { tick } from "svelte";

const FAULTY = '[aria-invalid="true"], [data-fault] input';

/** Within the dialog that is open: the first field at fault, else the first that fits. */
export async function focusFault(otherwise = "", faulty = FAULTY): Promise<void> {
  await tick();
  const dialog = [...document.querySelectorAll<HTMLElement>("dialog[open]")].at(-1);
  const found =
    dialog?.querySelector<HTMLElement>(faulty) ??
    (otherwise === "" ? null : dialog?.querySelector<HTMLElement>(otherwise));
  found?.focus();
}
