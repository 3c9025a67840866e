//! `tieout backup`: by hand, dated into a folder, or checked on its own.

use std::path::Path;

use tieout_desk::{
    Context, DeskError, DeskResult,
    base::{
        backups::{self, CheckedBackup},
        code::Code,
        workspace,
    },
};

use crate::{admin_verbs::BackupArgs, args::Format, failure::Ran, prompt, render};

/// Backs the open workspace up.
pub fn run(ctx: &Context, format: Format, args: &BackupArgs) -> Ran {
    let Some(to) = &args.to else { return Ok(()) };
    if args.keep.is_none() && !to.is_dir() {
        backups::backup(ctx, to)?;
        eprintln!("Backed up to {}", to.display());
        return Ok(());
    }
    let made = backups::dated(ctx, to, args.keep)?;
    for file in &made.left_alone {
        eprintln!("left alone, because it is no backup of this workspace: {file}");
    }
    Ok(render::object(format, &made)?)
}

/// Checks a backup, with its workspace where one is named.
pub fn check(format: Format, file: &Path, workspace: Option<&Path>, acting: Option<String>) -> Ran {
    let open =
        |path: &Path| -> DeskResult<Context> { workspace::open_to_back_up(path, prompt::session(acting)) };
    let ctx = workspace.map(open).transpose()?;
    let checked = backups::check(file, ctx.as_ref(), &prompt::Prompt)?;
    render::object(format, &checked)?;
    Ok(sound(&checked)?)
}

fn sound(checked: &CheckedBackup) -> DeskResult<()> {
    match checked.faults.first() {
        None => Ok(()),
        Some(first) => Err(DeskError::new(
            Code::BackupUnusable,
            format!("{}: {first}; use another backup", checked.file),
        )),
    }
}
