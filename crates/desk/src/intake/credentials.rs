//! The credentials of connections: they go from the form straight to the secrets, and from there to the
//! adapter.

use std::collections::BTreeMap;

use tieout_connectors::kit::Secret;
use tieout_domain::ConnectionId;
use tieout_store::Connection;
use tieout_vault::{SecretName, SecretText};

use crate::base::{
    code::Code,
    context::Context,
    error::{DeskError, DeskResult},
};

/// Gives one credential by the name of its field.
pub type CredentialSource<'a> = dyn Fn(&str) -> DeskResult<String> + 'a;

/// The credential of this field among those given.
pub(crate) fn given(all: &BTreeMap<String, SecretText>, field: &str) -> DeskResult<String> {
    let found = all.get(field).filter(|text| !text.expose().trim().is_empty());
    let missing = || DeskError::new(Code::CredentialMissing, format!("give the credential {field}"));
    found.map(|text| text.expose().to_owned()).ok_or_else(missing)
}

/// Puts a connection's credentials into the secrets.
pub(crate) fn keep(
    ctx: &Context,
    id: &ConnectionId,
    fields: &[&str],
    credentials: &CredentialSource<'_>,
) -> DeskResult<()> {
    // All are there before the first is written: what was kept before stays whole otherwise.
    let given = |field: &&str| credentials(field).map(zeroize::Zeroizing::new);
    let values = fields.iter().map(given).collect::<DeskResult<Vec<_>>>()?;
    for (field, value) in fields.iter().zip(&values) {
        ctx.secrets.set(&SecretName::connection(id, field)?, value.as_bytes())?;
    }
    Ok(())
}

/// One credential of a connection, as its adapter needs it.
pub(crate) fn kept(ctx: &Context, connection: &Connection, field: &str) -> DeskResult<Secret> {
    let missing = || {
        DeskError::new(
            Code::CredentialMissing,
            format!("the secrets hold no {field} for {}: rotate its credentials", connection.name),
        )
    };
    let bytes = ctx.secrets.get(&SecretName::connection(&connection.id, field)?)?.ok_or_else(missing)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| missing())?;
    Ok(Secret::new(text))
}

/// Takes a connection's credentials out of the secrets.
pub(crate) fn forget(ctx: &Context, connection: &ConnectionId) -> DeskResult<()> {
    for name in ctx.secrets.names()? {
        if matches!(&name, SecretName::Connection { id, .. } if id == connection) {
            ctx.secrets.delete(&name)?;
        }
    }
    Ok(())
}
