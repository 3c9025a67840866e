//! What `backup` takes, and the verbs below `update`, as clap reads them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

/// `tieout backup`
#[derive(Args, Debug)]
#[command(after_help = "\
Into a folder, the backup is named by the workspace's file and the time (UTC), and gets that name only\n\
once it was restored and read to its end. Where nobody sits, the recovery passphrase comes from\n\
TIEOUT_RECOVERY_PASSPHRASE, or from the file that TIEOUT_RECOVERY_PASSPHRASE_FILE names.\n\n\
Examples:\n  tieout -w books.tieoutdb backup --to books.tieoutbackup\n  \
tieout -w books.tieoutdb backup --to /srv/backups --keep 14\n  \
tieout backup --check /srv/backups/books-20261130T020000Z.tieoutbackup")]
pub struct BackupArgs {
    /// The backup file; or a folder that is there, in which it gets a name by the time.
    #[arg(long, value_name = "FILE|FOLDER", required_unless_present = "check")]
    pub to: Option<PathBuf>,
    /// In a folder: remove what is older than the newest so many backups of this workspace, once the new one
    /// was checked to restore.
    #[arg(long, value_name = "NUMBER", requires = "to", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
    /// Check that this backup restores, without making a workspace of it. With --workspace, its end is looked
    /// for in that workspace's log too.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to", "keep"])]
    pub check: Option<PathBuf>,
}

impl BackupArgs {
    /// The backup to check, where it is to be checked only.
    pub fn to_check(&self) -> Option<&Path> {
        self.check.as_deref()
    }
}

/// `tieout update …`
#[derive(Subcommand, Debug)]
pub enum UpdateVerb {
    /// Say whether there is a newer release, and what changed, where this machine's administrator says
    /// where to look. Nothing is downloaded or installed.
    #[command(after_help = "Example:\n  tieout update check")]
    Check,
}
