//! What the administrator of a machine fixes: nobody at the desk goes beyond it, and a file that cannot be
//! relied on closes what it could have forbidden. A debug build takes the file from another place; what is
//! shipped does not.
#![cfg(debug_assertions)]

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use tieout_sandbox::company::{DEFAULT_AS_OF, Spec, generate};

use super::{
    binary::{Bench, Ran, finish, text},
    company::{Served, as_of, connect},
};

const PLACE: &str = "TIEOUT_DEBUG_POLICY";

/// The machine's file, in a folder of its own.
fn fixed(bench: &Bench, says: &str) -> PathBuf {
    let folder = bench.folder.path().join("machine");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("policy.toml");
    fs::write(&file, format!("version = 1\n{says}")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    file
}

fn run(bench: &Bench, policy: &Path, args: &[&str]) -> Ran {
    let mut command = bench.command(None, args.iter().copied());
    command.env(PLACE, policy);
    finish(command, None)
}

/// Refused, in words that name the file.
#[track_caller]
fn beyond(ran: Ran, policy: &Path) -> Ran {
    let ran = ran.refused("fixed_by_administrator");
    assert!(ran.stderr.contains(policy.to_str().unwrap()), "{}", ran.stderr);
    ran
}

#[test]
fn secrets_are_kept_where_the_machine_allows_and_a_workspace_that_keeps_them_elsewhere_can_still_be_moved() {
    let before = Bench::new();
    let policy = fixed(&before, "[secrets]\nallowed = [\"keyring\"]\n");
    let fresh = Bench::empty();
    beyond(run(&fresh, &policy, &["init", "--secrets", "vault"]), &policy);
    assert!(!fresh.workspace.exists());

    let refused = beyond(run(&before, &policy, &["person", "list"]), &policy);
    assert!(refused.stderr.contains("can still be backed up"), "{}", refused.stderr);
    let file = before.folder.path().join("way-out.tieoutbackup");
    let mut backup = before.command(None, ["backup", "--to", file.to_str().unwrap()]);
    backup.env(PLACE, &policy).env("TIEOUT_RECOVERY_PASSPHRASE", "words for the safe, of which some");
    finish(backup, None).ok();
    let mut restore = fresh.command(None, ["restore", file.to_str().unwrap(), "--secrets", "vault"]);
    restore.env(PLACE, &policy).env("TIEOUT_RECOVERY_PASSPHRASE", "words for the safe, of which some");
    beyond(finish(restore, None), &policy);

    let allows = fixed(&before, "[secrets]\nallowed = [\"vault\"]\n");
    run(&before, &allows, &["person", "list"]).ok();
    beyond(run(&fresh, &allows, &["init", "--secrets", "keyring"]), &allows);
}

#[test]
fn only_vendors_and_hosts_that_the_machine_allows_are_called_also_by_a_connection_from_before() {
    let served =
        Served::start(generate(&Spec { seed: 5, invoices: 20, as_of: DEFAULT_AS_OF, fault_rate: 0 }));
    let bench = Bench::new();
    connect(&bench, &served, &[]);
    let about = served.sandbox.describe();
    let add = |policy: &Path, name: &str, vendor: &str, url: &str| {
        let args = ["connection", "add", name, "--vendor", vendor, "--url", url, "--mode", "test"];
        let mut command = bench.command(None, args);
        command.env(PLACE, policy).env("TIEOUT_CREDENTIAL_API_KEY", "sk_test_of_nobody_0123456789");
        finish(command, None)
    };
    let url = text(&about["stripe"], "url");
    let vendors = fixed(&bench, "[connections]\nvendors = [\"netsuite\"]\n");
    let refused = beyond(add(&vendors, "more", "stripe", &url), &vendors);
    assert!(
        refused.stderr.contains("stripe is not among the vendors allowed: netsuite"),
        "{}",
        refused.stderr
    );
    let sync = |policy: &Path| run(&bench, policy, &["sync", "--as-of", &as_of()]);
    let ran = sync(&vendors);
    assert_eq!(ran.status, 1, "{ran:?}");
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(told.contains("fixed_by_administrator") || told.contains("not among the vendors"), "{told}");

    let hosts =
        fixed(&bench, "[connections]\nhosts = [\"api.stripe.com\", \"*.suitetalk.api.netsuite.com\"]\n");
    beyond(add(&hosts, "more", "stripe", &url), &hosts);
    assert_eq!(sync(&hosts).status, 1);
    // A name that only begins like an allowed one.
    beyond(add(&hosts, "more", "stripe", "https://api.stripe.com.evil.example"), &hosts);

    let both =
        fixed(&bench, "[connections]\nvendors = [\"stripe\", \"netsuite\"]\nhosts = [\"127.0.0.1\"]\n");
    sync(&both).ok();
}

#[test]
fn what_leaves_is_in_a_format_that_the_machine_allows() {
    let bench = Bench::new();
    let out = |name: &str| bench.folder.path().join(name).display().to_string();
    let formats = fixed(&bench, "[exports]\nformats = [\"xlsx\"]\n");
    let export =
        |policy: &Path, name: &str| run(&bench, policy, &["export", "exceptions", "--to", &out(name)]);
    beyond(export(&formats, "open.csv"), &formats);
    beyond(export(&formats, "open.PARQUET"), &formats);
    export(&formats, "open.xlsx").ok();
    assert!(Path::new(&out("open.xlsx")).exists() && !Path::new(&out("open.csv")).exists());
    let none = fixed(&bench, "[exports]\nallowed = false\n");
    beyond(export(&none, "more.xlsx"), &none);
    let period =
        serde_json::json!({ "entity": "GB01", "period": "2026-10", "path": out("b.tieout") }).to_string();
    beyond(run(&bench, &none, &["call", "binder", &period]), &none);
    assert!(!Path::new(&out("more.xlsx")).exists() && !Path::new(&out("b.tieout")).exists());
}

#[test]
fn a_file_that_cannot_be_relied_on_closes_the_desk_and_says_why() {
    let bench = Bench::new();
    let closed = |policy: &Path, words: &str| {
        for args in [&["person", "list"][..], &["about"]] {
            let ran = run(&bench, policy, args).refused("machine_policy_unusable");
            assert!(ran.stderr.contains(words) && ran.stderr.contains("policy.toml"), "{}", ran.stderr);
        }
    };
    let good = fixed(&bench, "[exports]\nallowed = true\n");
    run(&bench, &good, &["person", "list"]).ok();
    fs::set_permissions(&good, fs::Permissions::from_mode(0o666)).unwrap();
    closed(&good, "everybody may write");
    let good = fixed(&bench, "[exports]\nallowed = true\n");
    fs::set_permissions(good.parent().unwrap(), fs::Permissions::from_mode(0o777)).unwrap();
    closed(&good, "everybody may write");
    fs::set_permissions(good.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
    closed(&fixed(&bench, "[exprots]\nallowed = false\n"), "exprots");
    closed(&fixed(&bench, "[exports]\nallowed = \"no\"\n"), "line 3");
    let file = fixed(&bench, "");
    fs::write(&file, "version = 7\n").unwrap();
    closed(&file, "version 7 is not known");
    fs::write(&file, [0xff, 0xfe, 0x00]).unwrap();
    closed(&file, "cannot be read");
    fs::remove_file(&file).unwrap();
    symlink("/nowhere/at/all", &file).unwrap();
    closed(&file, "cannot be read");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    closed(&file, "no file of settings");
    fs::remove_dir(&file).unwrap();
    run(&bench, &file, &["person", "list"]).ok();
}

#[test]
fn what_is_fixed_and_by_which_file_is_told_without_a_workspace() {
    let bench = Bench::empty();
    let policy = fixed(
        &bench,
        "[secrets]\nallowed = [\"keyring\"]\n[lock]\nafter_minutes_at_most = 10\n\
         [exports]\nformats = [\"xlsx\", \"csv\"]\n",
    );
    let mut command = super::binary::bare();
    command.args(["--format", "json", "about"]).env(PLACE, &policy);
    command.env("HTTPS_PROXY", "http://ana:canary-of-the-proxy@proxy.example:3128");
    let ran = finish(command, None).ok();
    let about = ran.one();
    assert_eq!(about["machine_policy_state"], "in_force");
    assert_eq!(text(&about, "machine_policy"), policy.display().to_string());
    let value = |name: &str| {
        let found = about["fixed"].as_array().unwrap().iter().find(|one| one["name"] == name);
        text(found.expect(name), "value")
    };
    assert_eq!(value("secrets.allowed"), "keyring");
    assert_eq!(value("lock.after_minutes_at_most"), "10");
    assert_eq!(value("exports.formats"), "xlsx, csv");
    assert_eq!(about["proxy"], "http://proxy.example:3128");
    assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"));
    let mut plain = super::binary::bare();
    plain.arg("about").env(PLACE, &policy);
    assert!(finish(plain, None).ok().stdout.contains("lock.after_minutes_at_most"));
}
