// The same million rows in one grid at a time, for a driver from outside: ?grid=ours, regular-table,
// slickgrid or none.
import "../src/styles/index.css";
import "./bench.css";
import { applyTheme } from "../src/lib/theme";
import { SETTINGS } from "./data";
import { fling, jump, type Options, type Result, type Stage } from "./fling";

type Bench = {
  ready: () => Promise<void>;
  fling: (options: Options) => Promise<Result>;
  jump: (row: number) => Promise<number>;
};
declare global {
  interface Window {
    bench: Bench;
  }
}

const GRIDS: Record<string, () => Promise<{ show: (stage: HTMLElement) => Promise<Stage> } | null>> = {
  ours: () => import("./ours"),
  "regular-table": () => import("./regular-table"),
  slickgrid: () => import("./slickgrid"),
  none: () => Promise.resolve(null),
};

async function start(): Promise<Stage | null> {
  const grid = new URLSearchParams(location.search).get("grid") ?? "ours";
  const host = document.getElementById("stage");
  const load = GRIDS[grid];
  if (!load || !host) throw new Error(`There is no grid “${grid}”.`);
  if (innerWidth < host.offsetWidth || innerHeight < host.offsetHeight) {
    throw new Error(
      `The page has ${innerWidth}×${innerHeight}, but the stage is ${host.offsetWidth}×${host.offsetHeight}.`,
    );
  }
  applyTheme(SETTINGS);
  await document.fonts.load("400 13px Inter");
  const stage = await (await load())?.show(host);
  if (stage) await jump(stage, 0);
  return stage ?? null;
}

const started = start();
window.bench = {
  ready: async () => {
    await started;
  },
  fling: async (options) => fling(await started, options),
  jump: async (row) => {
    const stage = await started;
    return stage ? jump(stage, row) : 0;
  },
};
