//! Why a secret could not be had, kept or used. No variant ever holds a secret. The words are those of the
//! window and of the command line: what only one of them has (a prompt, a verb) it adds itself, by the code.

use std::{io, path::PathBuf};

use tieout_domain::PersonId;

/// What went wrong with secrets. [`SecretError::code`] is stable; the text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No keyring service answers in this session.
    #[error(
        "no keyring answers in this session ({detail}). Start one (gnome-keyring or KWallet, in a session \
         with D-Bus), or keep the secrets in a passphrase-encrypted file"
    )]
    KeyringUnavailable {
        /// What the platform said.
        detail: String,
    },
    /// A keyring service answers, but its collection is locked or was never set up.
    #[error(
        "the keyring answers but is locked or was never set up ({detail}). Unlock it (log in to the \
         desktop, or unlock the login keyring), or keep the secrets in a passphrase-encrypted file"
    )]
    KeyringLocked {
        /// What the platform said.
        detail: String,
    },
    /// The keyring refused or failed at one operation.
    #[error("the keyring failed while it was asked to {doing}: {detail}")]
    KeyringFailed {
        /// What it was asked to do.
        doing: &'static str,
        /// What the platform said.
        detail: String,
    },
    /// No secrets have been set up beside this workspace.
    #[error("{} is not there: this workspace has no secrets on this machine. Restore it from a \
             backup", path.display())]
    NotSetUp {
        /// The marker that was looked for.
        path: PathBuf,
    },
    /// Secrets are already set up beside this workspace.
    #[error("{} is there already: secrets are not set up twice for one workspace", path.display())]
    AlreadySetUp {
        /// What is there.
        path: PathBuf,
    },
    /// The marker beside the workspace cannot be read as one.
    #[error("{} is damaged: {detail}. It holds no secret; write it again as `backend` and `workspace`, or \
             restore it from a backup", path.display())]
    MarkerDamaged {
        /// The marker.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The vault file is not there.
    #[error("the vault {} is not there. Put it back beside the workspace, or restore a backup",
            path.display())]
    VaultMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The vault file is truncated, altered or not a vault.
    #[error("the vault {} is damaged: {detail}. Put a whole copy back, or restore a backup",
            path.display())]
    VaultDamaged {
        /// The vault.
        path: PathBuf,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// The vault belongs to another workspace.
    #[error("the vault {} belongs to another workspace", path.display())]
    VaultForeign {
        /// The vault.
        path: PathBuf,
    },
    /// The passphrase does not open the vault.
    #[error("this passphrase does not open the vault {}", path.display())]
    VaultPassphraseWrong {
        /// The vault.
        path: PathBuf,
    },
    /// A passphrase is needed and none was given.
    #[error("{what} is needed")]
    PassphraseMissing {
        /// Which passphrase.
        what: &'static str,
    },
    /// A new passphrase is too easy to guess.
    #[error(
        "{what} is too weak: it needs at least {least} characters, {distinct} of them different. A few \
             unrelated words are good"
    )]
    PassphraseWeak {
        /// Which passphrase.
        what: &'static str,
        /// The least number of characters.
        least: usize,
        /// The least number of different characters.
        distinct: usize,
    },
    /// A person's passphrase equals the vault's, so that opening the vault would be enough to sign.
    #[error(
        "a person's passphrase must differ from the vault's: opening the workspace must not be enough to \
             decide. Choose another one"
    )]
    PassphraseReused,
    /// A person's passphrase was to become the vault's.
    #[error(
        "somebody here signs with this passphrase: opening the workspace must not be enough to decide. \
             Choose another one"
    )]
    PassphraseOfAPerson,
    /// The secrets are in a keyring, which no passphrase of ours opens.
    #[error(
        "this workspace's secrets are in the keyring of the OS account: its passphrase is changed with the \
             system's own tools"
    )]
    NoPassphrase,
    /// The passphrase does not open the backup's key.
    #[error("this recovery passphrase does not open the backup")]
    RecoveryPassphraseWrong,
    /// The wrapped key in a backup is not one.
    #[error("the backup's wrapped key is damaged")]
    RecoveryDamaged,
    /// A file is encrypted for somebody else, or was damaged on its way.
    #[error(
        "the file is encrypted, and {person}'s own key does not open it: it is for somebody else, or was \
             damaged on its way"
    )]
    NotForThem {
        /// Who tried.
        person: PersonId,
    },
    /// The person has no signing key in this workspace's secrets.
    #[error("{person} has no secret of their own here yet: they set it when they first decide")]
    PersonSecretMissing {
        /// Who.
        person: PersonId,
    },
    /// The person's passphrase is wrong.
    #[error("this is not the passphrase of {person}")]
    PersonSecretWrong {
        /// Who.
        person: PersonId,
    },
    /// The person has a signing key already.
    #[error("{person} has a secret already; it is changed with the old one, not replaced")]
    PersonSecretExists {
        /// Who.
        person: PersonId,
    },
    /// The stored signing key is not the one that the workspace knows for this person.
    #[error(
        "the signing key kept for {person} is not the one that this workspace knows: it was replaced or \
             damaged. Restore the secrets, or have an administrator enrol {person} anew"
    )]
    PersonSecretForeign {
        /// Who.
        person: PersonId,
    },
    /// An unsealed key was asked for where only a passphrase protects it.
    #[error("{person} needs a passphrase of their own: {why}")]
    PersonSecretNeedsPassphrase {
        /// Who.
        person: PersonId,
        /// Why the OS account is not enough.
        why: &'static str,
    },
    /// A stored secret does not have the shape it must have.
    #[error("the stored secret {name} is damaged: {detail}")]
    Damaged {
        /// Its name.
        name: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A text is no name of a secret.
    #[error("\"{text}\" is not the name of a secret")]
    NameInvalid {
        /// The text.
        text: String,
    },
    /// Sealing failed inside the encryption library.
    #[error("a secret could not be sealed: {detail}")]
    SealFailed {
        /// What the library said.
        detail: String,
    },
    /// A file that gives a secret, and that everybody on this machine may read or write.
    #[error(
        "{} is open to everybody on this machine: a secret is only taken from a file that its owner alone \
             may read (chmod 600)", path.display()
    )]
    FileExposed {
        /// The file.
        path: PathBuf,
    },
    /// The operating system failed.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The operating system refused to protect the process or to give randomness or the account's name.
    #[error("the operating system could not {doing}: {detail}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        detail: String,
    },
}

impl SecretError {
    /// The stable code, for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SecretError::KeyringUnavailable { .. } => "keyring_unavailable",
            SecretError::KeyringLocked { .. } => "keyring_locked",
            SecretError::KeyringFailed { .. } => "keyring_failed",
            SecretError::NotSetUp { .. } => "secrets_not_set_up",
            SecretError::AlreadySetUp { .. } => "secrets_already_set_up",
            SecretError::MarkerDamaged { .. } => "secrets_marker_damaged",
            SecretError::VaultMissing { .. } => "vault_missing",
            SecretError::VaultDamaged { .. } => "vault_damaged",
            SecretError::VaultForeign { .. } => "vault_foreign",
            SecretError::VaultPassphraseWrong { .. } => "vault_passphrase_wrong",
            SecretError::PassphraseMissing { .. } => "passphrase_missing",
            SecretError::PassphraseWeak { .. } => "passphrase_weak",
            SecretError::PassphraseReused | SecretError::PassphraseOfAPerson => "passphrase_reused",
            SecretError::NoPassphrase => "secrets_have_no_passphrase",
            SecretError::RecoveryPassphraseWrong => "recovery_passphrase_wrong",
            SecretError::RecoveryDamaged => "recovery_key_damaged",
            SecretError::PersonSecretMissing { .. } => "person_secret_missing",
            SecretError::PersonSecretWrong { .. } => "person_secret_wrong",
            SecretError::PersonSecretExists { .. } => "person_secret_exists",
            SecretError::PersonSecretForeign { .. } => "person_secret_foreign",
            SecretError::PersonSecretNeedsPassphrase { .. } => "person_secret_needs_passphrase",
            SecretError::NotForThem { .. } => "packet_not_for_you",
            SecretError::Damaged { .. } => "secret_damaged",
            SecretError::NameInvalid { .. } => "secret_name_invalid",
            SecretError::SealFailed { .. } => "secret_seal_failed",
            SecretError::FileExposed { .. } => "secret_file_exposed",
            SecretError::Io { .. } => "secrets_io",
            SecretError::System { .. } => "secrets_system",
        }
    }

    pub(super) fn io(doing: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        SecretError::Io { doing, path: path.to_owned(), source }
    }
}
