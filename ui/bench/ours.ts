// Our own grid, with its queue and its pages, over a desk that is not there: it answers as late as the shell
// does.
import { mount } from "svelte";
import type { Handlers } from "../dev/fake-desk";
import Grid from "../src/grid/Grid.svelte";
import { QueueModel } from "../src/grid/model.svelte";
import { desk } from "../src/lib/desk.svelte";
import { query } from "../src/lib/query";
import { COLUMNS, NOW, row, ROW_HEIGHT, ROWS, SETTINGS, WIDTHS } from "./data";
import { rowOnBar, type Stage } from "./fling";

/** Milliseconds that a call takes at least. */
const DELAY = Number(new URLSearchParams(location.search).get("delay") ?? "3");
const generation = 1;

const rows = (start: number, limit: number) =>
  Array.from({ length: Math.min(limit, ROWS - start) }, (_one, index) => row(start + index));

const handlers: Handlers = {
  exception_open: ({ page }) => ({
    summary: { total: ROWS, overdue: 0, sums: [], gross: null, reporting: null, generation },
    groups: null,
    first: [{ key: null, rows: rows(0, page) }],
  }),
  exception_page: ({ start, limit }) => ({ start, rows: rows(start, limit), generation }),
};

/** In the shell's place: the page is built as the app is, so that its calls go this way. The rows come as the
 * other grids get theirs, as objects: what the way from the desk costs is no grid's own. */
async function invoke(
  _command: string,
  { name, request }: { name: keyof Handlers; request: never },
): Promise<unknown> {
  await new Promise((resolve) => setTimeout(resolve, DELAY));
  const answer = handlers[name] as ((request: never) => unknown) | undefined;
  if (!answer) throw { code: "not_faked", message: `There is no “${name}” here.` };
  return answer(request);
}

export async function show(stage: HTMLElement): Promise<Stage> {
  Object.assign(window, { __TAURI_INTERNALS__: { invoke } });
  desk.take({
    look: 1,
    version: "",
    workspace: null,
    recent: [],
    settings: SETTINGS,
    keyring: { available: false, message: "" },
    open: null,
    opening: null,
    start_error: null,
    link_waits: false,
  });
  desk.now = NOW;
  const model = new QueueModel(query(), null);
  const nothing = (): void => undefined;
  const arrangement = { ids: COLUMNS.map((column) => column.id), widths: WIDTHS, pinned: 0 };
  mount(Grid, {
    target: stage,
    props: { model, arrangement, onarrange: nothing, onactall: nothing, ondetail: nothing },
  });
  await model.reload();
  const scroller = stage.querySelector<HTMLElement>("[data-testid=grid]");
  const head = stage.querySelector<HTMLElement>(".tg-head");
  if (!scroller || !head) throw new Error("The grid is not there.");
  // A move is so many rows of this height: of another one, every place would count as behind.
  const height = scroller.style.getPropertyValue("--tg-rowheight");
  if (height !== `${ROW_HEIGHT}px`) throw new Error(`Its rows are ${height} high, not ${ROW_HEIGHT}px.`);
  const visible = (scroller.clientHeight - head.offsetHeight) / ROW_HEIGHT;
  return {
    visible,
    jump: (to) => (scroller.scrollTop = to * rowOnBar(scroller, visible)),
    move: (rows) => {
      scroller.dispatchEvent(
        new WheelEvent("wheel", { deltaY: rows * ROW_HEIGHT, bubbles: true, cancelable: true }),
      );
    },
  };
}
