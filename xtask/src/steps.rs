//! Steps that say what they do and how long it took, and the commands that they run.

use std::{
    ffi::OsStr,
    io::{self, Write as _},
    path::PathBuf,
    process::{Command, Output, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Why a step failed, in words for the person at the terminal.
#[derive(Debug)]
pub struct Failure(pub String);

/// The steps taken so far.
#[derive(Default)]
pub struct Steps {
    taken: Vec<(String, Duration, bool)>,
}

impl Steps {
    /// Takes a step: says its name, and afterwards its time. A failed step ends the command.
    pub fn run(&mut self, name: &str, step: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
        println!("==> {name}");
        let started = Instant::now();
        let outcome = step();
        let took = started.elapsed();
        let word = if outcome.is_ok() { "done" } else { "FAILED" };
        println!("    {word}: {name}, {}", seconds(took));
        self.taken.push((name.to_owned(), took, outcome.is_ok()));
        outcome.map_err(|Failure(text)| Failure(format!("{name}: {text}")))
    }

    /// Prints what was done and how long each step took.
    pub fn summary(&self) {
        if self.taken.is_empty() {
            return;
        }
        println!("\nTime per step");
        for (name, took, well) in &self.taken {
            println!("{:>10}  {name}{}", seconds(*took), if *well { "" } else { " (FAILED)" });
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
}

/// The top of the checkout.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}

/// The folder of what is built.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command that is about to be run, at the top of the checkout.
pub struct Run {
    words: String,
    command: Command,
}

/// A command of the system.
pub fn program(name: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    let words = std::iter::once(name).chain(arguments.iter().copied()).collect::<Vec<_>>().join(" ");
    Run { words, command }
}

/// Cargo, building against the system's OpenSSL where it has one: the vendored one is the largest part of
/// a build (five minutes of two cores) and is only needed in what is shipped.
pub fn cargo(arguments: &[&str]) -> Run {
    let mut run = program("cargo", arguments);
    if let Some(cargo) = std::env::var_os("CARGO") {
        run.command = Command::new(cargo);
        run.command.args(arguments).current_dir(root());
    }
    if program("pkg-config", &["--atleast-version=3", "openssl"]).answers() {
        run.set("OPENSSL_NO_VENDOR", "1");
    }
    run
}

/// A command that runs beside others.
pub struct Begun {
    words: String,
    ran: JoinHandle<io::Result<Output>>,
}

impl Begun {
    /// Waits for it, shows what it printed, and fails unless it ended with 0.
    pub fn end(self) -> Result<(), Failure> {
        let Self { words, ran } = self;
        let ended = ran.join().map_err(|_| Failure(format!("`{words}` was lost")))?;
        let output = ended.map_err(|e| Failure(format!("`{words}` could not be started: {e}")))?;
        let shown =
            io::stdout().write_all(&output.stderr).and_then(|()| io::stdout().write_all(&output.stdout));
        shown.map_err(|e| Failure(format!("what `{words}` printed cannot be shown: {e}")))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Failure(format!("`{words}` ended with {}", output.status)))
    }
}

impl Run {
    /// Runs it in this folder of the checkout.
    pub fn within(&mut self, folder: &str) {
        self.command.current_dir(root().join(folder));
    }

    /// Sets an environment variable for it.
    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.command.env(name, value);
    }

    /// Runs it, its output shown, and fails unless it ends with 0.
    pub fn succeed(mut self) -> Result<(), Failure> {
        match self.command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure(format!("`{}` ended with {status}", self.words))),
            Err(e) => Err(Failure(format!("`{}` could not be started: {e}", self.words))),
        }
    }

    /// Starts it beside what follows; its output is kept until it ends.
    pub fn begin(self) -> Begun {
        let Self { words, mut command } = self;
        Begun { words, ran: std::thread::spawn(move || command.stdin(Stdio::null()).output()) }
    }

    /// Whether it can be run and ends with 0; nothing is shown.
    pub fn answers(mut self) -> bool {
        self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.command.status().is_ok_and(|status| status.success())
    }

    /// What it prints, where it ends with 0.
    pub fn output(mut self) -> Option<String> {
        let output = self.command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(text)
    }
}
