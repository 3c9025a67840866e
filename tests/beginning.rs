//! How a workspace begins, through the binary: a connection observes until two people switch posting on, the
//! mapping says what is taken as equal, what is not ours and what explains entries, and a cutover says from
//! when on books are kept here. Each in both directions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/approval.rs"]
mod approval;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/switching_on.rs"]
mod switching_on;

#[path = "beginning/cutover.rs"]
mod cutover;
#[path = "beginning/house.rs"]
mod house;
#[path = "beginning/observing.rs"]
mod observing;
