//! What a process and everything that it started costs, as Linux tells it.

use std::fs;

/// A process and its descendants, as they are now.
pub struct Tree(Vec<u32>);

impl Tree {
    /// Of this process.
    pub fn of(root: u32) -> Self {
        let mut found = vec![root];
        let mut at = 0;
        while let Some(&process) = found.get(at) {
            // Each thread has children of its own.
            for thread in fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
                let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
                found.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
            }
            at += 1;
        }
        Self(found)
    }

    /// The processor time that they have used, in milliseconds: user and system, of those that live.
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn processor_ms(&self) -> Result<u64, String> {
        let ticks_per_second = rustix::param::clock_ticks_per_second();
        let mut ticks = 0;
        for process in &self.0 {
            let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
            // The name, in parentheses, may hold anything: what follows it starts with field 3 (proc(5)).
            let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
            let used =
                |field: usize| after.split_whitespace().nth(field - 3).and_then(|n| n.parse::<u64>().ok());
            let (user, system) =
                used(14).zip(used(15)).ok_or_else(|| format!("/proc/{process}/stat: {stat}"))?;
            ticks += user + system;
        }
        Ok(ticks * 1000 / ticks_per_second.max(1))
    }

    /// The memory that they hold, in KiB: what is shared counts by its share (PSS).
    pub fn memory_kib(&self) -> u64 {
        let of = |process: &u32| {
            let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0)
        };
        self.0.iter().map(of).sum()
    }
}
