// Screens as components: all but the first are fetched when they are first opened.
import type { Component } from "svelte";
import type { RouteParams } from "../lib/desk.svelte";
import type { Screen } from "./screens";
import Home from "../features/home/Screen.svelte";

export type ScreenComponent = Component<{ params: RouteParams }>;
type Module = { default: ScreenComponent };

// The first screen comes with the window; every other one is fetched when it is first opened.
const found = import.meta.glob<Module>(["../features/*/Screen.svelte", "!../features/home/Screen.svelte"]);

const made = new Map<string, ScreenComponent>([["home", Home as unknown as ScreenComponent]]);

/** A screen that is already here. */
export function screenNow(name: string): ScreenComponent | undefined {
  return made.get(name);
}

export async function loadScreen(name: Screen | "firstrun"): Promise<ScreenComponent> {
  const known = made.get(name);
  if (known) return known;
  const load = found[`../features/${name}/Screen.svelte`];
  if (!load) throw new Error(`There is no screen “${name}”.`);
  const component = (await load()).default;
  made.set(name, component);
  return component;
}
