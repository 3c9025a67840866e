//! Attacks on what the desk is trusted for: that it knows periods, that nobody walks around their duties,
//! that the log and the file tell on each other, and that nothing is lost. Everything is tried through the
//! binary, by SQL with the workspace's key, or in the sandbox's own book, which is also who judges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/small.rs"]
mod small;
#[path = "common/switching_on.rs"]
mod switching_on;
#[path = "common/tamper.rs"]
mod tamper;

#[path = "attacks_trust/access.rs"]
mod access;
#[path = "attacks_trust/attached.rs"]
mod attached;
#[path = "attacks_trust/delegated.rs"]
mod delegated;
#[path = "attacks_trust/duties.rs"]
mod duties;
#[path = "attacks_trust/evidence.rs"]
mod evidence;
#[path = "attacks_trust/file.rs"]
mod file;
#[path = "attacks_trust/files.rs"]
mod files;
#[path = "attacks_trust/in_time.rs"]
mod in_time;
#[path = "attacks_trust/late.rs"]
mod late;
#[path = "attacks_trust/locks.rs"]
mod locks;
#[path = "attacks_trust/lost.rs"]
mod lost;
#[path = "attacks_trust/missing.rs"]
mod missing;
#[path = "attacks_trust/names.rs"]
mod names;
#[path = "attacks_trust/overrides.rs"]
mod overrides;
#[path = "attacks_trust/periods.rs"]
mod periods;
#[path = "attacks_trust/restored.rs"]
mod restored;
#[path = "attacks_trust/review.rs"]
mod review;
#[path = "attacks_trust/worked.rs"]
mod worked;
