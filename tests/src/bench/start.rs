//! A cold start of the window on a real workspace, up to its first useful paint (the queue's rows), and the
//! memory that it then holds; beside a window of the same toolkit with nothing in it.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use tieout_tests::window::{Keyring, Process, Surroundings, Tree};
use x11rb::{
    connection::Connection as _,
    protocol::xproto::{Atom, AtomEnum, ConnectionExt as _, Window},
    rust_connection::RustConnection,
};

use crate::{
    figures::{Line, Outcome, Series, require},
    place::Place,
};

const SIZE: (u32, u32) = (1280, 800);
const PATIENCE: Duration = Duration::from_secs(60);
/// When the memory is read, after the paint: what a start leaves behind has been given back by then.
const SETTLED: Duration = Duration::from_secs(4);

/// Measures both, in turn.
///
/// # Errors
/// What does not start, or is not painted in time.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let surroundings = Surroundings::new(SIZE, Keyring::Unlocked)?;
    let workspace = place.fresh("start")?.join("retail.tieoutdb");
    fill(place, &surroundings, &workspace)?;
    let screen = Screen::of(&surroundings)?;
    let (program, empty) = (place.built("tieout-app")?, place.built("examples/empty")?);
    let ours = || {
        let mut command = surroundings.command(&program);
        command.arg(&workspace);
        command
    };
    // The window is called "Tieout" until the page has shown something, then after what it shows.
    let shown = |title: &str| title.ends_with(" – Tieout");
    let (mut start, mut memory) = (Series::default(), Series::default());
    let (mut empty_start, mut empty_memory) = (Series::default(), Series::default());
    for round in 0..=rounds {
        let bare = once(&screen, surroundings.command(&empty), |title| title == "painted")?;
        let full = once(&screen, ours(), shown)?;
        // The first pair fills the system's file cache, and the program's first run makes its folders.
        if round > 0 {
            empty_start.push(bare.0);
            empty_memory.push(bare.1);
            start.push(full.0);
            memory.push(full.1);
        }
    }
    Ok(vec![
        Line::millis("start to the queue's rows", &start),
        Line::millis("start of an empty window", &empty_start),
        Line::ratio("start over an empty window's", &start.over(&empty_start)).aim("≤ 1.5"),
        Line::memory("memory with the queue open (PSS)", &memory),
        Line::memory("memory of an empty window (PSS)", &empty_memory),
        Line::ratio("memory over an empty window's", &memory.over(&empty_memory)).aim("≤ 2"),
    ])
}

/// The retail case in a workspace whose key lies in the keyring, so that it opens without a question.
fn fill(place: &Place, surroundings: &Surroundings, workspace: &Path) -> Outcome<()> {
    let tieout = |words: &[&Path]| -> Outcome<()> {
        let mut command = surroundings.command(&place.tieout);
        command.arg("--workspace").arg(workspace).args(words);
        let output = command.output()?;
        require(output.status.success(), || String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let [import, map] = ["import", "--map"].map(Path::new);
    tieout(&["init", "--secrets", "keyring"].map(Path::new))?;
    tieout(&[import, Path::new("periods"), &place.retail("periods.csv.gz")])?;
    tieout(&[import, Path::new("billing"), &place.retail("billing.csv.gz"), map, &place.map("billing")])?;
    tieout(&[import, Path::new("gl"), &place.retail("erp_gl.csv.gz"), map, &place.map("gl")])
}

/// Microseconds from the start to the title that says that it is painted, and then the memory in KiB.
fn once(screen: &Screen, mut command: Command, painted: impl Fn(&str) -> bool) -> Outcome<(u64, u64)> {
    let began = Instant::now();
    let process = Process::start(&mut command)?;
    while !screen.titles()?.iter().any(|title| painted(title)) {
        require(began.elapsed() < PATIENCE, || format!("{command:?} was not painted in time"))?;
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = u64::try_from(began.elapsed().as_micros())?;
    std::thread::sleep(SETTLED);
    Ok((took, Tree::of(process.id()).memory_kib()))
}

/// The screen, on which somebody stays throughout: Xvfb begins anew when the last one leaves it.
struct Screen {
    server: RustConnection,
    root: Window,
    name: Atom,
}

impl Screen {
    fn of(surroundings: &Surroundings) -> Outcome<Self> {
        let (server, screen) = x11rb::connect(Some(surroundings.display()))?;
        let root = server.setup().roots.get(screen).ok_or("the X server has no screen")?.root;
        let name = server.intern_atom(false, b"_NET_WM_NAME")?.reply()?.atom;
        Ok(Self { server, root, name })
    }

    /// The titles of its windows; without a window manager they are the root's children.
    fn titles(&self) -> Outcome<Vec<String>> {
        let mut titles = Vec::new();
        for window in self.server.query_tree(self.root)?.reply()?.children {
            let title = self.server.get_property(false, window, self.name, AtomEnum::ANY, 0, 256)?;
            // A window may be gone by the time it is asked.
            if let Ok(title) = title.reply() {
                titles.push(String::from_utf8_lossy(&title.value).into_owned());
            }
        }
        Ok(titles)
    }
}
