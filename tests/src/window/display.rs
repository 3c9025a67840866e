//! A screen that nobody sees.

use std::process::{Command, Stdio};

use super::process::Process;

/// An X server of our own.
pub struct Display {
    name: String,
    _server: Process,
}

impl Display {
    /// A screen of this size. The server picks a free number itself.
    pub fn new(width: u32, height: u32) -> Result<Self, String> {
        let screen = format!("{width}x{height}x24");
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp"]).stderr(Stdio::null());
        let (server, number) =
            Process::start_and_hear(&mut command).map_err(|e| format!("Xvfb does not start: {e}"))?;
        if number.is_empty() {
            return Err("Xvfb ended before it had a screen".to_owned());
        }
        Ok(Self { name: format!(":{number}"), _server: server })
    }

    /// What `DISPLAY` is to be.
    pub fn name(&self) -> &str {
        &self.name
    }
}
