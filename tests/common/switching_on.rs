//! How tests have postings sent: as in any workspace, an administrator proposes it by the figures of the
//! ledger that was read, and another person approves what they saw.
#![allow(dead_code)]

use super::binary::{Bench, finish, own_passphrase, text};

/// Has the bench's administrator propose that this connection posts, and this person approve it.
#[track_caller]
pub fn switch_on(bench: &Bench, connection: &str, approver: &str) {
    let administrator = bench.administrator();
    let mut propose = bench.command(Some(&administrator), ["connection", "posting", "propose", connection]);
    propose.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase("administrator"));
    let figures = text(&finish(propose, None).ok().one(), "hash");
    let approve = ["connection", "posting", "approve", connection, "--content", &figures];
    bench.run(Some(approver), approve).ok();
}
