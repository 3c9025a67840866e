//! Revenue schedules in the real window: beside the close, from an exception, from a document.

use serde_json::{Value, json};
use tieout_tests::window::{Key, Start, Window};

use crate::{
    binary::VAULT,
    house::{BILLING, House, RELEASES, SCHEDULES, documents, release},
};

async fn picture(window: &Window, name: &str) {
    if let Some(folder) = std::env::var_os("TIEOUT_PICTURES") {
        window.picture(&std::path::Path::new(&folder).join(name)).await.unwrap();
    }
}

/// Nobody released February, and INV-2 is not booked.
fn house() -> House {
    let rows = RELEASES.into_iter().filter(|(entity, _, month, _)| (*entity, *month) != ("GB01", "2026-02"));
    let booked = documents().into_iter().filter(|journal| !journal.contains("INV-2"));
    House::of(SCHEDULES, BILLING, &booked.chain(rows.map(release)).collect::<Vec<_>>())
}

/// The months of the British books, which a ledger out of files does not say.
pub fn months(house: &House) {
    let month = |(month, ends): (u32, u32)| {
        format!("GB01,2026-{month:02},2026-{month:02}-01,2026-{month:02}-{ends},Open\n")
    };
    let all: String = [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)].into_iter().map(month).collect();
    let file = house.bench.file("periods.csv", &format!("Entity,Period,Starts,Ends,Status\n{all}"));
    house.bench.run(None, ["import", "periods", file.to_str().unwrap()]).ok();
}

/// Chooses in a list.
pub async fn choose(window: &Window, testid: &str, value: &str) {
    window.part(testid).await.unwrap();
    let script = "const list = document.querySelector(arguments[0]); list.value = arguments[1];
        list.dispatchEvent(new Event('change', { bubbles: true })); return list.value";
    let place = json!(format!("[data-testid=\"{testid}\"]"));
    assert_eq!(window.script(script, &[place, json!(value)]).await.unwrap(), json!(value));
}

/// The open exception of this reference.
async fn exception(window: &Window, kind: &str, reference: &str) -> Value {
    let all = crate::journeys::rows(window, &json!({ "kinds": [kind] }), 100).await;
    let found = all.iter().find(|one| one["external_ref"] == reference && one["entity"] == "GB01");
    found.unwrap_or_else(|| panic!("{reference}: {all:#?}")).clone()
}

#[tokio::test]
async fn deferred_revenue_is_followed_from_the_close_to_a_documents_lines() {
    let house = house();
    months(&house);
    let window = Window::open(&Start { size: (1280, 800), ..Start::default() }).await.unwrap();
    let open = json!({ "path": house.bench.workspace, "passphrase": VAULT });
    window.must("workspace_open", &open).await.unwrap();
    window.go("nav-close", "close").await.unwrap();
    choose(&window, "close-entity", "GB01").await;
    choose(&window, "close-period", "2026-02").await;
    // 1,159.00 less what should have been released, 98.50, and less 45.00 that a credit note took back.
    window.says("close-schedule", "1,015.50").await.unwrap();
    window.says("close-schedule", "differs").await.unwrap();
    picture(&window, "schedules-close.png").await;
    let row = "document.querySelector('[data-testid=\"close-schedule\"] button').focus()";
    window.script(row, &[]).await.unwrap();
    window.press(Key::Enter).await.unwrap();
    window.says("waterfall", "Feb 2026").await.unwrap();
    window.says("schedule-documents", "INV-5").await.unwrap();
    assert!(window.serious_faults().await.unwrap().is_empty());
    picture(&window, "schedules-periods.png").await;
    let first = "document.querySelector('[data-testid=\"schedule-documents\"] button.open').click()";
    window.script(first, &[]).await.unwrap();
    window.says("schedule-rules", "Each release is due 5 days after the end of its period").await.unwrap();
    window.says("schedule-lines", "12 periods, \u{a3}100.00 each").await.unwrap();
    picture(&window, "schedules-document.png").await;
    window.press(Key::Escape).await.unwrap();
    window.gone("document-schedule").await.unwrap();
    window.press(Key::Escape).await.unwrap();
    window.gone("close-deferred").await.unwrap();

    // From the exception of the month that nobody released.
    let missing = exception(&window, "schedule_missing", "2400 2026-02").await;
    window.go("queue-period_close", "grid").await.unwrap();
    crate::journeys::show(&window, &missing).await;
    // Its row stands there before the list is of it alone, which makes its panel anew.
    let alone = "return document.querySelector('[data-testid=\"total\"]')?.textContent === '1'";
    window.until("the list to be of it alone", alone, &[]).await.unwrap();
    window.settled().await.unwrap();
    window.says("released", "98.50").await.unwrap();
    let here = "const row = document.querySelector('[data-testid=\"released\"] [aria-current]');
        return [row.dataset.period, row.dataset.state]";
    assert_eq!(window.script(here, &[]).await.unwrap(), json!(["2026-02", "differs"]));
    picture(&window, "schedules-exception.png").await;
    // Beside other tests the panel is made anew late, and takes an open dialog with it.
    let open = "const dialog = document.querySelector('[data-testid=\"schedules-dialog\"]');
        if (!dialog) document.querySelector('[data-testid=\"schedules-open\"]')?.click();
        return (dialog?.innerText ?? '').includes('INV-5')";
    window.until("the dialog to say INV-5", open, &[]).await.unwrap();
    assert!(window.serious_faults().await.unwrap().is_empty());
    window.press(Key::Escape).await.unwrap();
    window.gone("schedules-dialog").await.unwrap();

    // From a document that is not booked, by its key.
    let unposted = exception(&window, "unposted", "INV-2").await;
    window.go("queue-unposted", "grid").await.unwrap();
    crate::journeys::show(&window, &unposted).await;
    window.part("schedule-open").await.unwrap();
    window.script("document.activeElement.blur()", &[]).await.unwrap();
    window.press(Key::Shift('W')).await.unwrap();
    window.says("schedule-lines", "9 periods, \u{a3}150.00 each").await.unwrap();
    window.says("schedule-lines", "1 Apr 2026 to 31 Dec 2026").await.unwrap();
    assert!(window.serious_faults().await.unwrap().is_empty());
    window.close().await.unwrap();
}
