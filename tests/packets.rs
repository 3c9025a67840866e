//! Reviews that travel: two installations that share nothing but a roster, through the binary alone. What
//! comes back is posted by the sandbox; what was tampered with, or does not fit any more, is refused with the
//! reason, and nothing of it is applied by half.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/empty_root.rs"]
mod empty_root;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/sheet_cells.rs"]
mod sheet_cells;
#[path = "common/switching_on.rs"]
mod switching_on;
#[path = "common/tamper.rs"]
mod tamper;

#[path = "packets/away.rs"]
mod away;
#[path = "packets/changed.rs"]
mod changed;
#[path = "packets/forged.rs"]
mod forged;
#[path = "packets/sheet.rs"]
mod sheet;
#[path = "packets/tampered.rs"]
mod tampered;
#[path = "packets/there_and_back.rs"]
mod there_and_back;
#[path = "packets/tiers.rs"]
mod tiers;
#[path = "packets/verifier.rs"]
mod verifier;
