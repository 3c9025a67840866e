// Runs before the page's own scripts. Says two things to the program, as events: that somebody uses the
// keyboard or the mouse (at most every five seconds), and that the page was painted.
(() => {
  const say = (event) => window.__TAURI_INTERNALS__.invoke("plugin:event|emit", { event, payload: null });
  let said = 0;
  const input = (event) => {
    if (!event.isTrusted) return;
    const now = Date.now();
    if (now - said < 5000) return;
    said = now;
    say("input");
  };
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"])
    window.addEventListener(kind, input, { capture: true, passive: true });
  const painted = () => {
    const page = document.querySelector("#app");
    if (page && page.childElementCount > 0 && page.getBoundingClientRect().height > 0)
      requestAnimationFrame(() => say("painted"));
    else requestAnimationFrame(painted);
  };
  requestAnimationFrame(painted);
})();
