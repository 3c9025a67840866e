//! Writes the TypeScript of the boundary into the folder that is given, or, with `--check`, fails where what
//! stands there differs.

use std::{env, fs, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "ui/src/bindings".to_owned()));
    let check = arguments.next().as_deref() == Some("--check");
    for (name, text) in tieout_desk::bindings::files() {
        let path = folder.join(name);
        let stands = fs::read_to_string(&path).is_ok_and(|stands| stands == text);
        if check && !stands {
            eprintln!("{} is not what crates/desk says: run `cargo xtask bindings`", path.display());
            return ExitCode::FAILURE;
        }
        if !stands && let Err(error) = fs::write(&path, text) {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
