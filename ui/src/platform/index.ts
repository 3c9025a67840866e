// The only place that knows the shell. Everything else asks `call` and listens with `on`.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Commands } from "../bindings/commands";
import type { ChangedEvent, DeskError, DeskEvent, OpenEvent, ProgressEvent } from "../bindings/types";

export type Events = { progress: ProgressEvent; changed: ChangedEvent; desk: DeskEvent; open: OpenEvent };
export type CallOptions = { job?: string };

/** What answers instead of the shell while the UI is looked at in a browser (development only). */
export type Stand = {
  call(name: string, request: unknown, options: CallOptions): Promise<unknown>;
  on(event: string, handler: (payload: unknown) => void): () => void;
};

const inShell = "__TAURI_INTERNALS__" in window;

let stand: Promise<Stand> | null = null;
if (import.meta.env.DEV && !inShell) {
  stand = import("../../dev/fake-desk").then((fake) => fake.fakeDesk());
}

/** Whether something is a refusal of the desk. */
function isDeskError(value: unknown): value is DeskError {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}

/** Any failure as the desk's own kind of error: the shell's own faults have no code of the desk. */
export function asDeskError(value: unknown): DeskError {
  if (isDeskError(value)) return value;
  const message = value instanceof Error ? value.message : String(value);
  return { code: "internal", message };
}

/** Sends one command. Rejects with a `DeskError`. */
export async function call<N extends keyof Commands>(
  name: N,
  request: Commands[N][0],
  options: CallOptions = {},
): Promise<Commands[N][1]> {
  try {
    if (stand) return (await (await stand).call(name, request, options)) as Commands[N][1];
    return await invoke<Commands[N][1]>("call", { name, request, job: options.job ?? null });
  } catch (error) {
    throw asDeskError(error);
  }
}

/** Listens to one of the desk's events; the promise gives the way to stop. */
export async function on<E extends keyof Events>(
  event: E,
  handler: (payload: Events[E]) => void,
): Promise<() => void> {
  if (stand) return (await stand).on(event, handler as (payload: unknown) => void);
  return listen<Events[E]>(event, (message) => handler(message.payload));
}
