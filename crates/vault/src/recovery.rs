//! The workspace key inside a backup, wrapped by a recovery passphrase, so that a backup can be restored
//! on another machine.

use zeroize::Zeroizing;

use crate::{
    error::SecretError,
    passphrase::{Passphrase, PassphraseFor, Unsealed, WorkFactor, seal, unseal},
    secrets::WorkspaceKey,
};

/// Wraps the workspace key by a recovery passphrase: the bytes of an age file.
///
/// # Errors
/// `passphrase_weak`.
pub fn wrap_key(
    key: &WorkspaceKey,
    passphrase: &Passphrase,
    work: WorkFactor,
) -> Result<Vec<u8>, SecretError> {
    passphrase.check_new(&PassphraseFor::NewRecovery)?;
    seal(key.as_slice(), passphrase, work)
}

/// Gives the workspace key back.
///
/// # Errors
/// `recovery_passphrase_wrong`, `recovery_key_damaged`.
pub fn unwrap_key(wrapped: &[u8], passphrase: &Passphrase) -> Result<WorkspaceKey, SecretError> {
    let key = unseal(wrapped, passphrase).map_err(|why| match why {
        Unsealed::WrongPassphrase => SecretError::RecoveryPassphraseWrong,
        Unsealed::Damaged => SecretError::RecoveryDamaged,
    })?;
    key.as_slice().try_into().map(Zeroizing::new).map_err(|_| SecretError::RecoveryDamaged)
}
