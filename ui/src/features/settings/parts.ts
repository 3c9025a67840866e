// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Setting: theme", at: { testid: "set-theme" } },
  { title: "Setting: row height", at: { testid: "set-density" } },
  { title: "Setting: text size", at: { testid: "set-text-size" } },
  { title: "Setting: number format", at: { testid: "set-number" } },
  { title: "Setting: date format", at: { testid: "set-date" } },
  { title: "Setting: negative amounts", at: { testid: "set-negative" } },
  { title: "Setting: lock after", at: { testid: "set-lock" } },
  { title: "Setting: notifications", at: { testid: "set-notifications" } },
  { title: "Setting: keyboard shortcuts", at: { heading: "set-keys" } },
  { title: "Passphrase of the vault", at: { heading: "set-vault" } },
];
