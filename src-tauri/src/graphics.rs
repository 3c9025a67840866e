//! A start after one that never painted draws without the graphics card. On some machines WebKitGTK shows an
//! empty window with it, and nothing in the program can see that: only that the page never said it painted.
//!
//! The setting is never made by default: it costs speed, and WebDriver's screenshots hang with it.
//!
//! Where there is no graphics card at all, as on a virtual desktop, the page is painted by the processor
//! directly instead of by an OpenGL that the processor imitates.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

const SETTING: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// WebKitGTK's own painter (Skia) without OpenGL, from 2.46 on.
#[cfg(target_os = "linux")]
const BY_PROCESSOR: &str = "WEBKIT_SKIA_ENABLE_CPU_RENDERING";

/// What is known of this machine's graphics, kept in a file between starts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// Nothing, or that the last window was painted.
    Fine,
    /// This process started and has not painted yet.
    Starting(u32),
    /// With this version the window stayed empty once.
    Fails(String),
}

impl Known {
    fn read(text: &str) -> Self {
        match text.trim().split_once(' ') {
            Some(("starting", process)) => process.parse().map_or(Self::Fine, Self::Starting),
            Some(("fails", version)) => Self::Fails(version.to_owned()),
            _ => Self::Fine,
        }
    }

    fn write(&self) -> String {
        match self {
            Self::Fine => "fine\n".to_owned(),
            Self::Starting(process) => format!("starting {process}\n"),
            Self::Fails(version) => format!("fails {version}\n"),
        }
    }

    /// What this start makes of it. `alive`: the process that was starting still is.
    fn at_start(self, process: u32, version: &str, alive: impl Fn(u32) -> bool) -> Self {
        match self {
            Self::Starting(other) if other == process => self,
            Self::Starting(other) if !alive(other) => Self::Fails(version.to_owned()),
            // The first window is still coming up, and this start will forward to it.
            Self::Starting(_) => self,
            // A new version gets another chance.
            Self::Fails(with) if with == version => Self::Fails(with),
            Self::Fails(_) | Self::Fine => Self::Starting(process),
        }
    }
}

fn file(config: &Path) -> PathBuf {
    config.join("graphics")
}

/// Where there is no graphics card, has the processor paint. To be called before any thread is started: it
/// sets the environment, which the page's process inherits.
#[cfg(target_os = "linux")]
pub fn without_card() {
    let imitated = std::env::var_os("LIBGL_ALWAYS_SOFTWARE").is_some() || !has_card(Path::new("/dev/dri"));
    if imitated && std::env::var_os(BY_PROCESSOR).is_none() {
        // What fails is only slower.
        let _ = glib::setenv(BY_PROCESSOR, "1", false);
    }
}

#[cfg(not(target_os = "linux"))]
pub fn without_card() {}

/// Notes that the window is coming up; where an earlier one never painted, or where asked to, starts the
/// program anew with the safe setting.
pub fn prepare(config: &Path, wanted: bool) -> io::Result<()> {
    if !cfg!(target_os = "linux") || std::env::var_os(SETTING).is_some() {
        return Ok(());
    }
    if wanted {
        return restart();
    }
    let path = file(config);
    let known = Known::read(&fs::read_to_string(&path).unwrap_or_default());
    let alive = |process: u32| Path::new("/proc").join(process.to_string()).exists();
    let known = known.at_start(std::process::id(), env!("CARGO_PKG_VERSION"), alive);
    fs::write(&path, known.write())?;
    match known {
        Known::Fails(_) => {
            tracing::warn!("the window stayed empty at an earlier start: drawing without the graphics card");
            restart()
        }
        Known::Fine | Known::Starting(_) => Ok(()),
    }
}

/// The window was painted.
pub fn painted(config: &Path) {
    // With the safe setting on, nothing was learned about the graphics card.
    if std::env::var_os(SETTING).is_none()
        && let Err(error) = fs::write(file(config), Known::Fine.write())
    {
        tracing::warn!(%error, "cannot note that the window was painted");
    }
}

/// Whether the kernel offers a card to draw with.
#[cfg(target_os = "linux")]
fn has_card(devices: &Path) -> bool {
    let mut nodes = fs::read_dir(devices).into_iter().flatten().flatten();
    nodes.any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
}

/// The same program with the safe setting, from its beginning: threads run by now.
#[cfg(unix)]
fn restart() -> io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    let program = std::env::current_exe()?;
    Err(std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SETTING, "1").exec())
}

#[cfg(not(unix))]
fn restart() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Known;

    fn next(known: Known, alive: bool) -> Known {
        known.at_start(7, "1.0", |_| alive)
    }

    #[test]
    fn a_start_that_never_painted_makes_the_next_one_safe_until_a_new_version() {
        let fails = |version: &str| Known::Fails(version.to_owned());
        assert_eq!(next(Known::Fine, false), Known::Starting(7));
        assert_eq!(next(Known::Starting(6), false), fails("1.0"));
        assert_eq!(next(fails("1.0"), false), fails("1.0"));
        assert_eq!(next(fails("0.9"), false), Known::Starting(7));
    }

    #[test]
    fn a_second_start_while_the_first_comes_up_changes_nothing() {
        assert_eq!(next(Known::Starting(6), true), Known::Starting(6));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_card_is_there_where_the_kernel_has_a_node_to_draw_with() {
        let devices = std::env::temp_dir().join(format!("tieout-dri-{}", std::process::id()));
        assert!(!super::has_card(&devices), "no folder, no card");
        std::fs::create_dir(&devices).unwrap();
        std::fs::write(devices.join("card0"), "").unwrap();
        let screen_alone = super::has_card(&devices);
        std::fs::write(devices.join("renderD128"), "").unwrap();
        let with_node = super::has_card(&devices);
        std::fs::remove_dir_all(&devices).unwrap();
        assert_eq!((screen_alone, with_node), (false, true));
    }

    #[test]
    fn what_is_kept_reads_back() {
        for known in [Known::Fine, Known::Starting(12), Known::Fails("1.0".to_owned())] {
            assert_eq!(Known::read(&known.write()), known);
        }
        assert_eq!(Known::read("anything else"), Known::Fine);
    }
}
