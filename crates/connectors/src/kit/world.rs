//! What a connection is given of the world: the time, randomness, and whom it trusts.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tieout_domain::ports::{Clock, Entropy};

use super::trust::Trusted;

/// The time and randomness of a connection, and whom it trusts. Waiting itself is tokio's, which a test can
/// pause.
#[derive(Clone)]
pub struct World {
    /// Tells the time: of receipt, of a signature, and for a `Retry-After` that is a date.
    pub clock: Arc<dyn Clock>,
    /// Jitter and nonces.
    pub entropy: Arc<Mutex<dyn Entropy>>,
    /// Trusted beside the system's certificate authorities.
    pub(super) trusted: Trusted,
}

impl World {
    /// A world of this clock and this randomness.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: impl Entropy + 'static) -> Self {
        Self { clock, entropy: Arc::new(Mutex::new(entropy)), trusted: Trusted::default() }
    }

    /// The same, trusting these certificate authorities too.
    #[must_use]
    pub fn trusting(mut self, trusted: Trusted) -> Self {
        self.trusted = trusted;
        self
    }

    /// A duration between nothing and `most`, both included.
    #[must_use]
    pub fn jitter(&self, most: Duration) -> Duration {
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX - 1);
        Duration::from_millis(self.lock().below(millis + 1))
    }

    /// 32 hexadecimal digits that nobody can guess, for signatures.
    #[must_use]
    pub fn nonce(&self) -> String {
        let mut bytes = [0_u8; 16];
        self.lock().fill(&mut bytes);
        hex::encode(bytes)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, dyn Entropy + 'static> {
        // A poisoned source of randomness is still one.
        self.entropy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
