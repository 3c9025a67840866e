//! Where a window lives in a test: a screen that nobody sees, a bus with or without a keyring, a home folder.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::{
    bus::{Bus, Keyring},
    display::{Display, Screen},
};

/// The screen, the bus and the home of a program.
pub struct Surroundings {
    // Dropped in this order: who uses something ends before it.
    display: Display,
    bus: Bus,
    home: TempDir,
}

impl Surroundings {
    /// New ones, with an X server's screen of this size.
    ///
    /// # Errors
    /// What does not start.
    pub fn new(size: (u32, u32), keyring: Keyring) -> Result<Self, String> {
        Self::with(Screen::X11, size, keyring)
    }

    /// New ones, with such a screen of this size.
    ///
    /// # Errors
    /// What does not start.
    pub fn with(screen: Screen, size: (u32, u32), keyring: Keyring) -> Result<Self, String> {
        let home = tempfile::tempdir().map_err(|e| e.to_string())?;
        let runtime = home.path().join("run");
        fs::create_dir(&runtime)
            .and_then(|()| fs::set_permissions(&runtime, Permissions::from_mode(0o700)))
            .map_err(|e| e.to_string())?;
        let bus = Bus::new(home.path(), &runtime, keyring)?;
        Ok(Self { display: Display::new(screen, size, &runtime)?, bus, home })
    }

    /// A command that runs in them. Nothing of the tester's own session reaches it.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program);
        for name in [
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
            "XDG_STATE_HOME",
            // With these WebDriver's screenshots never return.
            "WEBKIT_DISABLE_DMABUF_RENDERER",
            "WEBKIT_DISABLE_COMPOSITING_MODE",
        ] {
            command.env_remove(name);
        }
        command
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("DBUS_SESSION_BUS_ADDRESS", self.bus.address())
            // The machine's own bus is this one too: what it says of sleep is said by the test.
            .env("DBUS_SYSTEM_BUS_ADDRESS", self.bus.address())
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .stdin(Stdio::null());
        self.display.take(&mut command);
        command
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The address of the bus.
    pub fn bus(&self) -> &str {
        self.bus.address()
    }

    /// The screen's name, as in `DISPLAY`.
    pub fn display(&self) -> &str {
        self.display.name()
    }
}
