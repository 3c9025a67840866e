//! Today and the queue as somebody who has never seen them uses them: what is wrong most, and what is done
//! about it.

use serde_json::{Value, json};
use tieout_tests::window::{Key, Window};

use crate::journeys::{SIZE, state};

/// The part of the page that has the focus.
async fn focused(window: &Window) -> Value {
    let script = "const at = document.activeElement;
        return at?.closest('[data-testid]')?.dataset.testid ?? at?.tagName ?? null";
    window.script(script, &[]).await.unwrap()
}

/// Whether the person who acts may do this about an exception now.
async fn may(window: &Window, id: &Value, action: &str) -> bool {
    let detail = window.must("exception_detail", &json!({ "id": id })).await.unwrap();
    let allowed = |one: &Value| one["action"] == action && one["allowed"] == true;
    detail["actions"].as_array().unwrap().iter().any(allowed)
}

#[tokio::test]
async fn what_is_wrong_most_is_said_at_once_and_done_in_three_keystrokes() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    window.go("nav-home", "first-1").await.unwrap();
    let home = window.must("home", &json!({})).await.unwrap();
    // The sentence says the period, how many, and how much in one currency.
    let lead = window.text("home-lead").await.unwrap();
    let many = home["blockers"]["count"].as_u64().unwrap();
    assert!(lead.contains(&format!("{many} blockers, $")), "{lead}");
    assert_eq!(home["reporting"]["currency"], json!("USD"));
    assert_eq!(home["reporting"]["without_rate"], json!([]));
    let first = home["first"].as_array().unwrap();
    assert_eq!(first.len(), 5);
    for (index, one) in first.iter().enumerate() {
        let shown = window.text(&format!("first-{}", index + 1)).await.unwrap();
        let whose = one["exception"]["customer"].as_str().or(one["exception"]["noun"].as_str()).unwrap();
        assert!(shown.contains(whose), "{whose} is named: {shown}");
        assert!(shown.contains(one["act"].as_str().unwrap()), "{shown}");
    }
    assert_eq!(focused(&window).await, json!("first-1"), "the focus lands on what to do first");

    let mut at = None;
    for (index, one) in first.iter().enumerate() {
        if at.is_none() && may(&window, &one["exception"]["id"], "propose").await {
            at = Some(index);
        }
    }
    let at = at.expect("one of the five can be proposed");
    let row = &first[at]["exception"];
    let number = char::from_digit(u32::try_from(at).unwrap() + 1, 10).unwrap();
    window.press(Key::Sign(number)).await.unwrap();
    window.says("detail", row["external_ref"].as_str().unwrap()).await.unwrap();
    window.press(Key::Sign('p')).await.unwrap();
    window.part("act-dialog").await.unwrap();
    window.press(Key::Enter).await.unwrap();
    window.gone("act-dialog").await.unwrap();
    assert_eq!(state(&window, row).await, json!("in_progress"), "it is proposed");

    // What waits for another person is in their list, and not in hers.
    let hers = window.must("home", &json!({})).await.unwrap();
    assert_eq!(hers["waits"], json!([]));
    window.act_as("carl").await.unwrap();
    window.go("nav-home", "waits-approve").await.unwrap();
    window.says("waits-approve", "Approve 1 posting").await.unwrap();
    window.says("home-posts", "then you approve").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_backlog_is_apart_from_what_is_new_and_in_no_count_of_it() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    let counts = window.must("queue_counts", &json!({ "entity": null, "period": null })).await.unwrap();
    let number = |name: &str| counts[name].as_u64().unwrap();
    assert!(number("backlog") > 0 && number("open") > 0, "{counts}");
    window.go("queue-all", "grid").await.unwrap();
    assert_eq!(window.text("total").await.unwrap(), number("open").to_string());
    window.says("backlog", &format!("{}, not in these counts", number("backlog"))).await.unwrap();
    // Red is for the few.
    let red = "const rows = [...document.querySelectorAll('.tg-row[data-testid^=row-]:not([hidden])')];
        const bad = getComputedStyle(document.documentElement).getPropertyValue('--bad');
        const probe = document.createElement('i'); probe.style.color = bad; document.body.append(probe);
        const colour = getComputedStyle(probe).color; probe.remove();
        const isRed = (row) => [row, ...row.querySelectorAll('*')]
            .some((one) => one.textContent && getComputedStyle(one).color === colour);
        return [rows.filter(isRed).length, rows.length]";
    let red = window.script(red, &[]).await.unwrap();
    let (red, shown) = (red[0].as_u64().unwrap(), red[1].as_u64().unwrap());
    assert!(shown > 5 && red * 5 <= shown, "{red} of {shown} rows are red");
    window.click("backlog").await.unwrap();
    window.part("group-backlog").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn fifty_alike_are_done_in_one_preview_from_their_groups_panel() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    window.go("queue-backlog", "grid").await.unwrap();
    // By rank, by cause, by customer, by entity.
    for by in ["rank", "cause", "customer", "entity"] {
        window.press(Key::Sign('g')).await.unwrap();
        window.says("group-by", by).await.unwrap();
        window.settled().await.unwrap();
    }
    window.part("group-US01").await.unwrap();
    let header = "const head = document.querySelector('[data-testid=\"group-US01\"] .tg-what');
        head.click(); return true";
    window.script(header, &[]).await.unwrap();
    window.part("group-pane").await.unwrap();
    let pane = window.text("group-pane").await.unwrap();
    assert!(pane.contains("US01") && pane.contains("gross"), "{pane}");
    window.click("group-act").await.unwrap();
    window.click("act-propose").await.unwrap();
    let sum = window.text("batch-sum").await.unwrap();
    let many: Vec<u64> = sum.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    assert!(many.iter().any(|n| *n >= 50), "one preview says it of all: {sum}");
    window.press(Key::Escape).await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_palette_finds_imports_reports_and_settings_and_the_focus_lands_in_the_content() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    for (typed, entry, lands) in [
        ("report ageing", "palette-w.ov-age", "overview"),
        ("number format", "palette-w.set-number", "set-number"),
        ("tie-out", "palette-go.tieout", "tieout"),
    ] {
        window.press(Key::Control('k')).await.unwrap();
        window.fill_in("palette-input", typed).await.unwrap();
        window.part(entry).await.unwrap();
        window.click(entry).await.unwrap();
        let script = "const at = document.activeElement;
            return !!at?.closest('main') && !!at.closest('[data-testid=\"' + arguments[0] + '\"]')";
        window.until(&format!("the focus in {lands}"), script, &[json!(lands)]).await.unwrap();
    }
    window.press(Key::Control('1')).await.unwrap();
    window.part("first-1").await.unwrap();
    let script = "return document.activeElement?.closest('[data-testid=\"home\"]') !== null";
    window.until("the focus on Today", script, &[]).await.unwrap();
    window.press(Key::Control('2')).await.unwrap();
    window.part("grid").await.unwrap();
    let script = "return document.activeElement?.dataset.testid === 'grid'";
    window.until("the focus in the queue", script, &[]).await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_detail_is_as_wide_as_a_person_makes_it() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    window.go("queue-all", "grid").await.unwrap();
    window.first_row().await.unwrap();
    let wide =
        "return Math.round(document.querySelector('[data-testid=\"detail\"]').getBoundingClientRect().width)";
    let before = window.script(wide, &[]).await.unwrap().as_i64().unwrap();
    assert_eq!(before, 444);
    let wider = "for (let i = 0; i < 3; i++) window.dispatchEvent(new KeyboardEvent('keydown',
        { key: 'ArrowLeft', code: 'ArrowLeft', altKey: true, bubbles: true })); return true";
    window.script(wider, &[]).await.unwrap();
    let script = format!("{wide} === arguments[0]");
    window.until("a wider detail", &script, &[json!(before + 72)]).await.unwrap();
    // It is kept when one comes back.
    window.go("nav-home", "first-1").await.unwrap();
    window.go("queue-all", "grid").await.unwrap();
    window.until("the same width", &script, &[json!(before + 72)]).await.unwrap();
    window.close().await.unwrap();
}
