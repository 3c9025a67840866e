//! What an IT department asks for, through the real binary: backups by a scheduler that are proved to
//! restore, a file of settings that nobody here can go beyond, a proxy that reads the traffic, news of
//! releases.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "administration/backup.rs"]
mod backup;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "administration/machine.rs"]
mod machine;
#[path = "administration/permissions.rs"]
mod permissions;
#[path = "administration/proxy.rs"]
mod proxy;
#[path = "common/switching_on.rs"]
mod switching_on;
#[path = "common/tamper.rs"]
mod tamper;
#[path = "administration/update.rs"]
mod update;

use std::path::Path;

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let named = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(named).collect();
    names.sort();
    names
}
