//! One seeded layer of faults, used by every server of the sandbox.
//!
//! A [`FaultPlan`] says what goes wrong: by chance (a rate per kind, in parts per million, drawn from the
//! seed and the request's ordinal, so that the same plan over the same sequence of requests injects the same
//! faults) and by script (the n-th request that matches gets this fault). [`Faults`] is the switchboard
//! shared by the server and the test: plans can be changed and switched off while the server runs, and what
//! was really injected can be read back. [`layer`] applies the decisions to HTTP, [`wire`] serves the router
//! so that a connection can be cut without an answer.

mod half;
mod late;
pub mod layer;
pub mod plan;
pub mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use layer::{Dialect, FaultContext, Injected, RequestClass};
pub use plan::{FaultKind, FaultPlan, ScriptedFault, Tuning};
pub use wire::ServerHandle;

use late::Late;

/// The switchboard of one server's faults; clones share one state.
#[derive(Clone, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
    late: Late,
}

#[derive(Default)]
struct State {
    plan: FaultPlan,
    off: bool,
    requests: u64,
    /// How many requests each line of the script has matched so far.
    matched: Vec<u64>,
    injected: BTreeMap<FaultKind, u64>,
}

/// What was decided for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The request's number since the server started, from 1.
    pub ordinal: u64,
    /// The fault to inject, if any.
    pub kind: Option<FaultKind>,
}

impl Faults {
    /// No faults until a plan is set.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Starts with this plan.
    #[must_use]
    pub fn new(plan: FaultPlan) -> Self {
        let faults = Self::default();
        faults.set_plan(plan);
        faults
    }

    /// Replaces the plan and switches faults on. The script's counts start again; ordinals and counters go
    /// on.
    pub fn set_plan(&self, plan: FaultPlan) {
        let mut state = self.lock();
        state.matched = vec![0; plan.script.len()];
        state.plan = plan;
        state.off = false;
    }

    /// Switches all faults on or off without forgetting the plan.
    pub fn switch(&self, on: bool) {
        self.lock().off = !on;
    }

    /// The plan in force.
    #[must_use]
    pub fn plan(&self) -> FaultPlan {
        self.lock().plan.clone()
    }

    /// Counts the request and decides its fault. A scripted fault goes before one by chance.
    pub fn decide(&self, method: &str, path: &str, class: RequestClass) -> Decision {
        let mut state = self.lock();
        state.requests += 1;
        let ordinal = state.requests;
        if class == RequestClass::Exempt || state.off {
            return Decision { ordinal, kind: None };
        }
        let state = &mut *state;
        let mut scripted = None;
        for (line, count) in state.plan.script.iter().zip(state.matched.iter_mut()) {
            if line.matches(method, path) {
                *count += 1;
                if *count == line.nth && scripted.is_none() {
                    scripted = Some(line.kind);
                }
            }
        }
        let kind = scripted.or_else(|| state.plan.draw(ordinal, class));
        Decision { ordinal, kind }
    }

    /// Counts a fault that really took effect.
    pub fn record(&self, kind: FaultKind) {
        *self.lock().injected.entry(kind).or_default() += 1;
    }

    /// How many faults of each kind took effect so far.
    #[must_use]
    pub fn injected(&self) -> BTreeMap<FaultKind, u64> {
        self.lock().injected.clone()
    }

    /// How many faults of one kind took effect so far.
    #[must_use]
    pub fn injected_of(&self, kind: FaultKind) -> u64 {
        self.lock().injected.get(&kind).copied().unwrap_or(0)
    }

    /// How many requests the layer has seen.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.lock().requests
    }

    /// How many commits are still to land late.
    #[must_use]
    pub fn late_pending(&self) -> usize {
        self.late.pending()
    }

    /// Lets every late commit land now, and returns when all have.
    pub async fn flush_late(&self) {
        self.late.release_all();
        self.late.landed().await;
    }

    fn tuning(&self) -> Tuning {
        self.lock().plan.tuning.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(faults: &Faults) -> Vec<Option<FaultKind>> {
        (0..400).map(|_| faults.decide("POST", "/journalEntry", RequestClass::Posting).kind).collect()
    }

    #[test]
    fn the_same_seed_injects_the_same_faults_and_another_seed_others() {
        let storm = |seed| Faults::new(FaultPlan::storm(seed, 20_000));
        assert_eq!(sequence(&storm(7)), sequence(&storm(7)));
        assert_ne!(sequence(&storm(7)), sequence(&storm(8)));
        assert!(sequence(&storm(7)).iter().flatten().count() > 20);
    }

    #[test]
    fn a_script_names_the_nth_matching_request() {
        let plan = FaultPlan::script([ScriptedFault::nth(2, "/journalEntry", FaultKind::TooMany)]);
        let faults = Faults::new(plan);
        let kinds: Vec<_> = ["/journalEntry", "/customer", "/journalEntry", "/journalEntry"]
            .iter()
            .map(|path| faults.decide("POST", path, RequestClass::Posting).kind)
            .collect();
        assert_eq!(kinds, [None, None, Some(FaultKind::TooMany), None]);
    }

    #[test]
    fn switched_off_nothing_is_injected_but_requests_are_counted() {
        let faults = Faults::new(FaultPlan::rate(1, FaultKind::TooMany, 1_000_000));
        faults.switch(false);
        assert_eq!(faults.decide("GET", "/x", RequestClass::Read).kind, None);
        faults.switch(true);
        let decision = faults.decide("GET", "/x", RequestClass::Read);
        assert_eq!(decision, Decision { ordinal: 2, kind: Some(FaultKind::TooMany) });
    }
}
