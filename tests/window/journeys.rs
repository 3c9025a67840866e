//! What a finance team does, in the window, on the demo's company.

use std::time::Duration;

use serde_json::{Value, json};
use tieout_tests::window::{Key, Start, Window, free_port};

pub const SIZE: (u32, u32) = (1440, 900);

fn query(change: &Value) -> Value {
    let mut query = json!({
        "queue": null, "kinds": [], "entity": null, "period": null, "state": "open", "assignee": null,
        "owner": null, "severity": [], "overdue": false, "currency": null, "amount_from": null,
        "waiting": null, "customer": null, "group": null, "search": null, "sort": [], "flow": null,
        "age_from_days": null, "age_to_days": null,
    });
    if let (Some(query), Some(change)) = (query.as_object_mut(), change.as_object()) {
        query.extend(change.clone());
    }
    query
}

pub async fn rows(window: &Window, change: &Value, limit: u64) -> Vec<Value> {
    let page = json!({ "query": query(change), "start": 0, "limit": limit });
    let page = window.must("exception_page", &page).await.unwrap();
    page["rows"].as_array().expect("rows").clone()
}

/// The first exception of a view that allows an action to the one who acts now, of an amount for which the
/// demo's policy asks for one approver: above some 20,000 it asks for two.
pub async fn one_that_allows(window: &Window, change: &Value, action: &str) -> Value {
    let small = |row: &Value| {
        let amount = row["amount"].as_str().expect("an amount").trim_start_matches('-');
        amount.split('.').next().expect("its whole part").len() <= 4
    };
    for row in rows(window, change, 100).await.into_iter().filter(small) {
        let detail = window.must("exception_detail", &json!({ "id": row["id"] })).await.unwrap();
        let allowed = |one: &Value| one["action"] == action && one["allowed"] == true;
        if detail["actions"].as_array().expect("actions").iter().any(allowed) {
            return row;
        }
    }
    panic!("nothing allows {action} in {change}");
}

/// Finds an exception by its reference, as a person does, and puts it in focus.
pub async fn show(window: &Window, row: &Value) {
    let reference = row["external_ref"].as_str().unwrap();
    // By its key, which only ever opens them: the button moves while the counts beside it come.
    for _ in 0..600 {
        if window.has("filters").await.unwrap() {
            break;
        }
        window.press(Key::Sign('f')).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    window.fill_in("filter-search", reference).await.unwrap();
    let named = format!("row-{reference}");
    window.click(&named).await.unwrap();
    window.says("detail", reference).await.unwrap();
}

/// Does an act in its dialog, and waits until the dialog is gone.
async fn act(window: &Window, name: &str, text: Option<&str>) {
    window.click(&format!("action-{name}")).await.unwrap();
    confirm(window, text).await;
}

/// The same, out of the menu of all acts.
pub async fn act_by_menu(window: &Window, name: &str, text: Option<&str>) {
    window.click("action-more").await.unwrap();
    window.click(&format!("act-{name}")).await.unwrap();
    confirm(window, text).await;
}

async fn confirm(window: &Window, text: Option<&str>) {
    window.part("act-dialog").await.unwrap();
    if let Some(text) = text {
        window.fill_in("act-text", text).await.unwrap();
    }
    window.click("act-confirm").await.unwrap();
    window.gone("act-dialog").await.unwrap();
}

pub async fn state(window: &Window, row: &Value) -> Value {
    window.must("exception_detail", &json!({ "id": row["id"] })).await.unwrap()["exception"]["state"].clone()
}

/// Sends what is approved and reads the ledger, by the buttons at the top. More than one at once is asked
/// about first, with count and sums.
async fn post_and_sync(window: &Window) {
    window.hear("progress").await.unwrap();
    window.click("post").await.unwrap();
    let script = "return document.querySelector('[data-testid=\"post-confirm\"]') !== null
        || window.heardEvents.progress.length > 0";
    window.until("the question or the job", script, &[]).await.unwrap();
    if window.has("post-confirm").await.unwrap() {
        window.click("post-confirm").await.unwrap();
    }
    worked(window).await;
    window.hear("progress").await.unwrap();
    window.click("sync").await.unwrap();
    worked(window).await;
}

/// Waits for a job that told of itself to be over: a short one is shown for less than a look takes.
async fn worked(window: &Window) {
    window.heard("progress").await.unwrap();
    window.gone("job").await.unwrap();
}

#[tokio::test]
async fn one_prepares_another_approves_and_the_ledger_closes_it() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    window.go("queue-unposted", "grid").await.unwrap();
    let row = one_that_allows(&window, &json!({ "queue": "unposted" }), "propose").await;
    show(&window, &row).await;
    act(&window, "propose", None).await;
    window.says("refused-rule", "preparer").await.unwrap();
    let refused = window.script(
        "return document.querySelector('[data-testid=\"action-approve\"]').getAttribute('aria-disabled')",
        &[],
    );
    assert_eq!(refused.await.unwrap(), json!("true"), "ana cannot approve what she prepared");

    window.act_as("carl").await.unwrap();
    show(&window, &row).await;
    act(&window, "approve", None).await;
    assert_ne!(state(&window, &row).await, json!("closed"), "approved is not posted");
    post_and_sync(&window).await;
    assert_eq!(state(&window, &row).await, json!("closed"), "the ledger shows it");

    window.go("nav-audit", "log-table").await.unwrap();
    window.click("verify").await.unwrap();
    let verdict = window.text("verdict").await.unwrap();
    let sound = window.must("verify", &json!({})).await.unwrap();
    assert_eq!(sound["sound"], json!(true), "{verdict}");
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_late_item_is_rerouted_into_an_open_period() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    let late = json!({ "kinds": ["late_for_closed_period"] });
    let row = one_that_allows(&window, &late, "reroute").await;
    window.go("queue-period_close", "grid").await.unwrap();
    show(&window, &row).await;
    window.click("action-reroute").await.unwrap();
    window.part("reroute-period").await.unwrap();
    let offered = "const chosen = document.querySelector('[data-testid=\"reroute-period\"]');
        return [...chosen.options].some((option) => !option.disabled && option.value !== '')";
    window.until("an open period to be offered", offered, &[]).await.unwrap();
    let open = "const chosen = document.querySelector('[data-testid=\"reroute-period\"]');
        const open = [...chosen.options].find((option) => !option.disabled && option.value !== '');
        chosen.value = open.value; chosen.dispatchEvent(new Event('change', { bubbles: true }));
        return open.value";
    let period = window.script(open, &[]).await.unwrap();
    window.fill_in("act-text", "arrived after the close").await.unwrap();
    window.click("act-confirm").await.unwrap();
    window.gone("act-dialog").await.unwrap();
    let detail = window.must("exception_detail", &json!({ "id": row["id"] })).await.unwrap();
    let steps = &detail["postings"][0]["steps"];
    assert!(steps.as_array().unwrap().iter().any(|step| step["period"] == period), "{steps}");
    window.close().await.unwrap();
}

/// What somebody does in the ERP itself.
async fn in_the_erp(control: u16, what: &str) {
    let address = format!("http://127.0.0.1:{control}{what}");
    let answer = reqwest::Client::new().post(address).send().await.unwrap();
    assert!(answer.status().is_success(), "{what}: {}", answer.status());
}

#[tokio::test]
async fn a_posting_that_the_erp_refused_is_replayed_once_it_can_be_booked() {
    let control = free_port().unwrap();
    let start = Start { size: SIZE, control: Some(control), ..Start::demo() };
    let window = Window::synced(&start).await.unwrap();
    window.act_as("ana").await.unwrap();
    let row = one_that_allows(&window, &json!({ "queue": "unposted" }), "propose").await;
    let ids = json!([row["id"]]);
    window.must("propose", &json!({ "ids": ids, "reason": null })).await.unwrap();
    window.act_as("carl").await.unwrap();
    let posting = |detail: &Value| detail["postings"].as_array().unwrap().last().unwrap().clone();
    let shown = window.must("exception_detail", &json!({ "id": row["id"] })).await.unwrap();
    let content = json!({ row["id"].as_str().unwrap(): posting(&shown)["content_hash"] });
    let approve = json!({ "ids": ids, "approve": true, "reason": null, "content": content });
    window.must("decide", &approve).await.unwrap();
    let detail = window.must("exception_detail", &json!({ "id": row["id"] })).await.unwrap();
    let period = posting(&detail)["steps"][0]["period"].as_str().unwrap().to_owned();

    in_the_erp(control, &format!("/periods/{period}/close")).await;
    post_and_sync(&window).await;
    let detail = window.must("exception_detail", &json!({ "id": row["id"] })).await.unwrap();
    assert_eq!(posting(&detail)["state"], json!("refused"), "{}", posting(&detail)["failure"]);

    in_the_erp(control, &format!("/periods/{period}/reopen")).await;
    window.go("queue-unposted", "grid").await.unwrap();
    show(&window, &row).await;
    act(&window, "replay", None).await;
    post_and_sync(&window).await;
    assert_eq!(state(&window, &row).await, json!("closed"), "the ledger shows it");
    window.close().await.unwrap();
}

#[tokio::test]
async fn fifty_approvals_at_once_say_for_each_what_became_of_it() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    let ids: Vec<Value> = rows(&window, &json!({}), 500).await.iter().map(|r| r["id"].clone()).collect();
    window.must("propose", &json!({ "ids": ids, "reason": null })).await.unwrap();
    // Some of the fifty are carl's own proposals, which he may not approve.
    let waiting = rows(&window, &json!({ "waiting": "approval" }), 60).await;
    assert!(waiting.len() >= 50, "only {} wait", waiting.len());
    window.act_as("carl").await.unwrap();
    let own: Vec<Value> = waiting.iter().take(5).map(|row| row["id"].clone()).collect();
    let reject = json!({ "ids": own, "approve": false, "reason": "once more" });
    window.must("decide", &reject).await.unwrap();
    window.must("propose", &json!({ "ids": own, "reason": null })).await.unwrap();
    window.go("queue-approval", "grid").await.unwrap();
    window.click("grid").await.unwrap();
    window.press(Key::Control('a')).await.unwrap();
    window.click("act-menu").await.unwrap();
    window.click("act-approve").await.unwrap();
    window.part("batch-sum").await.unwrap();
    window.click("act-confirm").await.unwrap();
    let sum = window.text("results-sum").await.unwrap();
    let numbers: Vec<u64> = sum.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    // The policy asks for two people where the amount is large: of those carl is the first.
    assert!(numbers.len() == 3 && sum.contains("half approved"), "{sum}");
    assert!(numbers[0] >= 45 && numbers[1] > 0 && numbers[2] >= 5, "approved, half and refused: {sum}");
    let marked = "return document.querySelectorAll('[data-testid=\"results\"] .tag.warn').length";
    assert_eq!(window.script(marked, &[]).await.unwrap(), json!(numbers[1]), "each says so itself");
    window.close().await.unwrap();
}

#[tokio::test]
async fn copied_rows_paste_as_text_and_as_a_table() {
    let window = Window::demo(SIZE).await.unwrap();
    window.go("queue-unposted", "grid").await.unwrap();
    window.first_row().await.unwrap();
    window.press(Key::Control('c')).await.unwrap();
    window.says("toast-ok", "Copied 1 row").await.unwrap();
    let listen = "const field = document.createElement('textarea'); document.body.append(field);
        field.addEventListener('paste', ({ clipboardData: data }) => {
            window.pasted = [data.getData('text/plain'), data.getData('text/html')]; });
        field.focus();";
    window.script(listen, &[]).await.unwrap();
    window.press(Key::Control('v')).await.unwrap();
    window.until("something to be pasted", "return window.pasted !== undefined", &[]).await.unwrap();
    let pasted = window.script("return window.pasted", &[]).await.unwrap();
    let focus = "return document.querySelector('.tg-focus').dataset.testid.replace('row-', '')";
    let reference = window.script(focus, &[]).await.unwrap();
    let (text, table) = (pasted[0].as_str().unwrap(), pasted[1].as_str().unwrap());
    let reference = reference.as_str().unwrap();
    assert!(text.contains(reference) && text.contains('\t') && text.lines().count() == 2, "{text}");
    assert!(table.contains("<table") && table.contains(reference), "{table}");
    window.close().await.unwrap();
}
