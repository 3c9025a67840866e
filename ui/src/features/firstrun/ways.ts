import type { Backend } from "../../bindings/types";

/** Where no keyring answers, only a vault can be chosen; nothing falls back by itself. */
export function firstBackend(keyring: { available: boolean }): Backend {
  return keyring.available ? "keyring" : "vault";
}
