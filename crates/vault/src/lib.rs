//! Secrets and people's keys: the only user of the keyring and of the vault.
//!
//! A workspace keeps its secrets in one of two places that its user chose at `init`: the keyring of the
//! OS account, or a passphrase-encrypted vault file. A small marker beside the workspace says which
//! ([`Backend`]). Nothing falls back from one to the other, and nothing is ever written in the clear.
//!
//! Calls block: on the disk, on the keyring's bus, or for the work that a passphrase costs.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod error;
mod export_key;
mod keyring;
mod lock;
mod marker;
mod name;
mod passphrase;
mod people;
mod process;
mod reading;
mod recovery;
mod secrets;
mod text;
mod vault;

#[cfg(test)]
mod keyring_tests;
#[cfg(test)]
mod people_tests;
#[cfg(test)]
mod vault_tests;

pub use self::{
    error::SecretError,
    export_key::ExportKey,
    marker::Backend,
    name::{FieldName, SecretName},
    passphrase::{LEAST_CHARACTERS, Passphrase, PassphraseFor, PassphraseSource, WorkFactor},
    people::{PersonKeys, Protection, PublicKey, ResealedKey, Signer},
    process::{harden_process, os_account},
    reading::{is_sealed, seal_for},
    recovery::{unwrap_key, wrap_key},
    secrets::{Anchor, ResealedVault, SecretStore, SecretsHome, WorkspaceKey, keyring_answers},
    text::SecretText,
};
