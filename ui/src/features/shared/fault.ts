// Where the focus goes when a form is not taken: to the first field that is at fault, or to what has to be
// given again.
import { tick } from "svelte";

const FAULTY = '[aria-invalid="true"], [data-fault] :is(input, button)';

/** Within the form, or the dialog that is open: the first field at fault, else the first that fits. */
export async function focusFault(otherwise = "", faulty = FAULTY, form?: HTMLElement): Promise<void> {
  await tick();
  const within = form ?? [...document.querySelectorAll<HTMLElement>("dialog[open]")].at(-1);
  const found =
    within?.querySelector<HTMLElement>(faulty) ??
    (otherwise === "" ? null : within?.querySelector<HTMLElement>(otherwise));
  found?.focus();
}
