//! A month-end in the real window, as people do it there: what blocks, a difference explained and accepted,
//! an account signed by two, a change that comes late and has it signed again, and the binder.

use std::process::Command;

use serde_json::json;
use tieout_tests::window::{Key, Start, Window};

use crate::{
    binary::{VAULT, own_passphrase, tieout},
    house::{AS_OF, BILLING, House, SCHEDULES, gb, journal, right},
};

const APRIL: &str = "2026-04";

async fn picture(window: &Window, name: &str) {
    if let Some(folder) = std::env::var_os("TIEOUT_PICTURES") {
        window.picture(&std::path::Path::new(&folder).join(name)).await.unwrap();
    }
}

/// The books as they should be, and what somebody booked by hand from the bank's statement.
fn ledger() -> Vec<String> {
    let mut all = right();
    all.push(journal("BANK-7", gb("2026-04-20"), ("1010", "1100", "20.00")));
    all
}

/// Lets somebody sit down with their own secret.
async fn sit(window: &Window, person: &str) {
    let seat = json!({
        "person": person, "passphrase": own_passphrase(person), "enrolment_code": null,
        "new_passphrase": null,
    });
    window.must("seat", &seat).await.unwrap();
    let there = "return document.querySelector('[data-testid=\"person-name\"]')?.innerText.toLowerCase()
        .startsWith(arguments[0]) ?? false";
    window.until(&format!("{person} to sit down"), there, &[json!(person)]).await.unwrap();
}

/// Puts the cursor on an account of the arithmetic, as the arrow keys do.
async fn on(window: &Window, account: &str) {
    let script = "const rows = [...document.querySelectorAll('[data-testid=\"close-row\"]')];
        const found = rows.find((row) => row.innerText.startsWith(arguments[0]));
        found?.querySelector('button.open')?.focus();
        return found?.contains(document.activeElement) ?? false";
    window.until(&format!("{account} to be there"), script, &[json!(account)]).await.unwrap();
}

/// Waits until an account's sign-off stands like this.
async fn stands(window: &Window, account: &str, state: &str) {
    let script = "const rows = [...document.querySelectorAll('[data-testid=\"close-sign\"]')];
        return rows.find((row) => row.innerText.startsWith(arguments[0]))?.dataset.state === arguments[1]";
    window.until(&format!("{account} to be {state}"), script, &[json!(account), json!(state)]).await.unwrap();
}

/// Waits until a button can be pressed, or until it says why it cannot.
async fn button(window: &Window, testid: &str, why: Option<&str>) {
    let script = "const button = document.querySelector(arguments[0]);
        const off = button?.getAttribute('aria-disabled') === 'true';
        return arguments[1] === null ? Boolean(button) && !off
            : off && button.title.includes(arguments[1])";
    let place = json!(format!("[data-testid=\"{testid}\"]"));
    window.until(&format!("{testid}, {why:?}"), script, &[place, json!(why)]).await.unwrap();
}

/// Prepared by one, reviewed by another who reads what was prepared: both with the keyboard alone.
async fn signed_by(window: &Window, preparer: &str, reviewer: &str) {
    sit(window, preparer).await;
    on(window, "1100").await;
    button(window, "close-prepare", None).await;
    window.press(Key::Sign('p')).await.unwrap();
    stands(window, "1100", "prepared").await;
    button(window, "close-review", Some("prepare")).await;
    sit(window, reviewer).await;
    on(window, "1100").await;
    button(window, "close-review", None).await;
    window.press(Key::Sign('a')).await.unwrap();
    window.says("close-review-text", "1100").await.unwrap();
    window.press(Key::Enter).await.unwrap();
    window.gone("close-review-dialog").await.unwrap();
    stands(window, "1100", "reviewed").await;
}

#[tokio::test]
async fn a_month_is_closed_by_hand_from_its_blockers_to_its_binder() {
    let house = House::of(SCHEDULES, BILLING, &ledger());
    house.bench.people(&[("ana", "analyst")]);
    crate::schedules::months(&house);
    let window = Window::open(&Start { size: (1280, 800), ..Start::default() }).await.unwrap();
    let open = json!({ "path": house.bench.workspace, "passphrase": VAULT });
    window.must("workspace_open", &open).await.unwrap();
    sit(&window, "ana").await;
    window.go("nav-close", "close").await.unwrap();
    crate::schedules::choose(&window, "close-entity", "GB01").await;
    crate::schedules::choose(&window, "close-period", APRIL).await;

    // What blocks, and what cannot be signed before it is explained.
    window.says("close-lead", "GB01, April 2026").await.unwrap();
    window.says("close-blockers", "Entry without a document").await.unwrap();
    on(&window, "1100").await;
    button(&window, "close-prepare", Some("explain it first")).await;
    picture(&window, "month-blocked.png").await;
    window.press(Key::Sign('v')).await.unwrap();
    window.says("close-explain-dialog", "BANK-7").await.unwrap();
    window.click("close-explain-item").await.unwrap();
    let reclassification = "document.querySelector(
        '[data-testid=\"close-category\"] input[value=\"reclassification\"]').click()";
    window.script(reclassification, &[]).await.unwrap();
    window.fill_in("close-note", "paid into the bank, billed next month").await.unwrap();
    window.click("close-explain-sign").await.unwrap();
    window.gone("close-explain-dialog").await.unwrap();
    // Whoever explains does not accept.
    window.says("close-note", "Waits for another person").await.unwrap();
    button(&window, "close-note-accept", Some("does not decide")).await;
    sit(&window, "carl").await;
    button(&window, "close-note-accept", None).await;
    window.click("close-note-accept").await.unwrap();
    window.gone("close-note-accept").await.unwrap();

    // Who accepted an item does not review its account; who did neither does.
    signed_by(&window, "ana", "cora").await;
    picture(&window, "month-signed.png").await;
    sit(&window, "carl").await;

    // The ledger's next file says that invoice otherwise, though for the same amount: what was signed is not
    // what is there.
    let late = ledger().into_iter().map(|one| one.replace("J-INV-2-GB01-2026-04-01", "J-INV-2-GB01-again"));
    house.ledger(&late.collect::<Vec<_>>());
    window.must("refresh", &json!({ "as_of": AS_OF })).await.unwrap();
    stands(&window, "1100", "suspended").await;
    window.says("close-moved", "INV-2").await.unwrap();
    picture(&window, "month-suspended.png").await;
    signed_by(&window, "ana", "cora").await;

    let binder = house.bench.folder.path().join("binder.tieout");
    // No driver presses the system's file dialog: what the button asks of the desk, with the file chosen.
    button(&window, "close-binder-make", None).await;
    let request = json!({ "entity": "GB01", "period": APRIL, "path": binder, "force": false });
    let made = window.must("binder", &request).await.unwrap();
    assert!(made["decisions"].as_u64().unwrap() >= 2, "{made}");
    picture(&window, "month-bound.png").await;
    assert!(window.serious_faults().await.unwrap().is_empty());
    assert_eq!(window.must("verify", &json!({})).await.unwrap()["sound"], json!(true));
    window.close().await.unwrap();
    let said = Command::new(tieout().with_file_name("tieout-verifier")).arg(&binder).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("SOUND") && !said.contains("NOT SOUND"), "{said}");
    let signed = said.lines().filter(|line| line.contains("sign off GB01/2026-04/1100"));
    assert_eq!(signed.count(), 2, "signed, and signed again: {said}");
}
