// A desk that is not there: seeded, believable answers for looking at the UI in a browser. Only the
// development server loads it; the built app has no trace of it.
import type { Commands } from "../src/bindings/commands";
import type { Stand } from "../src/platform";

export type Handlers = {
  [N in keyof Commands]?: (
    request: Commands[N][0],
    job: string | undefined,
    desk: FakeDesk,
  ) => Commands[N][1] | Promise<Commands[N][1]>;
};

/** What a handler may use besides its own data. */
export type FakeDesk = {
  emit: (event: string, payload: unknown) => void;
  cancelled: (job: string | undefined) => boolean;
  stop: (job: string) => void;
  wait: (milliseconds: number) => Promise<void>;
};

/** Numbers that look random and are the same each time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Cents as decimal text with the currency's digits. */
export function decimal(minor: number, digits = 2): string {
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const sign = minor < 0 ? "-" : "";
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export function fakeDesk(): Stand {
  const found = import.meta.glob<{ handlers: Handlers }>("./fakes/*.ts", { eager: true });
  const handlers: Handlers = Object.assign({}, ...Object.values(found).map((module) => module.handlers));
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  const stopped = new Set<string>();
  const wait = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));
  const desk: FakeDesk = {
    emit: (event, payload) => listeners.get(event)?.forEach((handler) => handler(payload)),
    cancelled: (job) => job !== undefined && stopped.has(job),
    stop: (job) => {
      stopped.add(job);
    },
    wait,
  };
  const delay = Number(new URLSearchParams(location.search).get("delay") ?? "8");
  return {
    async call(name, request, options) {
      await wait(delay);
      const handler = handlers[name as keyof Commands] as
        ((request: unknown, job: string | undefined, desk: FakeDesk) => unknown) | undefined;
      if (!handler) throw { code: "not_faked", message: `The fake desk does not know “${name}”.` };
      // A copy, as across a real boundary: nobody shares objects with the desk.
      return structuredClone(await handler(structuredClone(request), options.job, desk));
    },
    on(event, handler) {
      const set = listeners.get(event) ?? new Set();
      set.add(handler);
      listeners.set(event, set);
      return () => set.delete(handler);
    },
  };
}
