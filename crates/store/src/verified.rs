//! Decisions that can be believed: each is read together with its log entry, and counts only when that
//! entry says the same, is unaltered, and carries the person's own signature.

use rusqlite::OptionalExtension as _;
use serde_json::Value;
use tieout_domain::PostingId;

use crate::{
    error::{Result, StoreError},
    store::Store,
    table::{decision::Decision, log, person},
};

impl Store {
    /// The decisions on a posting, in order, every one verified against its signed log entry. Asked
    /// before each send, so it looks at these entries only; [`Store::verify_log`] walks the whole
    /// chain.
    ///
    /// # Errors
    /// `log_bad_signature` when a stored decision is not what its log entry says, or that entry was
    /// altered or is not signed by its person: nothing may rest on it then.
    pub fn verified_decisions(&self, posting: &PostingId) -> Result<Vec<Decision>> {
        let decisions = self.decisions_for(posting)?;
        for decision in &decisions {
            if !self.is_signed(decision)? {
                return Err(StoreError::BadSignature { person: decision.person.to_string() });
            }
        }
        Ok(decisions)
    }

    fn is_signed(&self, decision: &Decision) -> Result<bool> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM log WHERE number = ?1")?;
        let entry = statement.query_row([decision.log_number], log::read).optional()?;
        let key = person::verifying_key(&self.connection, &decision.person)?;
        let (Some(entry), Some(key)) = (entry, key) else { return Ok(false) };
        let detail: Value = serde_json::from_str(&entry.detail).unwrap_or(Value::Null);
        let says = |name: &str, value: &str| detail.get(name).and_then(Value::as_str) == Some(value);
        let subject = decision.posting.as_ref().map(PostingId::as_str);
        let agrees = subject == Some(entry.subject.as_str())
            && entry.signer.as_ref() == Some(&decision.person)
            && says("person", decision.person.as_str())
            && says("action", &decision.action)
            && says("content_hash", &decision.content_hash);
        let signature = entry.signature.as_deref().unwrap_or_default();
        Ok(agrees && entry.computed_hash() == entry.hash && log::signature_fits(&key, &entry.hash, signature))
    }
}
