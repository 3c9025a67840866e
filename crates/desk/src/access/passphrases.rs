//! Passphrases that are changed: the vault's, and a person's own. What they protect stays as it is.

use serde::Deserialize;
use serde_json::json;
use tieout_domain::people::Action;
use tieout_duties::Subject;
use tieout_store::SecretKind;
use tieout_vault::{Passphrase, PassphraseFor, PublicKey, SecretError, SecretText};

use crate::{
    access::{
        actor,
        unlocking::{by_name, unlocked},
    },
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        workspace,
    },
};

/// A passphrase to change.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ChangePassphraseRequest {
    /// The present one.
    pub passphrase: SecretText,
    /// The next one.
    pub new_passphrase: SecretText,
}

impl ChangePassphraseRequest {
    /// The two as they are asked for: the present and the next.
    fn source(&self) -> impl Fn(&PassphraseFor) -> Result<Passphrase, SecretError> {
        |what| Ok(if what.is_new() { self.new_passphrase.passphrase() } else { self.passphrase.passphrase() })
    }
}

/// Has another passphrase open the vault. An administrator does it, who gives their own secret too; who has
/// the workspace open goes on.
///
/// # Errors
/// A refusal, `secrets_have_no_passphrase` (a keyring), `vault_passphrase_wrong`, `passphrase_weak`,
/// `passphrase_reused`, `demo_has_no_secrets`.
pub fn change_vault_passphrase(ctx: &Context, request: &ChangePassphraseRequest) -> DeskResult<()> {
    not_in_a_demo(ctx)?;
    let actor = actor::actor(ctx)?;
    let subject = ctx.secrets.workspace_id().to_string();
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, &subject)?;
    let resealed = match ctx.secrets.reseal(&request.source()) {
        Ok(resealed) => resealed,
        Err(error) => {
            // Asking often enough would tell by which passphrases people sign.
            let failed =
                matches!(error, SecretError::PassphraseOfAPerson | SecretError::VaultPassphraseWrong { .. });
            if failed {
                let detail = json!({ "code": error.code() });
                let what = "vault_passphrase_refused";
                actor::signed(ctx, &actor, what, &subject, detail, |s, log| s.append_log(log))?;
            }
            return Err(error.into());
        }
    };
    // Said before it is done: a passphrase is never changed without a word.
    let what = "vault_passphrase_changed";
    actor::signed(ctx, &actor, what, &subject, json!({}), |store, log| store.append_log(log))?;
    Ok(ctx.secrets.keep(&resealed)?)
}

/// Has another passphrase of their own unlock the acting person's key. What they signed stays theirs.
///
/// # Errors
/// `person_secret_missing`, `person_secret_wrong`, `person_secret_slowed`, `passphrase_weak`,
/// `passphrase_reused` (it opens the vault), `demo_has_no_secrets`.
pub fn change_own_passphrase(ctx: &Context, request: &ChangePassphraseRequest) -> DeskResult<()> {
    not_in_a_demo(ctx)?;
    let person = actor::acting_person(ctx)?;
    let known = person.verifying_key.map(PublicKey::from_bytes).ok_or_else(|| {
        DeskError::new(
            Code::PersonSecretMissing,
            format!("{} has no secret yet: they set it when they first decide", person.name),
        )
    })?;
    let source = request.source();
    let signer = unlocked(ctx, &person, &known, &source)?;
    let keys = ctx.secrets.people();
    let resealed = keys.reseal(&signer, &source).map_err(|error| by_name(error, &person))?;
    let (what, subject) = ("person_passphrase_changed", person.id.as_str());
    let detail = json!({ "name": person.name });
    let actor = actor::unlocked_actor(ctx, person.clone(), signer)?;
    actor::signed(ctx, &actor, what, subject, detail, |store, log| {
        store.set_secret_kind(&person.id, SecretKind::Passphrase, log)
    })?;
    Ok(keys.keep(resealed)?)
}

/// The demo's people have passphrases that everybody knows, by which the demo unlocks them.
fn not_in_a_demo(ctx: &Context) -> DeskResult<()> {
    let (_, demo) = workspace::about(ctx)?;
    if demo {
        let message = "the demo keeps no secrets, so that there is no passphrase to change";
        return Err(DeskError::new(Code::DemoHasNoSecrets, message));
    }
    Ok(())
}
