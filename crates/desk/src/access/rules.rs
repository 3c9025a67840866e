//! The duties' rules, read once for as long as their text is the same.

use std::sync::{Arc, Mutex, PoisonError};

use tieout_duties::{Duties, Policy, PolicyError};

/// The duties under a policy's text. Reading rules and policy costs more than many judgements, and what they
/// say depends on the text alone: the last ones are kept.
pub(crate) fn duties_under(policy: Option<&str>) -> Result<Arc<Duties>, PolicyError> {
    type Last = Option<(Option<String>, Arc<Duties>)>;
    static LAST: Mutex<Last> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((text, duties)) = last.as_ref()
        && text.as_deref() == policy
    {
        return Ok(Arc::clone(duties));
    }
    let parsed = policy.map(Policy::parse).transpose()?;
    let duties = Arc::new(Duties::new(parsed.as_ref())?);
    *last = Some((policy.map(str::to_owned), Arc::clone(&duties)));
    Ok(duties)
}
