// What a screen asked for: the answer, the failure, or still asking. Asked again when what the request was
// made of changes, and whenever something in the workspace changed.
import type { DeskError } from "../../bindings/types";
import { desk } from "../../lib/desk.svelte";
import { asDeskError } from "../../platform";

export class Loaded<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<DeskError | null>(null);
  busy = $state(true);
  #again = $state(0);
  #turn = 0;

  /** There is something to see: an answer, or why there is none. */
  get there(): boolean {
    return this.value !== null || this.error !== null;
  }

  constructor(ask: () => Promise<T>) {
    $effect(() => {
      void desk.generation;
      void this.#again;
      const turn = ++this.#turn;
      this.busy = true;
      // Whatever `ask` reads before it first waits makes the request, so a change of it asks again.
      ask().then(
        (value) => {
          if (turn === this.#turn) this.#settle(value, null);
        },
        (error: unknown) => {
          if (turn === this.#turn) this.#settle(this.value, asDeskError(error));
        },
      );
    });
  }

  #settle(value: T | null, error: DeskError | null): void {
    [this.value, this.error, this.busy] = [value, error, false];
  }

  again(): void {
    this.#again += 1;
  }
}

/** For use while a component is made. */
export function loads<T>(ask: () => Promise<T>): Loaded<T> {
  return new Loaded(ask);
}
