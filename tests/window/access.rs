//! For everyone: axe, the keyboard alone, and what a screen reader is told of the grid.

use serde_json::json;
use tieout_tests::window::{Key, PageScreen, Start, Window, screens};

const SIZE: (u32, u32) = (1280, 800);

#[tokio::test]
async fn axe_finds_no_serious_fault_on_any_screen_in_any_theme() {
    let mut faults = Vec::new();
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    for theme in ["light", "dark", "contrast"] {
        window.theme(theme).await.unwrap();
        for PageScreen { name, way, there } in screens() {
            window.go(&way, &there).await.unwrap();
            if name == "queue" {
                window.first_row().await.unwrap();
                window.settled().await.unwrap();
            }
            let found = window.serious_faults().await.unwrap();
            faults.extend(found.into_iter().map(|fault| format!("{theme}, {name}: {fault:#?}")));
        }
    }
    window.close().await.unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn axe_finds_no_serious_fault_before_a_workspace_is_open() {
    let window = Window::open(&Start::default()).await.unwrap();
    let mut faults = Vec::new();
    for theme in ["light", "dark", "contrast"] {
        window.theme(theme).await.unwrap();
        window.part("firstrun").await.unwrap();
        faults.extend(
            window.serious_faults().await.unwrap().into_iter().map(|fault| format!("{theme}: {fault:#?}")),
        );
    }
    window.close().await.unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn everything_that_can_be_clicked_is_reached_with_the_tab_key() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    for PageScreen { name, way, there } in screens() {
        window.go(&way, &there).await.unwrap();
        let mark = "document.activeElement?.blur(); window.reached = new Set();
            const can = (e) => e.checkVisibility() && !e.disabled && e.tabIndex >= 0;
            const controls = 'button, input, select, textarea, a[href], [tabindex]';
            window.wanted = [...document.querySelectorAll(controls)]
                .filter(can).filter((e) => e.type !== 'radio' || e.checked);
            document.addEventListener('focusin', (event) => window.reached.add(event.target));
            return window.wanted.length";
        let wanted = window.script(mark, &[]).await.unwrap().as_u64().unwrap();
        assert!(wanted > 5, "{name}: only {wanted} controls");
        // What the page adds meanwhile (a detail, a row) lies on the way too: as many steps as it takes.
        let all = "return window.wanted.every((e) => !e.isConnected || window.reached.has(e))";
        for step in 0..2 * wanted + 60 {
            window.press(Key::Tab).await.unwrap();
            if step >= wanted && window.script(all, &[]).await.unwrap() == json!(true) {
                break;
            }
        }
        let missed = "return window.wanted.filter((e) => e.isConnected && !window.reached.has(e))
            .map((e) => e.outerHTML.slice(0, 120))";
        assert_eq!(window.script(missed, &[]).await.unwrap(), json!([]), "{name}");
    }
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_screen_reader_is_told_which_row_and_column_of_how_many() {
    let window = Window::demo(SIZE).await.unwrap();
    window.go("queue-unposted", "grid").await.unwrap();
    window.select("[data-testid^=\"row-\"]").await.unwrap();
    let told = "const grid = document.querySelector('[data-testid=\"grid\"]');
        const number = (e, name) => Number(e.getAttribute(name));
        const rows = [...grid.querySelectorAll('[role=row][aria-rowindex]')].filter((row) => !row.hidden);
        return { role: grid.getAttribute('role'), rows: number(grid, 'aria-rowcount'),
            columns: number(grid, 'aria-colcount'), shown: rows.length,
            indices: rows.every((row) => number(row, 'aria-rowindex') >= 1),
            cells: rows.flatMap((row) => [...row.querySelectorAll('[role=gridcell], [role=columnheader]')])
                .every((cell) => number(cell, 'aria-colindex') >= 1) }";
    let told = window.script(told, &[]).await.unwrap();
    assert_eq!(told["role"], json!("grid"));
    assert!(told["rows"].as_u64().unwrap() > 1 && told["columns"].as_u64().unwrap() > 5, "{told}");
    assert!(told["shown"].as_u64().unwrap() > 1, "{told}");
    assert_eq!([&told["indices"], &told["cells"]], [&json!(true), &json!(true)], "{told}");
    window.click("grid").await.unwrap();
    window.press(Key::Down).await.unwrap();
    let active = "const grid = document.querySelector('[data-testid=\"grid\"]');
        const active = document.getElementById(grid.getAttribute('aria-activedescendant'));
        return active?.getAttribute('role') ?? null";
    assert_eq!(window.script(active, &[]).await.unwrap(), json!("row"), "the row in focus is named");
    window.close().await.unwrap();
}
