//! Where the program keeps its own things. A workspace is where its owner put it, never here.

use std::{io, path::PathBuf};

/// The name under which the system knows the program; the same as in `tauri.conf.json`.
pub const IDENTIFIER: &str = "com.tieout.desk";

/// The program's own folders.
#[derive(Clone, Debug)]
pub struct Places {
    /// Settings, the list of recent workspaces, where the window stood.
    pub config: PathBuf,
    /// Logs.
    pub logs: PathBuf,
}

impl Places {
    /// Those of the user who runs the program; made where they are missing.
    pub fn of_this_user() -> io::Result<Self> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "this user has no home folder");
        let config = dirs::config_dir().ok_or_else(missing)?.join(IDENTIFIER);
        let logs = if cfg!(target_os = "macos") {
            dirs::home_dir().ok_or_else(missing)?.join("Library").join("Logs").join(IDENTIFIER)
        } else {
            dirs::data_local_dir().ok_or_else(missing)?.join(IDENTIFIER).join("logs")
        };
        for folder in [&config, &logs] {
            std::fs::create_dir_all(folder)
                .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", folder.display())))?;
        }
        Ok(Self { config, logs })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_identifier_is_the_one_of_the_configuration() {
        let configuration: serde_json::Value =
            serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        assert_eq!(configuration["identifier"], super::IDENTIFIER);
    }
}
