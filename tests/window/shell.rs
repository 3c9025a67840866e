//! What the shell keeps the page from doing, and how the program behaves beside others. These also run
//! against the installed package (`TIEOUT_APP`).

use std::{net::TcpListener, process::Stdio};

use serde_json::{Value, json};
use tieout_tests::window::{PageScreen, Start, Window, program, screens};

use crate::journeys::SIZE;

/// Hands over what the browser says when the page's policy stops something, or "nothing" after a while.
const VIOLATION: &str = "const done = arguments[arguments.length - 1];
    let over = false;
    const end = (what) => { if (!over) { over = true; done(what); } };
    const stopped = (event) => end(event.effectiveDirective);
    document.addEventListener('securitypolicyviolation', stopped, { once: true });
    setTimeout(() => end('nothing'), 5000);";

async fn violation(window: &Window, attempt: &str, arguments: &[Value]) -> Value {
    window.script_later(&format!("{VIOLATION} {attempt}"), arguments).await.unwrap()
}

#[tokio::test]
async fn an_inline_script_or_style_that_gets_into_the_page_does_nothing() {
    let window = Window::open(&Start::default()).await.unwrap();
    let script = "const element = document.createElement('script');
        element.textContent = 'window.ranInline = true'; document.head.append(element);";
    assert_eq!(violation(&window, script, &[]).await, json!("script-src-elem"));
    assert_eq!(window.script("return window.ranInline ?? null", &[]).await.unwrap(), Value::Null);
    let handler = "const element = document.createElement('div');
        element.innerHTML = '<img src=\"data:image/gif;base64,x\" onerror=\"window.ranInline = true\">';
        document.body.append(element);";
    assert_eq!(violation(&window, handler, &[]).await, json!("script-src-attr"));
    let style = "const element = document.createElement('style');
        element.textContent = 'body { display: none }'; document.head.append(element);";
    assert_eq!(violation(&window, style, &[]).await, json!("style-src-elem"));
    let shown = window.script("return getComputedStyle(document.body).display", &[]).await.unwrap();
    assert_ne!(shown, json!("none"));
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_page_reaches_no_network() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let there = format!("http://{}/", listener.local_addr().unwrap());
    let window = Window::open(&Start::default()).await.unwrap();
    for (attempt, directive) in [
        ("fetch(arguments[0]).catch(() => {});", "connect-src"),
        ("try { new WebSocket(arguments[0].replace('http', 'ws')); } catch {}", "connect-src"),
        ("new Image().src = arguments[0];", "img-src"),
        (
            "const f = document.createElement('iframe'); f.src = arguments[0]; document.body.append(f);",
            "frame-src",
        ),
        (
            "const s = document.createElement('script'); s.src = arguments[0]; document.head.append(s);",
            "script-src-elem",
        ),
        (
            "const f = document.createElement('form'); f.action = arguments[0]; document.body.append(f);
             f.submit();",
            "form-action",
        ),
    ] {
        assert_eq!(violation(&window, attempt, &[json!(there)]).await, json!(directive), "{attempt}");
    }
    let came = listener.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(came, Err(std::io::ErrorKind::WouldBlock), "nobody came");
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_page_can_ask_for_the_one_command_and_nothing_else() {
    let window = Window::open(&Start::default()).await.unwrap();
    let ask = "const done = arguments[arguments.length - 1];
        window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1] ?? {})
            .then(() => done('allowed'),
                (error) => done(typeof error === 'string' ? error : JSON.stringify(error)))";
    for command in [
        "plugin:fs|read_file",
        "plugin:fs|read_text_file",
        "plugin:http|fetch",
        "plugin:shell|execute",
        "plugin:dialog|open",
        "plugin:notification|notify",
        "plugin:clipboard-manager|read_text",
        "plugin:window-state|save_window_state",
        "plugin:webview|create_webview_window",
        "plugin:window|set_title",
        "plugin:app|version",
        "plugin:path|resolve_directory",
        "plugin:menu|new",
        "plugin:tray|new",
        "no_such_command",
    ] {
        let answer = window.script_later(ask, &[json!(command)]).await.unwrap();
        let refused =
            answer.as_str().is_some_and(|text| text.contains("not allowed") || text.contains("not found"));
        assert!(refused, "{command}: {answer}");
    }
    let refused = window.call("no_such_command", &json!({})).await.unwrap().unwrap_err();
    assert_eq!(refused["code"], json!("command_unknown"), "an error of the desk: a code and words");
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_page_stays_where_it_is() {
    let window = Window::open(&Start::default()).await.unwrap();
    let here = window.script("return location.href", &[]).await.unwrap();
    let opened = window.script("return window.open('https://example.com/') === null", &[]).await.unwrap();
    assert_eq!(opened, json!(true), "no second window");
    for there in ["https://example.com/", "http://127.0.0.1:9/", "file:///etc/passwd"] {
        window.script("window.stays = true; location.href = arguments[0];", &[json!(there)]).await.unwrap();
        let after = window.script("return [location.href, window.stays === true]", &[]).await.unwrap();
        assert_eq!(after, json!([here, true]), "{there}");
    }
    let frozen = window.script("return Object.isFrozen(Object.prototype)", &[]).await.unwrap();
    assert_eq!(frozen, json!(true), "freezePrototype");
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_second_start_hands_what_it_was_given_to_the_first() {
    let window = Window::open(&Start::demo()).await.unwrap();
    window.part("demo-mark").await.unwrap();
    window.hear("open").await.unwrap();
    let link = "tieout://exception/exc_01980000000070008000000000000001";
    let mut second = window.command(program().unwrap());
    let status = second.arg(link).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "the second start ends at once: {status}");
    let said = window.heard("open").await.unwrap();
    assert!(said.to_string().contains("exc_01980000000070008000000000000001"), "{said}");
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_desk_locks_when_the_screen_does_and_when_the_machine_goes_to_sleep() {
    let window = Window::open(&Start::demo()).await.unwrap();
    window.part("demo-mark").await.unwrap();
    for signal in [
        ["--session", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.ActiveChanged"],
        ["--session", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged"],
        ["--system", "/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep"],
    ] {
        window.hear("desk").await.unwrap();
        let [bus, path, member] = signal;
        let mut send = window.command("dbus-send");
        send.args([bus, "--type=signal", path, member, "boolean:true"]);
        assert!(send.status().unwrap().success());
        window.heard_where("desk", "reason", &json!("locked")).await.unwrap();
        window.part("locked").await.unwrap();
        window.click("unlock").await.unwrap();
        window.part("demo-mark").await.unwrap();
    }
    window.close().await.unwrap();
}

#[tokio::test]
async fn wrong_arguments_are_refused_before_anything_starts() {
    let app = program().unwrap();
    let run = |argument: &str| std::process::Command::new(app).arg(argument).output().unwrap();
    let wrong = run("--no-such-option");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("unknown option --no-such-option"));
    let version = run("--version");
    assert!(version.status.success());
    assert_eq!(String::from_utf8_lossy(&version.stdout).trim(), "tieout-app 0.1.0");
}

#[tokio::test]
async fn the_demo_opens_at_once() {
    let window = Window::open(&Start::demo()).await.unwrap();
    window.part("demo-mark").await.unwrap();
    let logs = window.home().join(".local/share/com.tieout.desk/logs");
    let log = std::fs::read_dir(&logs).unwrap().next().expect("a log file").unwrap().path();
    let text = std::fs::read_to_string(log).unwrap();
    assert!(text.contains("started"), "{text}");
    assert!(!text.contains("demo passphrase"), "no secret in the log: {text}");
    window.close().await.unwrap();
}

/// Every call that the page makes in four seconds, once what came with the screen has come to its end:
/// nothing is asked for a second. Nobody does anything meanwhile. `null` where the page goes on asking for a
/// minute.
const ASKED: &str = "const done = arguments[arguments.length - 1], fetch = window.fetch, began = Date.now();
    let asked = [], last = Date.now(), under_way = 0;
    window.fetch = async (to, how) => {
        asked.push(typeof how?.body === 'string' ? JSON.parse(how.body).name : String(to));
        under_way += 1;
        try { return await fetch.call(window, to, how); } finally { under_way -= 1; last = Date.now(); }
    };
    const end = (answer) => { window.fetch = fetch; done(answer); };
    const quiet = setInterval(() => {
        if (Date.now() - began > 60000) { clearInterval(quiet); end(null); }
        if (under_way > 0 || Date.now() - last < 1000) return;
        clearInterval(quiet);
        asked = [];
        setTimeout(() => end(asked), 4000);
    }, 100)";

#[tokio::test]
async fn a_window_that_is_left_alone_asks_the_desk_for_nothing() {
    let window = Window::demo(SIZE).await.unwrap();
    for PageScreen { name, way, there } in screens() {
        window.go(&way, &there).await.unwrap();
        if name == "queue" {
            window.first_row().await.unwrap();
            window.settled().await.unwrap();
        }
        let asked = window.script_later(ASKED, &[]).await.unwrap();
        assert!(!asked.is_null(), "{name} goes on asking");
        let asked: Vec<&str> = asked.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        // The clock and the refresh of each minute, once each, may have it read again what is old or overdue.
        for one in &asked {
            let times = asked.iter().filter(|other| *other == one).count();
            assert!(times <= 2, "{name} asked {one} {times} times: {asked:?}");
        }
    }
    window.close().await.unwrap();
}
