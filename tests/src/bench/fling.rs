//! A fling through a million rows in WebKitGTK: what a frame costs in our grid and in two known ones, on the
//! same rows in the same run (`ui/bench`).
//!
//! The cost is the processor time of the browser and of all its processes, drawing included; each grid must
//! have moved as far as it was told, and what was seen blank on the way is counted.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tieout_tests::window::{Process, Tree, Window, free_port, listening};

use crate::{
    figures::{Line, Outcome, Series, require},
    place::Place,
};

/// Holds a grid of 1240×700.
const SIZE: (u32, u32) = (1280, 800);
const GRIDS: [&str; 3] = ["ours", "regular-table", "slickgrid"];
/// Rows per frame: a wheel, and a fling that leaves more than a screen behind at every frame.
const SPEEDS: [u64; 2] = [4, 40];
const FRAMES: u64 = 300;

/// What was seen of one grid at one speed.
#[derive(Default)]
struct Seen {
    cost: Series,
    /// Places without a row, or with one that had to be elsewhere, in hundredths of a percent.
    blank: Series,
    interval: Series,
}

/// Measures them in turn, the order rotated.
///
/// # Errors
/// What does not start, or a grid that did not move as it was told.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let (_server, address) = serve(place)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let mut seen: Vec<Vec<Seen>> =
        GRIDS.iter().map(|_| SPEEDS.iter().map(|_| Seen::default()).collect()).collect();
    for round in 0..rounds {
        for turn in 0..GRIDS.len() {
            let grid = (turn + round) % GRIDS.len();
            let here = format!("{address}?grid={}", GRIDS[grid]);
            runtime.block_on(flings(&here, GRIDS[grid], &mut seen[grid]))?;
        }
    }
    Ok(report(&seen))
}

fn report(seen: &[Vec<Seen>]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (speed, rows) in SPEEDS.iter().enumerate() {
        let told = format!("{rows} rows per frame");
        for (grid, at) in GRIDS.iter().zip(seen) {
            let Seen { cost, blank, interval } = &at[speed];
            lines.push(Line::millis(format!("{grid}, {told}: processor time of a frame"), cost));
            lines.push(Line::millis(format!("{grid}, {told}: p99 between frames"), interval));
            let line = Line::percent(format!("{grid}, {told}: places seen blank or behind"), blank);
            lines.push(if *grid == "ours" { line.aim("0") } else { line });
        }
        let [ours, others @ ..] = seen else { continue };
        let cheaper = others.iter().map(|peer| &peer[speed].cost).min_by_key(|cost| cost.median());
        let ratio = cheaper.map(|cheaper| ours[speed].cost.over(cheaper)).unwrap_or_default();
        lines.push(Line::ratio(format!("ours over the cheaper of the two, {told}"), &ratio).aim("≤ 1"));
    }
    lines
}

/// The built pages on loopback, by Vite's own server.
fn serve(place: &Place) -> Outcome<(Process, String)> {
    let ui = place.ui();
    require(ui.join("bench/dist/index.html").is_file(), || {
        "ui/bench is not built: run `cargo xtask bench`, which builds it".to_owned()
    })?;
    let port = free_port()?;
    let mut vite = Command::new(ui.join("node_modules/.bin/vite"));
    vite.args(["preview", "--config", "bench/vite.config.ts", "--host", "127.0.0.1", "--strictPort"]);
    vite.args(["--port", &port.to_string()]).current_dir(&ui).stdin(Stdio::null()).stdout(Stdio::null());
    let server = Process::start(&mut vite)?;
    tokio::runtime::Runtime::new()?.block_on(listening(port))?;
    Ok((server, format!("http://127.0.0.1:{port}/")))
}

/// One grid in a browser of its own, at each speed.
async fn flings(address: &str, grid: &str, seen: &mut [Seen]) -> Outcome<()> {
    let window = Window::browser(address, SIZE).await?;
    let told = |script: &'static str, argument: Value| {
        let window = &window;
        async move {
            let script = format!(
                "const done = arguments[arguments.length - 1];
                {script}.then((value) => done({{ value }}), (error) => done({{ error: String(error) }}))"
            );
            let answer = window.script_later(&script, &[argument]).await?;
            require(answer.get("error").is_none(), || format!("{grid}: {answer}"))?;
            Ok::<Value, Box<dyn std::error::Error + Send + Sync>>(answer["value"].clone())
        }
    };
    told("window.bench.ready()", Value::Null).await?;
    let browser = window.process()?;
    for (rows, seen) in SPEEDS.iter().zip(seen) {
        let before = Tree::of(browser).processor_ms()?;
        let answer =
            told("window.bench.fling(arguments[0])", json!({ "frames": FRAMES, "rows": rows })).await?;
        let used = Tree::of(browser).processor_ms()? - before;
        let number =
            |name: &str| answer[name].as_u64().ok_or_else(|| format!("{grid} says no {name}: {answer}"));
        let (moved, told) = (number("moved")?, FRAMES * rows);
        require(moved.abs_diff(told) * 10 <= told, || format!("{grid} moved {moved} rows, not {told}"))?;
        seen.cost.push(used * 1000 / FRAMES);
        let missed = number("blank")? + number("behind")?;
        seen.blank.push(missed * 10_000 / number("slots")?.max(1));
        seen.interval.push(number("interval_p99")? * 1000);
    }
    window.close().await?;
    Ok(())
}
