use std::{path::PathBuf, sync::Mutex};

use serde_json::{Value, json};

use super::*;

/// A window without a screen: it remembers what it was told.
#[derive(Default)]
struct Blind {
    events: Mutex<Vec<(String, Value)>>,
    picks: Mutex<Vec<PathBuf>>,
}

impl Host for Blind {
    fn emit(&self, event: &str, payload: Value) {
        self.events.lock().unwrap().push((event.to_owned(), payload));
    }
    fn pick(&self, _: PickPurpose, _: Option<&str>) -> Option<PathBuf> {
        self.picks.lock().unwrap().pop()
    }
    fn copy(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn start_with_session(&self, on: bool) -> Result<(), String> {
        self.events.lock().unwrap().push(("starts_with_session".to_owned(), json!(on)));
        Ok(())
    }
    fn notify(&self, _: &str, body: &str) {
        self.events.lock().unwrap().push(("notified".to_owned(), json!(body)));
    }
}

struct Bench {
    folder: tempfile::TempDir,
    host: Arc<Blind>,
    app: App,
}

const VAULT: &str = "correct horse vault";
const OWN: &str = "my own battery staple";

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = Arc::new(Blind::default());
        let app = App::new(folder.path().join("config"), Arc::clone(&host) as Arc<dyn Host>).unwrap();
        Self { folder, host, app }
    }

    fn call(&self, name: &str, request: Value) -> DeskResult<Value> {
        self.app.call(name, request, None)
    }

    fn code(&self, name: &str, request: Value) -> String {
        self.call(name, request).unwrap_err().code.to_string()
    }

    fn create(&self) -> Value {
        let path = self.folder.path().join("books.tieoutdb");
        let request = json!({ "path": path, "name": "Books", "backend": "vault", "passphrase": VAULT });
        self.call("workspace_create", request).unwrap()
    }

    fn events(&self, name: &str) -> Vec<Value> {
        let all = self.host.events.lock().unwrap();
        all.iter().filter(|(event, _)| event == name).map(|(_, payload)| payload.clone()).collect()
    }
}

#[test]
fn nothing_of_a_workspace_answers_before_one_is_open() {
    let bench = Bench::new();
    assert_eq!(bench.code("people", json!({})), "no_workspace");
    assert_eq!(bench.code("no_such_command", json!({})), "command_unknown");
    assert_eq!(bench.call("app_state", json!({})).unwrap()["workspace"], Value::Null);
}

#[test]
fn a_locked_desk_answers_nothing_and_opens_with_its_passphrase_only() {
    let bench = Bench::new();
    let state = bench.create();
    assert_eq!(state["workspace"]["locked"], false);
    bench.call("lock", json!({})).unwrap();
    assert_eq!(bench.code("people", json!({})), "locked");
    assert_eq!(bench.code("unlock", json!({ "passphrase": "not the right one" })), "vault_passphrase_wrong");
    assert_eq!(bench.code("unlock", json!({})), "vault_passphrase_needed");
    let state = bench.call("unlock", json!({ "passphrase": VAULT })).unwrap();
    assert_eq!(state["workspace"]["locked"], false);
    assert!(bench.call("people", json!({})).unwrap().is_array());
}

#[test]
fn unlocking_a_desk_that_is_open_answers_at_once() {
    let bench = Arc::new(Bench::new());
    bench.create();
    let (tell, answered) = std::sync::mpsc::channel();
    let asking = Arc::clone(&bench);
    std::thread::spawn(move || {
        let answer = asking.call("unlock", json!({ "passphrase": VAULT }));
        tell.send(answer.map(|state| state["workspace"]["locked"].clone()))
    });
    let answer = answered.recv_timeout(Duration::from_secs(20)).expect("it hangs, and every call with it");
    assert_eq!(answer.unwrap(), false);
    assert!(bench.call("people", json!({})).unwrap().is_array());
}

#[test]
fn a_decision_asks_for_the_persons_own_secret_once_until_the_desk_locks() {
    let bench = Bench::new();
    let state = bench.create();
    let me = state["workspace"]["seat"]["name"].as_str().unwrap().to_owned();
    assert_eq!(state["workspace"]["seat"]["unlocked"], false);
    let role = json!({ "person": me, "role": "auditor" });
    assert_eq!(bench.code("person_role", role.clone()), "person_secret_needed");
    let own = |text: &str| json!({ "person": me, "new_passphrase": text });
    assert_eq!(bench.code("seat", own(VAULT)), "passphrase_reused", "the vault's would open both");
    let state = bench.call("seat", own(OWN)).unwrap();
    assert_eq!(state["workspace"]["seat"]["unlocked"], true);
    // Judged now, and refused by a rule: nobody changes their own role.
    let refused = bench.call("person_role", role.clone()).unwrap_err();
    assert!(refused.rule.is_some(), "{refused}");
    bench.call("lock", json!({})).unwrap();
    let state = bench.call("unlock", json!({ "passphrase": VAULT })).unwrap();
    assert_eq!(state["workspace"]["seat"]["unlocked"], false, "the vault's passphrase unlocks nobody");
    assert_eq!(bench.code("person_role", role), "person_secret_needed");
    let wrong = json!({ "person": me, "passphrase": "somebody else's" });
    assert_eq!(bench.code("seat", wrong), "person_secret_wrong");
}

#[test]
fn what_is_wrong_with_a_secret_is_told_by_the_persons_name_and_without_a_command_line() {
    let bench = Bench::new();
    let state = bench.create();
    let me = state["workspace"]["seat"]["name"].as_str().unwrap().to_owned();
    let role = json!({ "person": me, "role": "auditor" });
    let needed = bench.call("person_role", role).unwrap_err();
    assert_eq!(needed.message, "a new personal passphrase is needed");
    bench.call("seat", json!({ "person": me, "new_passphrase": OWN })).unwrap();
    let wrong = bench.call("seat", json!({ "person": me, "passphrase": "somebody else's" })).unwrap_err();
    assert_eq!(wrong.message, format!("this is not the passphrase of {me}"));
    let other = json!({ "name": "dora", "role": "analyst", "os_account": null, "passphrase": null });
    bench.call("person_add", other).unwrap();
    let unset = json!({ "person": "dora", "new_passphrase": OWN });
    let missing = bench.call("seat", unset).unwrap_err();
    assert_eq!(missing.code, "enrolment_code_missing");
    for error in [needed, wrong, missing] {
        let cli = ["TIEOUT_", "prompt", "`", "per_"];
        assert!(cli.iter().all(|word| !error.message.contains(word)), "{error}");
    }
}

#[test]
fn what_the_program_was_started_with_is_said_while_it_opens_and_a_failure_until_something_opens() {
    let bench = Bench::new();
    let state = || bench.call("app_state", json!({})).unwrap();
    bench.app.will_open_demo();
    assert_eq!(state()["opening"], "the demo");
    let during = Mutex::new(Value::Null);
    bench.app.start_with("the demo", |_| {
        *during.lock().unwrap() = state();
        Err(DeskError::new(Code::DemoSandboxFailed, "no port is free"))
    });
    assert_eq!(during.lock().unwrap()["opening"], "the demo");
    let failed = state();
    assert_eq!(
        (&failed["opening"], &failed["start_error"]["code"]),
        (&Value::Null, &json!("demo_sandbox_failed"))
    );
    let told = bench.events("desk");
    assert_eq!(told.last(), Some(&json!({ "reason": "start" })), "the page asks again");
    bench.create();
    assert_eq!(state()["start_error"], Value::Null, "what is open now matters");
}

#[test]
fn what_opens_while_the_keyring_is_asked_is_in_the_answer_and_a_later_look_has_a_higher_number() {
    let bench = Bench::new();
    let (asked, made) = std::thread::scope(|scope| {
        // A keyring that takes its time.
        let keyring = lock(&bench.app.keyring);
        let asked = scope.spawn(|| bench.call("app_state", json!({})).unwrap());
        let made = scope.spawn(|| bench.create());
        while matches!(bench.app.lies(), Place::Empty) && !made.is_finished() {
            std::thread::yield_now();
        }
        drop(keyring);
        (asked.join().unwrap(), made.join().unwrap())
    });
    assert_eq!(asked["workspace"]["name"], "Books", "{asked}");
    let later = bench.call("app_glance", json!({})).unwrap();
    let number = |state: &Value| state["look"].as_u64().unwrap();
    assert!(number(&later) > number(&asked) && number(&later) > number(&made), "{later}");
}

#[test]
fn a_desk_that_nobody_uses_locks_itself() {
    let bench = Bench::new();
    bench.create();
    bench.app.tick();
    assert!(bench.call("people", json!({})).is_ok());
    let long_ago = Instant::now().checked_sub(Duration::from_secs(16 * 60)).unwrap();
    *lock(&bench.app.touched) = long_ago;
    bench.app.tick();
    assert_eq!(bench.code("people", json!({})), "locked");
    assert!(bench.events("desk").contains(&json!({ "reason": "locked" })));
}

#[test]
fn settings_and_recent_workspaces_outlive_the_window_and_bad_ones_are_refused() {
    let bench = Bench::new();
    bench.create();
    let mut settings = bench.call("app_state", json!({})).unwrap()["settings"].clone();
    settings["theme"] = json!("dark");
    assert_eq!(settings["start_with_session"], false, "off unless somebody wants it");
    settings["start_with_session"] = json!(true);
    settings["shortcuts"] = json!({ "propose": "shift+p" });
    bench.call("settings_set", settings.clone()).unwrap();
    bench.call("settings_set", settings.clone()).unwrap();
    assert_eq!(bench.events("starts_with_session"), [json!(true)], "told once, when it changes");
    let mut bad = settings.clone();
    bad["text_size"] = json!(900);
    assert_eq!(bench.code("settings_set", bad), "setting_bad");
    let again =
        App::new(bench.folder.path().join("config"), Arc::clone(&bench.host) as Arc<dyn Host>).unwrap();
    let state = again.call("app_state", json!({}), None).unwrap();
    assert_eq!(state["settings"], settings);
    assert_eq!(state["recent"][0]["name"], "Books");
    std::fs::remove_file(bench.folder.path().join("books.tieoutdb")).unwrap();
    assert_eq!(again.call("app_state", json!({}), None).unwrap()["recent"][0]["missing"], true);
}

#[test]
fn a_link_waits_for_an_open_workspace_and_what_is_no_link_of_ours_is_ignored() {
    let bench = Bench::new();
    let id = ExceptionId::derive(&["document", "x", "value"]).to_string();
    for what in ["https://example.com", "tieout://exception/none", "tieout://run/rm", "relative.tieoutdb"] {
        bench.app.open_request(what);
    }
    let link = format!("tieout://exception/{id}");
    let asked = json!({ "exception": id, "workspace": null, "file": null, "action": null });
    bench.app.open_request(&link);
    assert_eq!(bench.call("app_state", json!({})).unwrap()["open"], Value::Null, "nothing is open yet");
    bench.create();
    assert_eq!(bench.call("app_state", json!({})).unwrap()["open"], asked);
    assert_eq!(bench.call("app_state", json!({})).unwrap()["open"], Value::Null, "it is told once");
    bench.app.open_request(&link);
    assert_eq!(bench.events("open"), [asked]);
}

#[test]
fn what_is_chosen_in_the_menu_bar_reaches_the_page_of_an_open_workspace_and_no_other() {
    let bench = Bench::new();
    bench.app.ask_page(MenuAction::Backup);
    assert!(bench.events("open").is_empty(), "there is nothing to back up");
    bench.create();
    bench.app.ask_page(MenuAction::Backup);
    let asked = json!({ "exception": null, "workspace": null, "file": null, "action": "backup" });
    assert_eq!(bench.events("open"), [asked]);
}

#[test]
fn a_file_that_the_program_was_started_with_waits_until_the_page_listens() {
    let bench = Bench::new();
    let file = bench.folder.path().join("books.tieoutdb").display().to_string();
    bench.app.open_request(&file);
    assert!(bench.events("open").is_empty(), "nobody would hear it");
    let glance = bench.call("app_glance", json!({})).unwrap();
    assert_eq!(
        (&glance["open"], &glance["link_waits"]),
        (&Value::Null, &json!(true)),
        "a look takes nothing"
    );
    let state = bench.call("app_state", json!({})).unwrap();
    assert_eq!(state["open"], json!({ "exception": null, "workspace": file, "file": null, "action": null }));
}

#[test]
fn the_bindings_name_every_command_once_and_no_secret_ever_goes_out() {
    let [(_, types), (_, commands)] = crate::bindings::files();
    for info in commands::COMMANDS {
        assert_eq!(commands.matches(&format!("\n  {}: [", info.name)).count(), 1, "{}", info.name);
    }
    assert!(!types.contains("bigint"), "a number of JSON is a number in the window");
    assert!(!types.contains("_minor"), "money crosses as decimal text");
}

#[test]
fn only_what_is_new_is_notified_and_only_once_it_was_asked_for() {
    let bench = Bench::new();
    bench.call("demo_open", json!({})).unwrap();
    bench.call("sync", json!({})).unwrap();
    bench.call("seat", json!({ "person": "ana" })).unwrap();
    let page = bench.call("exception_page", json!({ "query": {}, "start": 0, "limit": 3 })).unwrap();
    let assign = |at: usize| {
        let work = json!({ "ids": [page["rows"][at]["id"]], "work": { "assign": "ana" } });
        let done = bench.call("work", work).unwrap();
        assert_eq!(done[0]["result"], "done", "{done}");
    };
    let mine =
        |told: &[Value]| told.iter().filter(|body| body.as_str().unwrap().contains("assigned")).count();
    bench.app.tick();
    assign(0);
    bench.app.tick();
    assert_eq!(bench.events("notified"), [] as [Value; 0], "nobody asked for it");
    let mut settings = bench.call("app_state", json!({})).unwrap()["settings"].clone();
    settings["notifications"] = json!(true);
    bench.call("settings_set", settings).unwrap();
    bench.app.tick();
    assert_eq!(bench.events("notified"), [] as [Value; 0], "what was there before is not new");
    assign(1);
    bench.app.tick();
    bench.app.tick();
    let told = bench.events("notified");
    assert_eq!(mine(&told), 1, "{told:?}");
    bench.call("seat", json!({ "person": "carl" })).unwrap();
    bench.app.tick();
    assert_eq!(bench.events("notified").len(), told.len(), "to whoever sits down nothing is new");
}

#[test]
fn passphrases_are_changed_in_the_window_and_the_ones_before_open_nothing() {
    const NEXT_OWN: &str = "my own other staple";
    const NEXT_VAULT: &str = "another horse for the vault";
    let bench = Bench::new();
    let state = bench.create();
    let me = state["workspace"]["seat"]["name"].as_str().unwrap().to_owned();
    let change = |present: &str, next: &str| json!({ "passphrase": present, "new_passphrase": next });
    let own = "person_change_passphrase";
    assert_eq!(bench.code(own, change(OWN, NEXT_OWN)), "person_secret_missing");
    bench.call("seat", json!({ "person": me, "new_passphrase": OWN })).unwrap();
    assert_eq!(bench.code(own, change(VAULT, NEXT_OWN)), "person_secret_wrong");
    assert_eq!(bench.code(own, change(OWN, VAULT)), "passphrase_reused");
    bench.call(own, change(OWN, NEXT_OWN)).unwrap();
    // Who sits here unlocked goes on, and only the vault's own present passphrase changes the vault's.
    let vault = "secrets_change_passphrase";
    assert_eq!(bench.code(vault, change(NEXT_OWN, NEXT_VAULT)), "vault_passphrase_wrong");
    assert_eq!(bench.code(vault, change(VAULT, NEXT_OWN)), "passphrase_reused");
    bench.call(vault, change(VAULT, NEXT_VAULT)).unwrap();

    bench.call("lock", json!({})).unwrap();
    assert_eq!(bench.code("unlock", json!({ "passphrase": VAULT })), "vault_passphrase_wrong");
    bench.call("unlock", json!({ "passphrase": NEXT_VAULT })).unwrap();
    assert_eq!(bench.code("seat", json!({ "person": me, "passphrase": OWN })), "person_secret_wrong");
    bench.call("seat", json!({ "person": me, "passphrase": NEXT_OWN })).unwrap();
    assert_eq!(bench.call("verify", json!({})).unwrap()["sound"], true);
}

#[test]
fn the_demo_has_no_passphrase_to_change() {
    let bench = Bench::new();
    bench.call("demo_open", json!({})).unwrap();
    let change = json!({ "passphrase": "demo passphrase of ana", "new_passphrase": "something else, long" });
    for command in ["person_change_passphrase", "secrets_change_passphrase"] {
        assert_eq!(bench.code(command, change.clone()), "demo_has_no_secrets");
    }
}

#[test]
fn a_backup_is_restored_in_the_window_with_a_code_for_everybody() {
    let bench = Bench::new();
    let state = bench.create();
    let me = state["workspace"]["seat"]["name"].as_str().unwrap().to_owned();
    bench.call("seat", json!({ "person": me, "new_passphrase": OWN })).unwrap();
    let carl =
        json!({ "name": "carl", "role": "controller", "os_account": null, "passphrase": "carl's own" });
    bench.call("person_add", carl).unwrap();
    let backup = bench.folder.path().join("books.tieoutbackup");
    const RECOVERY: &str = "words in the safe";
    bench.call("backup", json!({ "path": backup, "passphrase": RECOVERY })).unwrap();
    let restore = json!({ "backup": backup, "path": bench.folder.path().join("restored.tieoutdb"),
        "recovery_passphrase": RECOVERY, "backend": "vault", "passphrase": VAULT });
    let answer = bench.call("restore", restore).unwrap();
    let codes: Vec<(&str, &str)> = answer["restored"]["enrolment_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["person"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    let code_of = |name: &str| codes.iter().find(|(person, _)| *person == name).unwrap().1;
    assert_eq!((codes.len(), &answer["restored"]["faults"]), (2, &json!([])));

    // Not even from one's own OS account without the code; and with it one sits here, and decides nothing
    // yet.
    let again = json!({ "person": me, "new_passphrase": OWN });
    assert_eq!(bench.code("seat", again), "enrolment_code_missing");
    for (name, own) in [(me.as_str(), OWN), ("carl", "carl's own, once more")] {
        let enrol = json!({ "person": name, "enrolment_code": code_of(name), "new_passphrase": own });
        let state = bench.call("seat", enrol).unwrap();
        assert_eq!(state["workspace"]["seat"]["unlocked"], true);
    }
    assert_eq!(bench.code("person_role", json!({ "person": me, "role": "analyst" })), "person_unconfirmed");
    let people = bench.call("people", json!({})).unwrap();
    let mine = people.as_array().unwrap().iter().find(|one| one["name"] == me.as_str()).unwrap();
    assert_eq!((&mine["unconfirmed"], &mine["restored"]), (&json!(true), &json!(true)));
    let confirms = mine["actions"].as_array().unwrap().iter().find(|one| one["action"] == "confirm_person");
    assert_eq!(confirms.unwrap()["allowed"], true, "Carl sits here, who did not restore: {mine}");
    assert_eq!(bench.code("post", json!({})), "posting_off");
    bench.call("person_confirm", json!({ "id": me })).unwrap();
    bench.call("post", json!({})).unwrap();
    bench.call("seat", json!({ "person": me, "passphrase": OWN })).unwrap();
    assert_eq!(bench.code("person_confirm", json!({ "id": "carl" })), "issuer_does_not_confirm");
    let dora = json!({ "name": "dora", "role": "analyst", "os_account": null, "passphrase": "dora's own" });
    bench.call("person_add", dora).unwrap();
    bench.call("seat", json!({ "person": "dora", "passphrase": "dora's own" })).unwrap();
    bench.call("person_confirm", json!({ "id": "carl" })).unwrap();
    assert_eq!(bench.call("verify", json!({})).unwrap()["sound"], true);
}

#[test]
fn no_command_reads_a_file_that_nobody_handed_over() {
    let bench = Bench::new();
    bench.create();
    let file = bench.folder.path().join("secret.toml");
    std::fs::write(&file, "secret = \"words\"\n").unwrap();
    for (name, field) in [
        ("view_read", "file"),
        ("import_mapping", "file"),
        ("import_billing", "map"),
        ("preview", "mapping"),
        ("reroute", "mapping"),
        ("person_key_bring", "file"),
        ("roster_import", "file"),
        ("packet_show", "file"),
        ("packet_decide", "sheet_file"),
        ("packet_import", "file"),
    ] {
        assert_eq!(bench.code(name, json!({ field: file })), "file_not_chosen", "{name}");
    }
}
