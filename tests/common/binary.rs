//! Drives the real binary `tieout` the way a person or a scheduler does: arguments, environment, standard
//! streams, exit status. One [`Bench`] is one workspace with its people.
#![allow(dead_code)]

use std::{
    ffi::{OsStr, OsString},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
};

use serde_json::Value;
use tempfile::TempDir;

/// The vault's passphrase in every bench.
pub const VAULT: &str = "the vault of the bench, quite long";

/// The checkout's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests are in the checkout").to_path_buf()
}

/// The binary of this build, built once per test process if need be.
pub fn tieout() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mine = std::env::current_exe().expect("a test knows its own path");
        let folder = mine.parent().and_then(Path::parent).expect("tests lie in <profile>/deps").to_path_buf();
        let mut build = Command::new(env!("CARGO"));
        // A test target is named beside the binary so that cargo settles on the features of
        // `cargo test --workspace`, and does not build every dependency a second time.
        build.args(["build", "--quiet", "--workspace", "--bin", "tieout", "--bin", "tieout-verifier"]);
        build.args(["--test", "labelled_faults"]);
        build.args(["--features", "tieout-window/custom-protocol"]);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        let target = folder.parent().expect("the profile's folder lies in the target folder");
        let done = build.current_dir(root()).env("CARGO_TARGET_DIR", target).status().expect("cargo runs");
        assert!(done.success(), "the binary could not be built");
        folder.join("tieout")
    })
}

/// A person's own passphrase, by their name.
pub fn own_passphrase(person: &str) -> String {
    format!("own secret of {person}, quite long")
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("standard output is text"),
            stderr: String::from_utf8(output.stderr).expect("standard error is text"),
        }
    }

    /// The lines of standard output as JSON.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|e| panic!("\"{line}\" is no JSON ({e}): {self:?}"))
        };
        self.stdout.lines().map(parse).collect()
    }

    /// Standard output's only object.
    #[track_caller]
    pub fn one(&self) -> Value {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "{self:?}");
        lines.remove(0)
    }

    /// The same, if it ended with 0.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 0, "stdout:\n{}\nstderr:\n{}", tail(&self.stdout), tail(&self.stderr));
        self
    }

    /// The same, if it ended with 1 and its error or one of its outcomes has this code.
    #[track_caller]
    pub fn refused(self, code: &str) -> Self {
        assert_eq!(self.status, 1, "stdout:\n{}\nstderr:\n{}", tail(&self.stdout), tail(&self.stderr));
        assert!(self.codes().iter().any(|c| c == code), "{code} is not among {:?}: {self:?}", self.codes());
        self
    }

    /// Codes of outcomes and of the error, where results are JSON.
    pub fn codes(&self) -> Vec<String> {
        let lines = self.stdout.lines().chain(self.stderr.lines());
        let objects = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        objects.filter_map(|o| o["code"].as_str().map(str::to_owned)).collect()
    }
}

fn tail(text: &str) -> &str {
    let from = text.len().saturating_sub(4000);
    text.get(from..).unwrap_or(text)
}

/// A workspace in a folder of its own, driven by the binary.
pub struct Bench {
    pub folder: TempDir,
    pub workspace: PathBuf,
}

impl Bench {
    /// A fresh workspace with its secrets in a vault.
    pub fn new() -> Self {
        let bench = Self::empty();
        bench.run(None, ["init", "--secrets", "vault"]).ok();
        bench
    }

    /// A folder without a workspace.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = folder.path().join("books.tieoutdb");
        Self { folder, workspace }
    }

    /// Adds people, each with a passphrase of their own.
    pub fn people(&self, people: &[(&str, &str)]) {
        for (name, role) in people {
            let mut add = self.command(None, ["person", "add", name, "--role", role]);
            add.env("TIEOUT_NEW_PERSON_PASSPHRASE", own_passphrase(name));
            finish(add, None).ok();
        }
    }

    /// A command as `acting` (the administrator who made the workspace, where nobody is named). The
    /// environment holds nothing of ours but what is set here.
    pub fn command<S: AsRef<OsStr>>(
        &self,
        acting: Option<&str>,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = bare();
        command.args(["--format", "json", "--workspace"]).arg(&self.workspace);
        if let Some(person) = acting {
            command.args(["--as", person]);
        }
        command.args(args).env("TIEOUT_PASSPHRASE", VAULT);
        command.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase(acting.unwrap_or("administrator")));
        command
    }

    /// Runs a command to its end.
    pub fn run<S: AsRef<OsStr>>(&self, acting: Option<&str>, args: impl IntoIterator<Item = S>) -> Ran {
        finish(self.command(acting, args), None)
    }

    /// The same, with these lines on standard input.
    pub fn feed<S: AsRef<OsStr>>(
        &self,
        acting: Option<&str>,
        args: impl IntoIterator<Item = S>,
        lines: &[String],
    ) -> Ran {
        finish(self.command(acting, args), Some(lines))
    }

    /// Starts a command and lets it run.
    pub fn start<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Child {
        let mut command = self.command(None, args);
        command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        command.spawn().expect("the binary starts")
    }

    /// A file of this text in the bench's folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file in the own folder");
        path
    }

    /// Open exceptions, as of this instant.
    pub fn exceptions(&self, as_of: &str) -> Vec<Value> {
        self.run(None, ["exceptions", "--as-of", as_of]).ok().lines()
    }

    /// Brings in a mapping and a policy as the administrator, and has `approver` approve them.
    pub fn govern(&self, approver: &str, mapping: &Path, policy: &Path) {
        let made = |verb: &str, file: &Path| {
            let name = self.administrator();
            let args = [OsStr::new("import"), OsStr::new(verb), file.as_os_str()];
            let mut import = self.command(Some(&name), args);
            import.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase("administrator"));
            let change = finish(import, None).ok().one();
            change["id"].as_str().expect("a change has an id").to_owned()
        };
        let ids = [made("mapping", mapping), made("policy", policy)];
        self.run(Some(approver), ["approve", &ids[0], &ids[1]]).ok();
    }

    /// The name of the administrator who made the workspace.
    pub fn administrator(&self) -> String {
        let people = self.run(None, ["person", "list"]).ok().lines();
        let found = people.iter().find(|p| !p["os_account"].is_null() && p["os_account"] != "");
        found.and_then(|p| p["name"].as_str()).expect("the workspace has its first administrator").to_owned()
    }
}

/// The binary with a clean environment.
pub fn bare() -> Command {
    let mut command = Command::new(tieout());
    let ours = std::env::vars_os().map(|(name, _)| name);
    let kept = |name: &OsString| *name == "TIEOUT_DEBUG_WORK_FACTOR";
    for name in ours.filter(|name| name.to_string_lossy().starts_with("TIEOUT_") && !kept(name)) {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end, with these lines on standard input.
pub fn finish(mut command: Command, lines: Option<&[String]>) -> Ran {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let Some(lines) = lines else {
        return Ran::of(command.stdin(Stdio::null()).output().expect("the binary starts"));
    };
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("standard input is piped");
    let text = lines.join("\n");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("the binary ends");
    writer.join().expect("the writer ends").expect("the binary reads what it is given");
    Ran::of(output)
}

/// A text field.
#[track_caller]
pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} is no text in {value}")).to_owned()
}
