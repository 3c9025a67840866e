//! What the process does to keep secrets out of reach of others on the machine.

use crate::error::SecretError;

/// Makes sure that a crash writes no core file, which would hold keys in the clear, and that no other
/// process of the same account can attach to this one. To be called first in `main`; children inherit
/// only the limit on core files.
///
/// # Errors
/// `secrets_system` where the operating system refuses; the program should then stop.
pub fn harden_process() -> Result<(), SecretError> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        setrlimit(Resource::Core, none)
            .map_err(|e| SecretError::System { doing: "turn core files off", detail: e.to_string() })?;
    }
    // A kernel that pipes cores to a collector ignores the limit, but not this.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
            .map_err(|e| SecretError::System { doing: "forbid memory dumps", detail: e.to_string() })?;
    }
    Ok(())
}

/// The name of the OS account that runs this process, as the system's own account data base says it; the
/// environment (`USER`), which anybody can set, is not asked.
///
/// # Errors
/// `secrets_system` where the account has no name.
pub fn os_account() -> Result<String, SecretError> {
    whoami::username()
        .map_err(|e| SecretError::System { doing: "name this OS account", detail: e.to_string() })
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::process::ExitStatusExt,
        process::{Command, Output},
    };

    const INSIDE: &str = "TIEOUT_TEST_INSIDE_CHILD";

    /// Runs a test of this module again in a process of its own, whose environment and limits may be
    /// changed; `None` in that process.
    fn child(test: &str, prelude: &str) -> Option<Output> {
        if std::env::var_os(INSIDE).is_some() {
            return None;
        }
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{prelude}; exec \"$@\""), "_"]);
        command.arg(std::env::current_exe().unwrap());
        command.args([&format!("process::tests::{test}"), "--exact", "--nocapture"]);
        Some(command.env(INSIDE, "1").output().unwrap())
    }

    #[test]
    fn the_account_is_not_taken_from_the_environment() {
        let test = "the_account_is_not_taken_from_the_environment";
        let account = super::os_account().unwrap();
        match child(test, "export USER=somebody_else LOGNAME=somebody_else") {
            None => println!("account={account}"),
            Some(output) => {
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(text.contains(&format!("account={account}")), "{text}");
                assert_ne!(account, "somebody_else");
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_hardened_process_that_crashes_leaves_no_core() {
        let test = "a_hardened_process_that_crashes_leaves_no_core";
        let Some(output) = child(test, "ulimit -c unlimited 2>/dev/null") else {
            super::harden_process().unwrap();
            let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
            let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
            assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
            assert_eq!(
                rustix::process::dumpable_behavior().unwrap(),
                rustix::process::DumpableBehavior::NotDumpable
            );
            std::process::abort();
        };
        let abort = 6;
        assert_eq!(output.status.signal(), Some(abort), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.core_dumped());
    }
}
