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
/** Whoever sits here has a passphrase of their own, which is asked for. */
export const needsOwnPassphrase = oneOf("person_secret_needed");
/** Not wrong: the vault's passphrase has to be given first. */
export const needsPassphrase = oneOf("passphrase_missing", "vault_passphrase_needed");
export const isPassphraseWrong = oneOf("vault_passphrase_wrong");
/** The secret that was given is not the one that counts; that of the vault or one's own. */
export const isSecretWrong = oneOf(
  "vault_passphrase_wrong",
  "person_secret_wrong",
  "person_secret_slowed",
  "recovery_passphrase_wrong",
);
/** The new secret cannot be taken as it is. */
export const isNewSecretRefused = oneOf("passphrase_weak", "passphrase_reused");
/** The one-time code with which a person sets their secret is lacking, or another one. */
export const isEnrolmentCodeWrong = oneOf("enrolment_code_wrong", "enrolment_code_missing");
/** Something stands already where a file is to be made. */
export const isPlaceTaken = oneOf("store_exists", "secrets_already_set_up");
export const isBackupUnusable = oneOf("backup_unusable", "recovery_key_damaged", "not_an_export");
/** The name cannot be a person's here. */
export const isNameRefused = oneOf("person_name_unusable", "bad_name", "already_exists");
/** The vendor did not take what was given to sign in with. */
export const isCredentialWrong = oneOf("auth_failed", "bad_credential");
/** A person stopped it. */
export const isStopped = oneOf("cancelled");
/** The workspace was closed or locked meanwhile. */
export const isClosed = oneOf("no_workspace", "locked");
