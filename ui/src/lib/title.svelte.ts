// What the window is called: "Unposted – Meridian – Tieout". The shell copies the page's title to the
// window's, and the first useful paint is measured by it; so it is set only once what it names is on the
// screen.
import { desk } from "./desk.svelte";

export function windowTitle(screen: string, workspace: string | null): string {
  return [screen, workspace ?? "", "Tieout"].filter((part) => part !== "").join(" – ");
}

/** For use while a screen is made. `screen` gives its name once its first content is there, and null
 * before. */
export function titled(screen: () => string | null): void {
  $effect(() => {
    const name = screen();
    if (name === null) return;
    const title = windowTitle(name, desk.workspace?.name ?? null);
    // The first frame draws the content; when the second begins it has been drawn.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => (document.title = title));
    });
    return () => cancelAnimationFrame(frame);
  });
}
