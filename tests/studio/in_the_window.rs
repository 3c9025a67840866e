//! What the window's desk does with a file between looking and taking, and with rows that were pasted.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tieout_app::{App, Host, PickPurpose};

/// A window without a screen.
struct Blind;

impl Host for Blind {
    fn emit(&self, _: &str, _: Value) {}
    fn pick(&self, _: PickPurpose, _: Option<&str>) -> Option<PathBuf> {
        None
    }
    fn copy(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn start_with_session(&self, _: bool) -> Result<(), String> {
        Ok(())
    }
    fn notify(&self, _: &str, _: &str) {}
}

struct Window {
    folder: tempfile::TempDir,
    app: App,
}

impl Window {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = App::new(folder.path().join("config"), Arc::new(Blind)).unwrap();
        let window = Self { folder, app };
        let path = window.folder.path().join("books.tieoutdb");
        let asked =
            json!({ "path": path, "name": "Books", "backend": "vault", "passphrase": "correct horse vault" });
        window.call("workspace_create", &asked);
        window
    }

    fn call(&self, name: &str, request: &Value) -> Value {
        self.app.call(name, request.clone(), None).unwrap_or_else(|e| panic!("{name}: {e:?}"))
    }

    fn refused(&self, name: &str, request: &Value) -> String {
        self.app.call(name, request.clone(), None).unwrap_err().code.to_string()
    }

    fn look(&self, chosen: &Value) -> Value {
        let mut request = chosen.clone();
        request["limit"] = json!(50);
        self.call("import_preview", &request)
    }

    fn paste(&self, text: &str) -> PathBuf {
        let answer = self.call("paste_rows", &json!({ "text": text }));
        PathBuf::from(answer["path"].as_str().unwrap())
    }
}

/// Two bills, and what the second comes to.
fn bills(amount: &str) -> String {
    let rows = format!("A-1,2026-03-02,Acme,10.00\nA-2,2026-03-04,Bolt,{amount}\n");
    format!("Invoice number,Invoice date,Customer,Total\n{rows}")
}

fn chosen(file: &Path) -> Value {
    json!({
        "file": file, "entity": "XX01", "currency": "USD", "time_zone": "America/New_York",
        "as_of": super::JUDGED, "profile": "general", "expect": ["receivable=1100,revenue=4000"],
    })
}

#[test]
fn a_file_that_became_another_of_the_same_size_and_time_since_it_was_shown_is_not_imported() {
    let window = Window::open();
    let path = window.folder.path().join("bills.csv");
    let at = SystemTime::now() - Duration::from_secs(600);
    let put = |text: &str| {
        std::fs::write(&path, text).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
    };
    put(&bills("20.00"));
    window.app.hand_over(std::slice::from_ref(&path));
    let mut request = chosen(&path);
    let view = window.look(&request);
    assert_eq!((&view["why"], &view["totals"][0]["debits"]), (&Value::Null, &json!("30.00")), "{view}");
    request["shown"] = view["sha256"].clone();
    // The effect is asked for as the page does, by the desk that imports.
    window.call("import_effect", &chosen(&path));
    put(&bills("90.00"));
    assert_eq!(window.refused("import_chosen", &request), "file_changed");
    assert_eq!(window.call("imports", &json!({})), json!([]), "nothing was kept");
    // What was shown is imported, once it stands there again.
    put(&bills("20.00"));
    assert_eq!(window.call("import_chosen", &request)["items"], 2);
}

#[test]
fn rows_that_were_pasted_leave_the_disk_once_they_are_imported_and_all_of_them_at_the_end() {
    let window = Window::open();
    let (first, second) = (window.paste(&bills("20.00")), window.paste("a,b\n1,2\n"));
    let mut request = chosen(&first);
    window.look(&request);
    window.call("import_effect", &request);
    request["shown"] = json!("another");
    assert_eq!(window.refused("import_chosen", &request), "content_changed");
    assert!(first.exists(), "what was refused can be tried again");
    window.call("import_chosen", &chosen(&first));
    assert!(!first.exists() && second.exists(), "what was imported is kept in the workspace alone");
    window.app.forget_pasted();
    assert!(!second.exists() && !second.parent().unwrap().exists(), "the program's end leaves none");
    // A file of the user's own stays.
    let own = window.folder.path().join("own.csv");
    std::fs::write(&own, bills("25.00").replace("A-", "B-")).unwrap();
    window.app.hand_over(std::slice::from_ref(&own));
    window.call("import_chosen", &chosen(&own));
    assert!(own.exists());
}
