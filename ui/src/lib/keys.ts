// Keys as text: "p", "shift+a", "mod+k" (Ctrl, or ⌘ on a Mac), "?", "f2". One notation for the registry, the
// sheet, the hints on buttons and the settings.

export type KeyLike = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

const NAMES: Record<string, string> = {
  " ": "space",
  arrowup: "up",
  arrowdown: "down",
  arrowleft: "left",
  arrowright: "right",
  escape: "esc",
  "+": "plus",
};

const onMac = typeof navigator !== "undefined" && /Mac/i.test(navigator.platform);

/** The text of a key press. Shift is only named where the key itself does not already show it. */
export function keyOf(event: KeyLike, mac = onMac): string {
  const plain = event.key.toLowerCase();
  const key = NAMES[plain] ?? plain;
  const shiftCounts = event.shiftKey && ((key.length > 1 && key !== "plus") || /^[a-z]$/.test(key));
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  return [mod && "mod", other && (mac ? "ctrl" : "meta"), event.altKey && "alt", shiftCounts && "shift", key]
    .filter(Boolean)
    .join("+");
}

/** Keys that only hold others down make no shortcut of their own. */
export function isModifier(event: KeyLike): boolean {
  return ["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Dead"].includes(event.key);
}

const SHOWN: Record<string, string> = {
  mod: "Ctrl",
  ctrl: "Ctrl",
  meta: "Meta",
  alt: "Alt",
  shift: "Shift",
  space: "Space",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  esc: "Esc",
  enter: "Enter",
  plus: "+",
  pageup: "PgUp",
  pagedown: "PgDn",
  home: "Home",
  end: "End",
  delete: "Del",
};

/** The key as the cap on a button shows it. */
export function shownKey(key: string, mac = onMac): string {
  return key
    .split("+")
    .map((part) => {
      if (part === "mod" && mac) return "⌘";
      return (
        SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1))
      );
    })
    .join(mac ? "" : " ");
}

/** Whether letters belong to what is being typed into. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type)
  );
}

/** Whether a shortcut may fire while someone types: only with Ctrl, ⌘ or Alt held, or a function key. */
export function firesWhileTyping(key: string): boolean {
  return (
    (/(^|\+)(mod|meta|ctrl)\+/.test(key + "+") && !/^(mod|ctrl)\+(a|c|v|x|z|shift\+c)$/.test(key)) ||
    /^f\d+$/.test(key)
  );
}
