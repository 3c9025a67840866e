//! A screen that nobody sees.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::process::Process;

/// The one socket of a compositor's own folder.
const SOCKET: &str = "wayland-test";

/// What draws the windows of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// An X server.
    X11,
    /// A Wayland compositor, and no X server at all.
    Wayland,
}

/// A server of our own that draws.
pub struct Display {
    screen: Screen,
    name: String,
    _server: Process,
}

impl Display {
    /// A screen of this size, below a folder of sockets.
    pub fn new(screen: Screen, size: (u32, u32), runtime: &Path) -> Result<Self, String> {
        match screen {
            Screen::X11 => Self::x11(size),
            Screen::Wayland => Self::wayland(size, runtime),
        }
    }

    /// The server picks a free number itself.
    fn x11((width, height): (u32, u32)) -> Result<Self, String> {
        let screen = format!("{width}x{height}x24");
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp"]).stderr(Stdio::null());
        let (server, number) =
            Process::start_and_hear(&mut command).map_err(|e| format!("Xvfb does not start: {e}"))?;
        if number.is_empty() {
            return Err("Xvfb ended before it had a screen".to_owned());
        }
        Ok(Self { screen: Screen::X11, name: format!(":{number}"), _server: server })
    }

    fn wayland((width, height): (u32, u32), runtime: &Path) -> Result<Self, String> {
        let mut command = Command::new("weston");
        command
            .args(["--backend=headless-backend.so", "--use-pixman", "--no-config", "--idle-time=0"])
            .args([&format!("--socket={SOCKET}"), &format!("--width={width}"), &format!("--height={height}")])
            .env("XDG_RUNTIME_DIR", runtime)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let server = Process::start(&mut command).map_err(|e| format!("weston does not start: {e}"))?;
        let until = Instant::now() + Duration::from_secs(20);
        while !runtime.join(SOCKET).exists() {
            if Instant::now() > until {
                return Err("weston has no screen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { screen: Screen::Wayland, name: SOCKET.to_owned(), _server: server })
    }

    /// Lets a command draw here and nowhere else.
    pub fn take(&self, command: &mut Command) {
        let (own, other, backend) = match self.screen {
            Screen::X11 => ("DISPLAY", "WAYLAND_DISPLAY", "x11"),
            Screen::Wayland => ("WAYLAND_DISPLAY", "DISPLAY", "wayland"),
        };
        command.env(own, &self.name).env_remove(other).env("GDK_BACKEND", backend);
    }

    /// What `DISPLAY` or `WAYLAND_DISPLAY` is to be.
    pub fn name(&self) -> &str {
        &self.name
    }
}
