//! What has to be installed on the machine. On Debian and Ubuntu it is installed where the user may; else
//! it is said exactly.

use std::{io::IsTerminal, path::Path};

use crate::steps::{Failure, program};

/// Something that must be on the machine.
pub struct Need {
    /// The package of Debian and Ubuntu.
    debian: &'static str,
    /// How to see that it is there on other systems.
    probe: &'static [&'static str],
    /// What it is, for those who install it by another name.
    what: &'static str,
}

/// What building needs.
pub const BUILD: &[Need] = &[
    Need { debian: "build-essential", probe: &["cc", "--version"], what: "a C compiler and make" },
    Need { debian: "perl", probe: &["perl", "-v"], what: "Perl 5 (to build OpenSSL where it is vendored)" },
    Need { debian: "pkg-config", probe: &["pkg-config", "--version"], what: "pkg-config" },
    Need {
        debian: "libssl-dev",
        probe: &["pkg-config", "--atleast-version=3", "openssl"],
        what: "OpenSSL 3 with its headers (openssl-devel on Fedora, openssl@3 in Homebrew)",
    },
    Need { debian: "git", probe: &["git", "--version"], what: "git" },
];

/// What building the window needs besides. Node.js is only looked for: see [`crate::ui`].
pub const WINDOW: &[Need] = &[
    Need {
        debian: "libwebkit2gtk-4.1-dev",
        probe: &["pkg-config", "--exists", "webkit2gtk-4.1"],
        what: "WebKitGTK 4.1 with its headers (webkit2gtk4.1-devel on Fedora)",
    },
    Need {
        debian: "libayatana-appindicator3-dev",
        probe: &["pkg-config", "--exists", "ayatana-appindicator3-0.1"],
        what: "the tray's library (libayatana-appindicator-gtk3-devel on Fedora)",
    },
    Need {
        debian: "libdbus-1-dev",
        probe: &["pkg-config", "--exists", "dbus-1"],
        what: "D-Bus with its headers (dbus-devel on Fedora)",
    },
    Need { debian: "xdg-utils", probe: &["xdg-open", "--version"], what: "xdg-utils" },
];

/// What driving the window without a screen needs.
pub const SCREENLESS: &[Need] = &[
    Need { debian: "xvfb", probe: &["Xvfb", "-help"], what: "Xvfb" },
    Need { debian: "webkit2gtk-driver", probe: &["WebKitWebDriver", "--help"], what: "WebKitWebDriver" },
    Need { debian: "dbus", probe: &["dbus-daemon", "--version"], what: "D-Bus" },
    Need { debian: "dbus-bin", probe: &["dbus-send", "--version"], what: "dbus-send" },
];

/// What making the installers needs.
pub const PACKAGE: &[Need] = &[Need { debian: "rpm", probe: &["rpmbuild", "--version"], what: "rpmbuild" }];

/// What the tests need besides: a keyring to talk to, Python for independent implementations, and the
/// data base of the real ERP.
pub const TEST: &[Need] = &[
    Need { debian: "dbus", probe: &["dbus-run-session", "--version"], what: "D-Bus with dbus-run-session" },
    Need { debian: "weston", probe: &["weston", "--version"], what: "Weston, for a screen on Wayland" },
    Need { debian: "gnome-keyring", probe: &["gnome-keyring-daemon", "--version"], what: "gnome-keyring" },
    Need { debian: "python3", probe: &["python3", "--version"], what: "Python 3.11 or later" },
    Need { debian: "python3-venv", probe: &["python3", "-m", "venv", "--help"], what: "Python's venv" },
    Need { debian: "postgresql", probe: &["pg_ctl", "--version"], what: "the PostgreSQL 15 server" },
    Need { debian: "faketime", probe: &["faketime", "--version"], what: "faketime, for a clock to turn" },
    Need {
        debian: "poppler-utils",
        probe: &["pdftotext", "-v"],
        what: "poppler's tools, to read what is printed",
    },
    Need { debian: "curl", probe: &["curl", "--version"], what: "curl" },
];

/// Installs what is missing of `needs`; does nothing where all is there.
pub fn install(needs: &[Need]) -> Result<(), Failure> {
    if !Path::new("/etc/debian_version").exists() || !program("dpkg-query", &["--version"]).answers() {
        return check_by_hand(needs);
    }
    let missing: Vec<&str> = needs.iter().map(|need| need.debian).filter(|name| !installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("    missing: {}", missing.join(" "));
    let by_hand =
        format!("apt-get update && apt-get install -y --no-install-recommends {}", missing.join(" "));
    let root = program("id", &["-u"]).output().as_deref() == Some("0");
    let sudo = !root && program("sudo", &["--version"]).answers();
    if !root && !sudo {
        return Err(Failure(format!("this needs root, and there is no sudo. As root, run:\n  {by_hand}")));
    }
    let apt = |arguments: &[&str]| {
        // Without a terminal nobody could answer sudo's question, so it must not ask.
        let quiet: &[&str] = if std::io::stdin().is_terminal() { &[] } else { &["-n"] };
        // Through `env`, because sudo drops variables.
        let apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"];
        let words = [if sudo { quiet } else { &[] }, &apt, arguments].concat();
        let run = if sudo { program("sudo", &words) } else { program(words[0], &words[1..]) };
        run.succeed().map_err(|Failure(text)| Failure(format!("{text}. By hand, as root:\n  {by_hand}")))
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], missing.as_slice()].concat())
}

fn installed(package: &str) -> bool {
    let status = program("dpkg-query", &["-W", "-f", "${Status}", package]).output();
    status.as_deref() == Some("install ok installed")
}

fn check_by_hand(needs: &[Need]) -> Result<(), Failure> {
    let missing: Vec<String> = needs
        .iter()
        .filter(|need| need.probe.split_first().is_some_and(|(name, rest)| !program(name, rest).answers()))
        .map(|need| format!("  {} (Debian's package {})", need.what, need.debian))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure(format!("only Debian and Ubuntu are set up by themselves. Install:\n{}", missing.join("\n"))))
}
