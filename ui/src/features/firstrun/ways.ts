// What the ways into a workspace have in common.
import type { DeskError } from "../../bindings/types";

export type Backend = "keyring" | "vault";

/** The codes that say: not wrong, but a passphrase has to be given first. */
const ASKS = ["passphrase_missing", "passphrase_needed", "vault_passphrase_needed"];
export const asksForPassphrase = (error: DeskError): boolean => ASKS.includes(error.code);
export const passphraseWrong = (error: DeskError): boolean => error.code === "vault_passphrase_wrong";

/** Where no keyring answers, only a vault can be chosen; nothing falls back by itself. */
export function firstBackend(keyring: { available: boolean }): Backend {
  return keyring.available ? "keyring" : "vault";
}
