//! The cases of `shared/data/cases`, each through the binary: what its `expected.json` says is right must be
//! what the desk says, no less and no more. The folder's README is the contract.
//!
//! `CASE=part-of-a-name cargo test … --test cases -- --nocapture` runs those cases alone, whether they are
//! known not to hold or not, and prints what each import and each book came to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/switching_on.rs"]
mod switching_on;

#[path = "cases/contract.rs"]
mod contract;
#[path = "cases/drive.rs"]
mod drive;
#[path = "cases/judge.rs"]
mod judge;
#[path = "cases/sayings.rs"]
mod sayings;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use contract::Case;

/// Cases that are known not to hold, and why. Each must fail: one that holds is to be taken off.
const NOT_YET: &[(&str, &str)] = &[];

/// The cases' folder; `None` where it is absent, which is a failure in CI.
fn folder() -> Option<PathBuf> {
    let folder = binary::root().join("../shared/data/cases");
    let folder = if folder.exists() { folder } else { binary::root().join("../../shared/data/cases") };
    if folder.join("README.md").exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "the cases are not at {}", folder.display());
    eprintln!("SKIPPED: the cases are not at {}", folder.display());
    None
}

#[test]
fn every_case_is_as_its_accountant_says() {
    let Some(folder) = folder() else { return };
    let only = std::env::var("CASE").ok();
    let asked = |case: &Case| only.as_ref().is_none_or(|part| case.name.contains(part));
    let cases: Vec<Case> = contract::all(&folder).into_iter().filter(asked).collect();
    let verdicts = judged(&cases);
    let known = |name: &str| NOT_YET.iter().find(|(known, _)| *known == name).map(|(_, why)| *why);
    let mut wrong = Vec::new();
    for (name, differs) in &verdicts {
        match (differs.is_empty(), known(name)) {
            (true, None) => println!("holds     {name}"),
            (false, Some(why)) => println!("not yet   {name}: {why}"),
            (true, Some(_)) => wrong.push(format!("{name} holds, take it off the list")),
            (false, None) => wrong.push(format!("{name}\n    {}", differs.join("\n    "))),
        }
        if !differs.is_empty() {
            println!("          {}", differs.join("\n          "));
        }
    }
    let gone = NOT_YET.iter().filter(|(name, _)| only.is_none() && !verdicts.contains_key(*name));
    wrong.extend(gone.map(|(name, _)| format!("{name} is listed, and there is no such case")));
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), verdicts.len(), wrong.join("\n"));
}

/// What differs in each case, by its name. Two at a time: a case waits for processes most of its time.
fn judged(cases: &[Case]) -> BTreeMap<String, Vec<String>> {
    let (next, verdicts) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let differs = drive::differences(case);
                    verdicts.lock().unwrap().insert(case.name.clone(), differs);
                }
            });
        }
    });
    verdicts.into_inner().unwrap()
}
