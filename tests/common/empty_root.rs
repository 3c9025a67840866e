//! The verifier where there is nothing else of ours: an empty root, without network.
#![allow(dead_code)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::binary::tieout;

/// What the verifier said, and how it ended.
pub struct Said {
    pub status: i32,
    pub words: String,
}

impl Said {
    /// What it said, where that is that all is sound.
    #[track_caller]
    pub fn sound(self) -> String {
        assert_eq!(self.status, 0, "{}", self.words);
        assert!(self.words.contains("\nSOUND: "), "{}", self.words);
        self.words
    }

    #[track_caller]
    pub fn unsound(self, code: &str) {
        assert_eq!(self.status, 1, "{}", self.words);
        assert!(self.words.contains(code) && self.words.contains("NOT SOUND"), "{}", self.words);
    }
}

/// The binary beside `tieout`.
fn verifier() -> PathBuf {
    tieout().with_file_name("tieout-verifier")
}

/// A folder that is a root of its own: the verifier, the libraries that it is linked to, and these files.
pub struct Root(tempfile::TempDir);

impl Root {
    /// With these files in it.
    pub fn with(files: &[&str]) -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        fs::copy(verifier(), root.path("verifier")).unwrap();
        let linked = Command::new("ldd").arg(verifier()).output().unwrap();
        for word in String::from_utf8(linked.stdout).unwrap().split_whitespace() {
            if let Some(under) = word.strip_prefix('/') {
                let to = root.path(under);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(word, to).unwrap();
            }
        }
        for file in files {
            fs::copy(file, root.path(Path::new(file).file_name().unwrap().to_str().unwrap())).unwrap();
        }
        root
    }

    /// Where this lies, from outside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the verifier in it: in a network and a root of its own where the machine allows that, else said
    /// so, and from the empty folder with an empty environment.
    pub fn run(&self, args: &[&str]) -> Said {
        let apart = Command::new("unshare").args(["-rn", "true"]).stderr(Stdio::null()).status();
        let mut command = if apart.is_ok_and(|status| status.success()) {
            let mut command = Command::new("unshare");
            command.args(["-rn", "chroot"]).arg(self.0.path()).arg("/verifier");
            command
        } else {
            eprintln!("unshare -rn is refused here: run from an empty folder and environment, with network");
            Command::new(self.path("verifier"))
        };
        command.args(args).env_clear().current_dir(self.0.path());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let output = command.env("PATH", path).output().unwrap();
        let words = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        Said { status: output.status.code().unwrap_or(-1), words: format!("\n{words}") }
    }
}
