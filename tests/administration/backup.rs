//! Backups by a scheduler: named by the time, checked to restore before an older one goes, whole or not
//! there.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{
    binary::{Bench, Ran, VAULT, finish, text},
    names, tamper,
};

const RECOVERY: &str = "words for the safe, of which there are some";

/// A folder for backups inside a bench's own.
fn shelf(bench: &Bench) -> PathBuf {
    let folder = bench.folder.path().join("shelf");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn backing_up(bench: &Bench, more: &[&str]) -> Command {
    let folder = shelf(bench);
    let mut command = bench.command(None, ["backup", "--to", folder.to_str().unwrap()]);
    command.args(more).env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY);
    command
}

fn back_up(bench: &Bench, more: &[&str]) -> Ran {
    let ran = finish(backing_up(bench, more), None);
    // Names say the second.
    std::thread::sleep(Duration::from_millis(1_100));
    ran
}

fn check(bench: &Bench, file: &Path) -> Ran {
    let mut command = bench.command(None, ["backup", "--check", file.to_str().unwrap()]);
    command.env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY);
    finish(command, None)
}

/// What `--check` says without any workspace.
fn check_alone(file: &Path) -> Ran {
    let mut command = super::binary::bare();
    command.args(["--format", "json", "backup", "--check"]).arg(file);
    command.env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY);
    finish(command, None)
}

fn is_dated(name: &str) -> bool {
    let middle = name.strip_prefix("books-").and_then(|rest| rest.strip_suffix("Z.tieoutbackup"));
    middle.is_some_and(|at| at.len() == 15 && at.chars().all(|c| c.is_ascii_digit() || c == 'T'))
}

#[test]
fn the_oldest_goes_once_the_new_one_is_proved_to_restore_and_each_that_stays_restores() {
    let bench = Bench::new();
    let first = back_up(&bench, &["--keep", "2"]).ok().one();
    assert_eq!(
        (&first["sound"], &first["held_by_workspace"], &first["kept"]),
        (&true.into(), &true.into(), &1.into())
    );
    back_up(&bench, &["--keep", "2"]).ok();
    let third = back_up(&bench, &["--keep", "2"]).ok().one();
    assert_eq!(third["removed"], serde_json::json!([first["file"]]));
    let there = names(&shelf(&bench));
    assert_eq!(there.len(), 2, "{there:?}");
    for name in &there {
        assert!(is_dated(name), "{name}");
        let file = shelf(&bench).join(name);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let alone = check_alone(&file).ok().one();
        assert_eq!((&alone["sound"], &alone["held_by_workspace"]), (&true.into(), &serde_json::Value::Null));
        let held = check(&bench, &file).ok().one();
        assert_eq!(held["held_by_workspace"], true);
    }
    let more = Bench::empty();
    let mut restore = more.command(None, ["restore", third["file"].as_str().unwrap(), "--secrets", "vault"]);
    restore.env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY);
    let restored = finish(restore, None).ok().one();
    assert_eq!(restored["faults"], serde_json::json!([]));
    assert_eq!(text(&restored, "id"), text(&third, "workspace"));
    // Without a number nothing goes.
    back_up(&bench, &[]).ok();
    assert_eq!(names(&shelf(&bench)).len(), 3);
}

#[test]
fn what_is_no_backup_of_this_workspace_is_never_touched() {
    let (bench, other) = (Bench::new(), Bench::new());
    let folder = shelf(&bench);
    let elsewhere = bench.file("elsewhere.tieoutbackup", "of somebody");
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    fs::write(folder.join("books.tieoutbackup"), "named otherwise").unwrap();
    fs::write(folder.join("books-20200101T000000Z.tieoutbackup"), "no backup").unwrap();
    symlink(&elsewhere, folder.join("books-20200102T000000Z.tieoutbackup")).unwrap();
    fs::create_dir(folder.join("books-20200103T000000Z.tieoutbackup")).unwrap();
    let of_other = other.folder.path().join("o.tieoutbackup");
    let mut made = other.command(None, ["backup", "--to", of_other.to_str().unwrap()]);
    made.env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY);
    finish(made, None).ok();
    fs::copy(&of_other, folder.join("books-20200104T000000Z.tieoutbackup")).unwrap();
    let before = names(&folder);
    for _ in 0..2 {
        let made = back_up(&bench, &["--keep", "1"]).ok().one();
        assert_eq!(made["left_alone"].as_array().unwrap().len(), 4, "{made}");
        let left = names(&folder);
        assert!(before.iter().all(|name| left.contains(name)), "{left:?}");
        assert_eq!(left.len(), before.len() + 1, "{left:?}");
    }
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), "of somebody");
}

#[test]
fn a_new_backup_that_is_not_sound_removes_nothing_and_is_called_so() {
    let bench = Bench::new();
    bench.people(&[("ana", "analyst")]);
    back_up(&bench, &["--keep", "1"]).ok();
    let kept = names(&shelf(&bench));
    tamper::tamper(&bench, |database| {
        database.execute("UPDATE person SET role = 'administrator' WHERE name = 'ana'", []).unwrap();
    });
    let refused = back_up(&bench, &["--keep", "1"]).refused("backup_unusable");
    assert!(refused.stderr.contains("no older one was removed"), "{}", refused.stderr);
    let there = names(&shelf(&bench));
    assert!(there.contains(&kept[0]), "{there:?}");
    assert_eq!(there.iter().filter(|name| is_dated(name)).count(), 1, "{there:?}");
    let unsound =
        there.iter().find(|name| name.ends_with(".tieoutbackup.unsound")).expect("it is kept apart");
    check_alone(&shelf(&bench).join(unsound)).refused("backup_unusable");
}

#[test]
fn a_backup_that_was_damaged_or_went_another_way_is_told() {
    let bench = Bench::new();
    let made = back_up(&bench, &[]).ok().one();
    let file = PathBuf::from(text(&made, "file"));
    let whole = fs::read(&file).unwrap();
    let damaged = bench.folder.path().join("damaged.tieoutbackup");
    let mut flipped = whole.clone();
    let middle = whole.len() / 2;
    flipped[middle] ^= 1;
    for bytes in [&flipped[..], &whole[..middle], &whole[..20], &[]] {
        fs::write(&damaged, bytes).unwrap();
        check_alone(&damaged).refused("backup_unusable");
    }
    check_alone(&bench.folder.path().join("nowhere.tieoutbackup")).refused("store_not_found");
    let mut wrong = super::binary::bare();
    wrong.args(["--format", "json", "backup", "--check"]).arg(&file);
    wrong.env("TIEOUT_RECOVERY_PASSPHRASE", "other words, which are long enough too");
    finish(wrong, None).refused("recovery_passphrase_wrong");
    // Nothing of the tries is left.
    assert_eq!(names(&shelf(&bench)).len(), 1);

    // The same workspace on two machines, each of which went on.
    let twin = Bench::empty();
    for name in ["books.tieoutdb", "books.secrets.toml", "books.tieoutvault"] {
        fs::copy(bench.folder.path().join(name), twin.folder.path().join(name)).unwrap();
    }
    bench.people(&[("ana", "analyst")]);
    twin.people(&[("ben", "analyst")]);
    let of_twin = back_up(&twin, &[]).ok().one();
    let told = check(&bench, Path::new(&text(&of_twin, "file"))).refused("backup_unusable");
    assert!(told.stderr.contains("went another way"), "{}", told.stderr);
    assert_eq!(told.one()["held_by_workspace"], false);
}

#[test]
fn a_folder_that_is_not_there_or_takes_nothing_is_refused_before_anything_is_written() {
    let bench = Bench::new();
    let missing = bench.folder.path().join("not-mounted");
    for (folder, words) in
        [(missing.to_str().unwrap(), "Is the share mounted"), ("/sys", "nothing can be written")]
    {
        let mut command = bench.command(None, ["backup", "--to", folder, "--keep", "3"]);
        command.env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY);
        let refused = finish(command, None);
        let refused = refused.refused("backup_folder");
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert!(!missing.exists());
}

#[test]
fn a_disk_that_fills_up_leaves_no_half_backup_and_the_older_ones() {
    let bench = Bench::new();
    back_up(&bench, &["--keep", "1"]).ok();
    let kept = names(&shelf(&bench));
    let whole = backing_up(&bench, &["--keep", "1"]);
    // No file may grow beyond 64 KiB: what the disk says when it is full comes at that point.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 128; exec \"$@\"", "_"]).arg(whole.get_program());
    command.args(whole.get_args());
    for (name, value) in whole.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let ran = finish(command, None);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(names(&shelf(&bench)), kept, "{ran:?}");
}

#[test]
fn the_recovery_passphrase_comes_from_where_nobody_else_reads_it() {
    let bench = Bench::new();
    let file = bench.file("recovery.txt", &format!("{RECOVERY}\n"));
    let from_file = |mode: u32| {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let mut command = backing_up(&bench, &["--keep", "2"]);
        command.env_remove("TIEOUT_RECOVERY_PASSPHRASE").env("TIEOUT_RECOVERY_PASSPHRASE_FILE", &file);
        let ran = finish(command, None);
        std::thread::sleep(Duration::from_millis(1_100));
        ran
    };
    let exposed = from_file(0o644).refused("secret_file_exposed");
    assert!(
        exposed.stderr.contains("recovery.txt") && !exposed.stderr.contains("safe"),
        "{}",
        exposed.stderr
    );
    let made = from_file(0o600).ok().one();
    check_alone(Path::new(&text(&made, "file"))).ok();

    // From a descriptor that whoever starts it has open, as `systemd` and password managers hand them over.
    let mut plain = backing_up(&bench, &["--keep", "2"]);
    plain.env_remove("TIEOUT_RECOVERY_PASSPHRASE");
    let none = finish(plain, None).refused("passphrase_missing");
    assert!(none.stderr.contains("TIEOUT_RECOVERY_PASSPHRASE"), "{}", none.stderr);
    let plain = backing_up(&bench, &["--keep", "2"]);
    let mut shell = Command::new("sh");
    let script = format!("printf '%s' '{RECOVERY}' | {{ exec 3<&0 0</dev/null; exec \"$@\"; }}");
    shell.args(["-c", &script, "_"]).arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs().filter(|(name, _)| *name != "TIEOUT_RECOVERY_PASSPHRASE") {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell.env("TIEOUT_RECOVERY_PASSPHRASE_FILE", "/dev/fd/3").env("TIEOUT_LOG", "trace");
    let ran = finish(shell, None).ok();
    for secret in [RECOVERY, VAULT] {
        assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret));
    }
    check_alone(Path::new(&text(&ran.one(), "file"))).ok();
}
