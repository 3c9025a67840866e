//! A session bus of our own, with a keyring that answers or with none at all.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::process::Process;

/// Which keyring the session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// gnome-keyring, unlocked.
    Unlocked,
    /// A bus where nobody keeps secrets.
    None,
}

/// A bus that starts nobody by itself: with the system's own service files, a call for a keyring would
/// start the very one whose absence is to be seen.
const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A session bus.
pub struct Bus {
    address: String,
    _keyring: Option<Process>,
    _daemon: Process,
}

impl Bus {
    /// A bus whose socket and keyring live below `home`.
    pub fn new(home: &Path, runtime: &Path, keyring: Keyring) -> Result<Self, String> {
        let file = home.join("bus.conf");
        std::fs::write(&file, CONFIGURATION.replace("FOLDER", &runtime.to_string_lossy()))
            .map_err(|e| format!("the bus's configuration: {e}"))?;
        let mut command = Command::new("dbus-daemon");
        command.arg("--config-file").arg(&file).args(["--nofork", "--print-address=1"]);
        // Without root it says that it cannot raise a limit that it does not need.
        command.stderr(Stdio::null());
        let (daemon, address) =
            Process::start_and_hear(&mut command).map_err(|e| format!("dbus-daemon does not start: {e}"))?;
        if address.is_empty() {
            return Err("dbus-daemon ended before it had an address".to_owned());
        }
        let keyring = match keyring {
            Keyring::Unlocked => Some(unlocked(home, runtime, &address)?),
            Keyring::None => None,
        };
        Ok(Self { address, _keyring: keyring, _daemon: daemon })
    }

    /// What `DBUS_SESSION_BUS_ADDRESS` is to be.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// gnome-keyring on this bus, its login keyring made and unlocked with an empty passphrase. The newline is
/// needed: without one no login keyring is made.
fn unlocked(home: &Path, runtime: &Path, address: &str) -> Result<Process, String> {
    let mut command = Command::new("gnome-keyring-daemon");
    command
        .args(["--foreground", "--unlock", "--components=secrets"])
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", runtime)
        .env("XDG_DATA_HOME", home.join(".local/share"))
        .env("DBUS_SESSION_BUS_ADDRESS", address)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let failed = |e: std::io::Error| format!("gnome-keyring-daemon does not start: {e}");
    let mut daemon = Process::start(&mut command).map_err(failed)?;
    daemon.child().stdin.take().map_or(Ok(()), |mut input| input.write_all(b"\n")).map_err(failed)?;
    let until = Instant::now() + Duration::from_secs(20);
    while !owned(address, "org.freedesktop.secrets") {
        if Instant::now() > until {
            return Err("gnome-keyring-daemon did not come up".to_owned());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(daemon)
}

fn owned(address: &str, name: &str) -> bool {
    let asked = Command::new("dbus-send")
        .args(["--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"])
        .args(["org.freedesktop.DBus.NameHasOwner", &format!("string:{name}")])
        .env("DBUS_SESSION_BUS_ADDRESS", address)
        .output();
    asked.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("boolean true"))
}
