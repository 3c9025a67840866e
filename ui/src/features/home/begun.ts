// What the first screen says is asked for as soon as there is a workspace: it comes while the shell is made.
import type { Home } from "../../bindings/types";
import { call } from "../../platform";

let begun: Promise<Home> | null = null;

export function beginHome(): void {
  begun = call("home", { entity: null });
  // Whoever takes it is told of a failure.
  begun.catch(() => undefined);
}

/** What was begun, for the first that asks. */
export function begunHome(): Promise<Home> | null {
  const one = begun;
  begun = null;
  return one;
}
