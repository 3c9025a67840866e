//! Part 6: the file against its own check and against the anchor that is kept with the secrets; and the
//! passphrases that open it.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::{
    binary::{Bench, Ran, VAULT, finish, own_passphrase},
    scene::{ADMINISTRATOR, Desk, copy_into},
    tamper::{attacker, changed, tamper, value},
    worked::copied,
};

/// The page at which this table begins.
fn first_page(bench: &Bench, table: &str) -> u64 {
    let query = format!("SELECT rootpage FROM sqlite_master WHERE name = '{table}'");
    let page: i64 = value(&attacker(bench), &query);
    page.unsigned_abs()
}

/// Flips one bit in the page at which this table begins.
fn damage(bench: &Bench, table: &str) {
    let at = usize::try_from((first_page(bench, table) - 1) * 4096 + 1000).unwrap();
    let mut bytes = fs::read(&bench.workspace).unwrap();
    bytes[at] ^= 0x10;
    fs::write(&bench.workspace, bytes).unwrap();
}

#[test]
fn verify_tells_of_a_page_that_was_damaged() {
    // Tables that no command reads to walk along the log.
    for table in ["usage_summary", "dispute"] {
        let (desk, _) = copied();
        damage(&desk.bench, table);
        let answer = desk.verify();
        assert_eq!(answer["sound"], false, "a bit of {table} was flipped: {answer}");
    }
}

#[test]
fn verify_tells_of_rows_whose_others_are_not_there() {
    let (desk, _) = copied();
    tamper(&desk.bench, |database| {
        changed(database, "DELETE FROM entry WHERE seq = (SELECT min(seq) FROM entry)");
    });
    let answer = desk.verify();
    assert_eq!(answer["sound"], false, "an entry is gone and its lines are not: {answer}");
    let faults = answer["faults"].to_string();
    assert!(faults.contains("entry lines without their entry"), "{answer}");
}

const RECOVERY: &str = "recovery words kept in the safe";

/// Backs the desk up, and restores it into a folder of its own.
pub fn restored(desk: &Desk) -> (Bench, Ran) {
    let file = desk.bench.folder.path().join("books.tieoutbackup");
    let mut backup = desk.bench.command(None, ["backup", "--to", file.to_str().unwrap()]);
    backup.env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY);
    finish(backup, None).ok();
    let elsewhere = Bench::empty();
    let mut restore = elsewhere.command(None, ["restore", file.to_str().unwrap(), "--secrets", "vault"]);
    restore.env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY);
    let ran = finish(restore, None);
    (elsewhere, ran)
}

#[test]
fn restore_tells_of_what_the_files_own_check_finds() {
    let (desk, _) = copied();
    tamper(&desk.bench, |database| {
        changed(database, "DELETE FROM entry WHERE seq = (SELECT min(seq) FROM entry)");
    });
    let (_elsewhere, ran) = restored(&desk);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("entry lines without their entry"), "it was restored without a word: {ran:?}");
}

#[test]
fn restore_tells_of_a_table_that_is_not_as_the_log_sealed_it() {
    let (desk, _) = copied();
    tamper(&desk.bench, |database| {
        changed(database, "UPDATE document SET total_minor = total_minor + 100 WHERE seq = 1");
    });
    let (_elsewhere, ran) = restored(&desk);
    let faults = ran.ok().one()["faults"].to_string();
    assert!(faults.contains("table document"), "it was restored without a word: {faults}");
}

#[test]
fn a_backup_that_nobody_changed_is_restored_without_a_fault() {
    let (desk, _) = copied();
    let (_elsewhere, ran) = restored(&desk);
    assert_eq!(ran.ok().one()["faults"], serde_json::json!([]));
}

/// What an attacker keeps of a workspace: the file alone, as it was.
struct Kept(Vec<u8>);

impl Kept {
    fn of(bench: &Bench) -> Self {
        // All of it is in the file itself, should a process have left something beside it.
        attacker(bench).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        Self(fs::read(&bench.workspace).unwrap())
    }

    fn put_back(&self, bench: &Bench) {
        for companion in ["-wal", "-shm"] {
            let mut name = bench.workspace.clone().into_os_string();
            name.push(companion);
            // It is there only where a process left it.
            let _ = fs::remove_file(PathBuf::from(name));
        }
        fs::write(&bench.workspace, &self.0).unwrap();
    }
}

/// One signed entry of the log.
fn comment(desk: &Desk, exception: &str, text: &str) -> Ran {
    desk.run("ana", ["comment", exception, "--text", text])
}

#[track_caller]
fn refused_as_rolled_back(ran: Ran) {
    assert_eq!(ran.status, 1, "an older workspace file was opened: {ran:?}");
    let error: Value = serde_json::from_str(ran.stderr.lines().last().unwrap_or_default()).unwrap();
    assert_eq!(error["code"], "workspace_rolled_back", "{error}");
    let words = error["message"].as_str().unwrap().to_lowercase();
    assert!(
        ["restore", "backup", "newer", "latest"].iter().any(|w| words.contains(w)),
        "what to do: {error}"
    );
}

#[test]
fn an_older_workspace_file_put_back_is_refused_and_the_right_one_opens_again() {
    let (desk, worked) = copied();
    let old = Kept::of(&desk.bench);
    comment(&desk, &worked.held, "I saw this").ok();
    let new = Kept::of(&desk.bench);
    old.put_back(&desk.bench);
    refused_as_rolled_back(desk.plainly(["exceptions"]));
    refused_as_rolled_back(comment(&desk, &worked.held, "and something else"));
    refused_as_rolled_back(desk.plainly(["verify"]));
    // The anchor did not move: the file that it belongs to is still the right one.
    new.put_back(&desk.bench);
    desk.plainly(["exceptions"]).ok();
    assert_eq!(desk.verify()["sound"], true);
}

#[test]
fn an_older_workspace_file_cannot_be_worked_on_until_it_is_as_long_as_the_one_it_replaced() {
    let (desk, worked) = copied();
    let old = Kept::of(&desk.bench);
    comment(&desk, &worked.held, "what somebody wants to be forgotten").ok();
    old.put_back(&desk.bench);
    for n in 0..3 {
        comment(&desk, &worked.held, &format!("harmless, number {n}"));
    }
    let shown = desk.plainly(["show", &worked.held]);
    if shown.status == 0 {
        let answer = desk.verify();
        assert_eq!(answer["sound"], false, "a decision was forgotten, and verify is content: {answer}");
    } else {
        refused_as_rolled_back(shown);
    }
}

#[test]
fn a_copy_that_went_another_way_is_refused_however_long_it_is() {
    let (desk, worked) = copied();
    let fork = desk.copy();
    comment(&desk, &worked.held, "what happened here").ok();
    for n in 0..4 {
        comment(&fork, &worked.held, &format!("what happened elsewhere, number {n}")).ok();
    }
    Kept::of(&fork.bench).put_back(&desk.bench);
    refused_as_rolled_back(desk.plainly(["exceptions"]));
}

#[test]
fn a_file_that_is_ahead_of_its_anchor_opens_as_after_a_crash() {
    // The process died between the commit and the anchor: the vault is the one from before.
    let (desk, worked) = copied();
    let vault = desk.bench.workspace.with_extension("tieoutvault");
    let before = fs::read(&vault).unwrap();
    comment(&desk, &worked.held, "the last thing before the power went").ok();
    fs::write(&vault, before).unwrap();
    desk.plainly(["exceptions"]).ok();
    comment(&desk, &worked.held, "and on we go").ok();
    assert_eq!(desk.verify()["sound"], true);
}

#[test]
fn a_workspace_moved_with_its_secrets_opens_as_it_did() {
    let (desk, worked) = copied();
    let elsewhere = Bench::empty();
    copy_into(desk.bench.folder.path(), elsewhere.folder.path());
    let moved = Desk { bench: elsewhere, administrator: desk.administrator.clone() };
    comment(&moved, &worked.held, "from another folder").ok();
    assert_eq!(moved.verify()["sound"], true);
}

const NEW_VAULT: &str = "another passphrase for the vault";
const NEW_OWN: &str = "another secret of ana, quite long";

fn opens(desk: &Desk, vault: &str) -> Ran {
    let mut command = desk.bench.command(None, ["person", "list"]);
    command.env("TIEOUT_PASSPHRASE", vault);
    finish(command, None)
}

fn change_vault(desk: &Desk, old: &str, new: &str) -> Ran {
    let mut command = desk.command(ADMINISTRATOR, ["secrets", "change-passphrase"]);
    command.env("TIEOUT_PASSPHRASE", old).env("TIEOUT_NEW_PASSPHRASE", new);
    finish(command, None)
}

#[test]
fn the_vaults_passphrase_is_changed_from_the_command_line() {
    let desk = Desk::of_people();
    assert_eq!(change_vault(&desk, "not the vault's", NEW_VAULT).status, 1);
    change_vault(&desk, VAULT, "short").refused("passphrase_weak");
    opens(&desk, VAULT).ok();
    change_vault(&desk, VAULT, NEW_VAULT).ok();
    opens(&desk, VAULT).refused("vault_passphrase_wrong");
    opens(&desk, NEW_VAULT).ok();
}

fn change_own(desk: &Desk, old: &str, new: &str) -> Ran {
    let mut command = desk.command("ana", ["person", "change-passphrase"]);
    command.env("TIEOUT_PERSON_PASSPHRASE", old).env("TIEOUT_NEW_PERSON_PASSPHRASE", new);
    finish(command, None)
}

fn proposes(desk: &Desk, own: &str) -> Ran {
    let file = crate::scene::mapping();
    let mut command = desk.command("ana", ["import", "mapping", file.to_str().unwrap()]);
    command.env("TIEOUT_PERSON_PASSPHRASE", own);
    finish(command, None)
}

#[test]
fn a_personal_passphrase_is_changed_from_the_command_line_by_its_person_alone() {
    let desk = Desk::of_people();
    let old = own_passphrase("ana");
    change_own(&desk, VAULT, NEW_OWN).refused("person_secret_wrong");
    change_own(&desk, &old, VAULT).refused("passphrase_reused");
    change_own(&desk, &old, "short").refused("passphrase_weak");
    proposes(&desk, &old).ok();
    change_own(&desk, &old, NEW_OWN).ok();
    proposes(&desk, &old).refused("person_secret_wrong");
    proposes(&desk, NEW_OWN).ok();
    // What was signed before is still theirs, and that it was changed is in the log.
    assert_eq!(desk.verify()["sound"], true);
    let log = desk.log();
    let noted = log.iter().any(|row| row["what"].contains("passphrase") || row["what"].contains("secret"));
    assert!(noted, "nothing in the log says that it was changed");
}
