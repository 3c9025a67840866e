//! Writes the TypeScript of the boundary into the folder that is given, or, with `--check`, fails where what
//! stands there differs.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "ui/src/bindings".to_owned()));
    let check = arguments.next().as_deref() == Some("--check");
    let says: BTreeMap<String, String> =
        tieout_app::bindings::files().into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    let outcome = if check { compare(&folder, &says) } else { write(&folder, &says) };
    match outcome {
        Ok(differing) if differing.is_empty() => ExitCode::SUCCESS,
        Ok(differing) => {
            let names = differing.join(", ");
            eprintln!("{} is not what the desk says ({names}): cargo xtask bindings", folder.display());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path, says: &BTreeMap<String, String>) -> io::Result<Vec<String>> {
    fs::create_dir_all(folder)?;
    for (name, text) in says {
        fs::write(folder.join(name), text)?;
    }
    Ok(Vec::new())
}

/// The names of the files that differ, are missing, or are not the desk's.
fn compare(folder: &Path, says: &BTreeMap<String, String>) -> io::Result<Vec<String>> {
    let mut kept = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        kept.insert(entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?);
    }
    let names = says.keys().chain(kept.keys().filter(|name| !says.contains_key(*name)));
    Ok(names.filter(|name| says.get(*name) != kept.get(*name)).cloned().collect())
}
