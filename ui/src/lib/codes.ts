// The desk's codes on which the page acts, all of them: everything else is shown in the desk's own words.
// Their type is the desk's closed one, so that one which it does not have does not compile.
import type { Code } from "../bindings/types";

const oneOf =
  (...codes: Code[]) =>
  // An outcome has the state in the place of a code where it was not refused.
  (refused: { code: string }): boolean =>
    codes.some((code) => code === refused.code);

/** The acting person has to give their own secret, or to set it, before this can be done. */
export const needsSecret = oneOf(
  "person_secret_needed",
  "person_secret_needs_passphrase",
  "enrolment_code_missing",
);
/** The one-time code is lacking with which a person sets their secret. */
export const needsEnrolmentCode = oneOf("enrolment_code_missing");
/** Whoever sits here has a passphrase of their own, which is asked for. */
export const needsOwnPassphrase = oneOf("person_secret_needed");
/** Not wrong: the vault's passphrase has to be given first. */
export const needsPassphrase = oneOf("passphrase_missing", "vault_passphrase_needed");
export const isPassphraseWrong = oneOf("vault_passphrase_wrong");
/** A person stopped it. */
export const isStopped = oneOf("cancelled");
/** The workspace was closed or locked meanwhile. */
export const isClosed = oneOf("no_workspace", "locked");
