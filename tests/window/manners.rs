//! How the program behaves on a desktop: its tray, its notifications, where its window comes up, Wayland.

use serde_json::{Value, json};
use tieout_tests::window::{Desktop, Screen, Start, Window};

use crate::journeys::{SIZE, rows};

/// Overdue exceptions that nobody has, and the id of the person who acts.
async fn overdue(window: &Window) -> (Vec<Value>, Value) {
    let state = window.must("app_state", &json!({})).await.unwrap();
    let free = json!({ "queue": "unposted", "overdue": true });
    (rows(window, &free, 10).await, state["workspace"]["seat"]["id"].clone())
}

async fn assign(window: &Window, row: &Value, person: &Value) {
    let work = json!({ "ids": [row["id"]], "work": { "assign": person } });
    let outcome = window.must("work", &work).await.unwrap();
    assert_eq!(outcome[0]["result"], json!("done"), "{outcome}");
}

#[tokio::test]
async fn the_tray_says_what_waits_for_whoever_acts_and_locks_the_desk() {
    let window = Window::demo(SIZE).await.unwrap();
    let desktop = Desktop::on(window.bus()).await.unwrap();
    desktop.line("Nothing waits for you").await.unwrap();
    window.act_as("ana").await.unwrap();
    let (rows, ana) = overdue(&window).await;
    for row in &rows[..2] {
        assign(&window, row, &ana).await;
    }
    desktop.line("2 wait for you, 2 overdue").await.unwrap();
    window.act_as("carl").await.unwrap();
    desktop.line("Nothing waits for you").await.unwrap();
    desktop.choose("Lock").await.unwrap();
    window.part("locked").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn what_is_newly_yours_is_notified_once_that_was_asked_for() {
    let window = Window::demo(SIZE).await.unwrap();
    let desktop = Desktop::on(window.bus()).await.unwrap();
    window.act_as("ana").await.unwrap();
    let (rows, ana) = overdue(&window).await;
    assign(&window, &rows[0], &ana).await;
    // The tray is brought up to date after notifications were looked for.
    desktop.line("1 waits for you, 1 overdue").await.unwrap();
    assert_eq!(desktop.shown(), Vec::<String>::new(), "nobody asked for notifications");
    window.go("nav-settings", "set-notifications").await.unwrap();
    window.click("set-notifications").await.unwrap();
    assign(&window, &rows[1], &ana).await;
    desktop.line("2 wait for you, 2 overdue").await.unwrap();
    assign(&window, &rows[2], &ana).await;
    let said = desktop.next_shown(0).await.unwrap();
    assert!(said.contains("newly assigned to you"), "{said}");
    for row in &rows[..3] {
        let reference = row["external_ref"].as_str().unwrap();
        assert!(!said.contains(reference), "counts alone leave the desk: {said}");
    }
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_window_comes_back_where_it_stood_and_never_off_the_screen() {
    let window = Window::open(&Start::default()).await.unwrap();
    let desktop = Desktop::on(window.bus()).await.unwrap();
    window.put((70, 40), (1100, 700)).await.unwrap();
    let stood = window.place().await.unwrap();
    desktop.choose("Quit").await.unwrap();
    let window = window.again(&Start::default()).await.unwrap();
    assert_eq!(window.place().await.unwrap(), stood);
    let desktop = Desktop::on(window.bus()).await.unwrap();
    desktop.choose("Quit").await.unwrap();
    // As after a screen was taken away on which the window stood.
    let file = window.home().join(".config/com.tieout.desk/.window-state.json");
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    for side in ["x", "y", "prev_x", "prev_y"] {
        kept["main"][side] = json!(5000);
    }
    std::fs::write(&file, kept.to_string()).unwrap();
    let window = window.again(&Start::default()).await.unwrap();
    let (left, top, ..) = window.place().await.unwrap();
    assert!(left < 1280 && top < 800, "{left} {top}");
    window.close().await.unwrap();
}

#[tokio::test]
async fn on_wayland_alone_the_queue_is_shown_and_worked_in() {
    let start = Start { screen: Screen::Wayland, ..Start::demo() };
    let window = Window::synced(&start).await.unwrap();
    window.act_as("ana").await.unwrap();
    window.go("queue-unposted", "grid").await.unwrap();
    window.first_row().await.unwrap();
    window.part("action-propose").await.unwrap();
    window.close().await.unwrap();
}
