// The state of the app: who acts in which workspace, where the window is, and what runs. Screens read it and
// reload when `generation` moves.
import type { Commands } from "../bindings/commands";
import type {
  AppState,
  ConnectionView,
  DeskError,
  ExceptionQuery,
  OpenEvent,
  Outcome,
  PersonView,
  QueueCounts,
  Restored,
  SavedView,
  Settings,
} from "../bindings/types";
import type { Screen } from "../app/screens";
import { asDeskError, call, on } from "../platform";
import { isClosed, isStopped, needsSecret } from "./codes";
import { keyFor, onRefused, remap, run } from "./actions";
import type { Look } from "./format";
import { afterReason } from "./refusal";
import { query } from "./query";
import { told } from "./said";
import { stacked, type Toast } from "./toasts";

/** Where a screen starts. `queue`: a query with a title; others say what they take. */
export type RouteParams = {
  title?: string;
  query?: Partial<ExceptionQuery>;
  view?: string;
  select?: string;
  [more: string]: unknown;
};
type Route = { screen: Screen; params: RouteParams; visit: number };

export type Job = {
  id: string;
  title: string;
  what: string;
  done: number;
  total: number | null;
  cancelling: boolean;
};
/** Someone must give their own secret before the call that waits can go on. One that was never set is set
 * here and now. */
type SecretAsk = {
  person: string;
  name: string;
  unset: boolean;
  /** Their OS account, from which no one-time code is needed. */
  account: string | null;
  answer: (given: boolean) => void;
};

export const FIRST_SETTINGS: Settings = {
  theme: "system",
  text_size: 100,
  density: "standard",
  number_format: "",
  negative: "parentheses",
  date_format: "d MMM yyyy",
  lock_after_minutes: 15,
  notifications: false,
  start_with_session: false,
  shortcuts: {},
};

class Desk {
  app = $state.raw<AppState | null>(null);
  /** Why the very first question was not answered. */
  startError = $state.raw<DeskError | null>(null);
  generation = $state(0);
  /** Moves once a minute, so that ages never stand still. */
  now = $state(Date.now());
  route = $state.raw<Route>({ screen: "home", params: {}, visit: 0 });
  entity = $state<string | null>(null);
  period = $state<string | null>(null);
  counts = $state.raw<QueueCounts | null>(null);
  /** What is connected; null until it was read. The footer keeps it up to date. */
  connections = $state.raw<ConnectionView[] | null>(null);
  views = $state.raw<SavedView[]>([]);
  toasts = $state.raw<Toast[]>([]);
  jobs = $state.raw<Job[]>([]);
  secretAsk = $state.raw<SecretAsk | null>(null);
  /** What a restore made, until its codes were noted: they are told once. */
  restored = $state.raw<Restored | null>(null);
  /** A workspace's file that was opened outside the window and waits for a yes. */
  openFile = $state<string | null>(null);
  /** What the log was last proven to be, by the audit screen. */
  verified = $state.raw<{ sound: boolean; entries: number } | null>(null);
  /** Moves when shortcuts are remapped, so that hints follow. */
  private shortcutsVersion = $state(0);

  settings = $derived<Settings>(this.app?.settings ?? FIRST_SETTINGS);
  look = $derived<Look>(this.settings);
  workspace = $derived(this.app?.workspace ?? null);
  seat = $derived(this.app?.workspace?.seat ?? null);

  #toastNumber = 0;
  #trail: Route[] = [];

  /** The key shown for an action, following the settings. */
  key(id: string): string | null {
    void this.shortcutsVersion;
    return keyFor(id);
  }

  /** Takes how things stand. What was seen before what is shown already is stale, whenever it arrives: of it
   * only what is told once counts. */
  take(app: AppState): void {
    const before = this.app?.workspace;
    const now = { ...app, open: null };
    if (!this.app || app.look >= this.app.look) {
      // What is the same as before has nobody read anything again.
      const same = JSON.stringify({ ...now, look: 0 }) === JSON.stringify({ ...this.app, look: 0 });
      this.app = now;
      if (!same) this.#stands(app, before?.path);
    }
    if (app.open) this.show(app.open);
  }

  #stands(app: AppState, before: string | undefined): void {
    remap(app.settings.shortcuts);
    this.shortcutsVersion += 1;
    if (before !== app.workspace?.path) this.#forget();
    this.generation += 1;
  }

  /** What a link, a file or the menu bar asks for. */
  show(asked: OpenEvent): void {
    if (asked.exception)
      this.openQueue({ state: "all", entity: null, period: null }, "All exceptions", asked.exception);
    else if (asked.file) this.go("import", { file: asked.file });
    else if (asked.action) run(asked.action);
    else if (asked.workspace && asked.workspace !== this.workspace?.path) this.openFile = asked.workspace;
  }

  #forget(): void {
    [this.entity, this.period, this.counts, this.connections, this.views, this.verified] = [
      null,
      null,
      null,
      null,
      [],
      null,
    ];
    this.route = { screen: "home", params: {}, visit: this.route.visit + 1 };
    this.#trail = [];
  }

  go(screen: Screen, params: RouteParams = {}): void {
    this.#trail = [...this.#trail.slice(-30), this.route];
    // The pickers in the header always say what the rows are narrowed to, a view's own entity and period
    // included.
    const { query } = params;
    if (query && "entity" in query) this.entity = query.entity ?? null;
    if (query && "period" in query) this.period = query.period ?? null;
    this.route = { screen, params, visit: this.route.visit + 1 };
  }

  back(): void {
    const last = this.#trail.pop();
    if (last) this.route = { ...last, visit: this.route.visit + 1 };
  }

  /** Opens the queue behind a figure. */
  openQueue(differs: Partial<ExceptionQuery>, title: string, select?: string): void {
    this.go("queue", { query: differs, title, select });
  }

  /** The query of a route within the entity and period that are picked. */
  scoped(differs: Partial<ExceptionQuery>): ExceptionQuery {
    return query({ entity: this.entity, period: this.period, ...differs });
  }

  /** Says what happened. What has the same cause again is counted; without one, what says the same. */
  toast(tone: Toast["tone"], text: string, detail?: string, cause = `${text} ${detail ?? ""}`): void {
    const toast = { id: ++this.#toastNumber, tone, text, detail, cause };
    this.toasts = stacked(this.toasts, toast);
    if (tone !== "bad") setTimeout(() => this.#pass(toast.id), 6000);
  }

  /** What went well goes by itself, but not while somebody is reading it. */
  #pass(id: number): void {
    if (document.querySelector(".toasts:is(:hover, :focus-within)")) setTimeout(() => this.#pass(id), 2000);
    else this.dropToast(id);
  }

  /** Closes the newest message; true where it was one that stays. */
  dropNewest(): boolean {
    const newest = this.toasts.at(-1);
    if (newest) this.dropToast(newest.id);
    return newest?.tone === "bad";
  }

  dropToast(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  fail(error: unknown, doing?: string): void {
    const known = asDeskError(error);
    if (isStopped(known)) return this.toast("mut", doing ? `${doing}: stopped` : "Stopped");
    const message = told(known.pieces, known.message, this.look);
    const text = doing ? `${doing}: ${message}` : message;
    this.toast("bad", text, afterReason(known), `${doing ?? ""} ${known.code}`);
  }

  setJob(id: string, change: Partial<Job>): void {
    this.jobs = this.jobs.map((job) => (job.id === id ? { ...job, ...change } : job));
  }
}

export const desk = new Desk();

const allNeedSecret = (answer: unknown): boolean =>
  Array.isArray(answer) && answer.length > 0 && (answer as Outcome[]).every((one) => one && needsSecret(one));

/** One command. Where a decision needs the acting person's own secret, asks for it and tries once more. */
export async function ask<N extends keyof Commands>(
  name: N,
  request: Commands[N][0],
  options: { job?: string } = {},
): Promise<Commands[N][1]> {
  try {
    const answer = await call(name, request, options);
    if (!allNeedSecret(answer)) return answer;
    return (await takeSeat()) ? await call(name, request, options) : answer;
  } catch (error) {
    const known = asDeskError(error);
    if (!needsSecret(known) || !(await takeSeat())) throw known;
    return call(name, request, options);
  }
}

/** Whether a person has set no secret yet. */
export const isUnset = (person: { secret: PersonView["secret"] } | null): boolean =>
  person?.secret === "not set yet";

/** Asks the person who acts for their secret, or to set it; true once their key is unlocked. */
async function takeSeat(person = desk.seat?.id): Promise<boolean> {
  if (!person) return false;
  const known = (await call("people", {}).catch((): PersonView[] => [])).find((one) => one.id === person);
  const seat = desk.seat?.id === person ? desk.seat : null;
  const who = {
    name: known?.name ?? seat?.name ?? person,
    unset: isUnset(known ?? seat),
    account: known?.os_account ?? null,
  };
  return new Promise((resolve) => {
    desk.secretAsk = {
      person,
      ...who,
      answer: (given) => {
        desk.secretAsk = null;
        resolve(given);
      },
    };
  });
}

/** Lets a person act from now on; asks for their secret where the desk needs it. */
export async function actAs(person: string): Promise<void> {
  try {
    desk.take(await call("seat", { person, passphrase: null, enrolment_code: null, new_passphrase: null }));
  } catch (error) {
    const known = asDeskError(error);
    if (needsSecret(known)) await takeSeat(person);
    else desk.fail(known, "Changing who acts");
  }
}

let jobNumber = 0;

/** Long work with its progress in the window and a way to stop it. Failures are shown; null means it
 * failed. */
export async function work<N extends keyof Commands>(
  title: string,
  name: N,
  request: Commands[N][0],
): Promise<Commands[N][1] | null> {
  const id = `job-${Date.now().toString(36)}-${++jobNumber}`;
  desk.jobs = [...desk.jobs, { id, title, what: "", done: 0, total: null, cancelling: false }];
  try {
    return await ask(name, request, { job: id });
  } catch (error) {
    desk.fail(error, title);
    return null;
  } finally {
    desk.jobs = desk.jobs.filter((job) => job.id !== id);
  }
}

export async function cancelJob(id: string): Promise<void> {
  desk.setJob(id, { cancelling: true });
  await call("cancel_job", { job: id }).catch((error: unknown) => desk.fail(error));
}

/** Changes settings and applies what the desk then says they are. */
export async function saveSettings(change: Partial<Settings>): Promise<void> {
  try {
    const settings = await call("settings_set", { ...$state.snapshot(desk.settings), ...change });
    if (desk.app) desk.take({ ...desk.app, settings });
  } catch (error) {
    desk.fail(error, "Settings");
  }
}

export async function reloadState(): Promise<void> {
  try {
    desk.take(await call("app_state", {}));
    desk.startError = null;
  } catch (error) {
    desk.startError = asDeskError(error);
  }
}

let countings = 0;

export async function reloadCounts(): Promise<void> {
  if (!desk.workspace || desk.workspace.locked) return;
  const mine = ++countings;
  try {
    const [counts, views] = await Promise.all([
      call("queue_counts", { entity: desk.entity, period: desk.period }),
      call("saved_views", {}),
    ]);
    // What was asked before and comes after is stale.
    if (mine === countings) [desk.counts, desk.views] = [counts, views];
  } catch (error) {
    // The workspace may have been closed or locked meanwhile.
    if (!isClosed(asDeskError(error))) desk.fail(error, "Queues");
  }
}

/** Starts listening and asks for the first state; calls `inside` before the shell is made for a workspace
 * that is open. Only the window itself calls this. */
export async function start(inside: () => void): Promise<void> {
  setInterval(() => (desk.now = Date.now()), 30_000);
  onRefused((title, why) => desk.toast("mut", `${title}: not now`, why));
  let soon: ReturnType<typeof setTimeout> | undefined;
  // A sync changes much in a short time: one reload for all of it.
  const changed = (): void => {
    clearTimeout(soon);
    soon = setTimeout(() => (desk.generation += 1), 150);
  };
  // How things stand can be shown before the page listens, which takes its time; it is asked again once it
  // does, for what happened meanwhile. The shell takes what it is told in this order.
  const glance = call("app_glance", {}).then(
    (seen) => {
      if (desk.app) return;
      if (seen.workspace && !seen.workspace.locked && !seen.open) inside();
      desk.take(seen);
    },
    () => undefined,
  );
  await Promise.all([
    glance,
    on("changed", changed),
    on("desk", () => void reloadState()),
    on("progress", (event) =>
      desk.setJob(event.job, { what: event.what, done: event.done, total: event.total }),
    ),
    on("open", (event) => desk.show(event)),
    reloadState(),
  ]);
}
