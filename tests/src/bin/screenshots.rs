//! `cargo xtask screenshots`: every screen, light and dark, in two sizes, of the real window on the demo.
//! With `--few`, the queue and the first screen, light and dark, in one size. With `--only NAME,NAME`, those
//! screens.

use std::{path::PathBuf, process::ExitCode};

#[cfg(unix)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let few = arguments.iter().any(|argument| argument == "--few");
    let only = arguments.iter().skip_while(|argument| *argument != "--only").nth(1);
    let only: Vec<&str> = only.map(|names| names.split(',').collect()).unwrap_or_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    match runtime.block_on(pictures(few, &only)) {
        Ok(taken) => {
            println!("{taken} pictures");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    failed("pictures are taken under Xvfb, on Linux alone")
}

fn failed(why: &str) -> ExitCode {
    eprintln!("screenshots: {why}");
    ExitCode::FAILURE
}

#[cfg(unix)]
const SIZES: [(u32, u32); 3] = [(1280, 800), (1440, 900), (1920, 1080)];

/// Takes them all, one window per size, and says how many there are.
#[cfg(unix)]
async fn pictures(few: bool, only: &[&str]) -> Result<usize, String> {
    use tieout_tests::window::{Key, PageScreen, Start, Window, screens};
    let sizes = if few { &SIZES[..1] } else { &SIZES[..] };
    let screens = screens();
    let mut screens = if few { screens[..2].to_vec() } else { screens };
    screens.retain(|screen| only.is_empty() || only.contains(&screen.name.as_str()));
    let mut taken = 0;
    for &size in sizes {
        let first = Window::open(&Start { size, ..Start::default() }).await?;
        for theme in ["light", "dark"] {
            first.theme(theme).await?;
            first.part("firstrun").await?;
            first.picture(&file("first-run", theme, size)).await?;
            taken += 1;
        }
        first.close().await?;
        let window = Window::demo(size).await?;
        window.act_as("ana").await?;
        for theme in ["light", "dark"] {
            window.theme(theme).await?;
            for PageScreen { name, way, there } in &screens {
                window.go(way, there).await?;
                if name == "queue" {
                    window.first_row().await?;
                    window.settled().await?;
                }
                window.picture(&file(name, theme, size)).await?;
                taken += 1;
            }
            if !only.is_empty() {
                continue;
            }
            window.go("queue-unposted", "grid").await?;
            window.part("detail-title").await?;
            window.settled().await?;
            window.press(Key::Control('k')).await?;
            window.part("palette-input").await?;
            window.picture(&file("palette", theme, size)).await?;
            window.press(Key::Escape).await?;
            window.gone("palette-input").await?;
            window.press(Key::Sign('?')).await?;
            window.part("shortcuts").await?;
            window.picture(&file("shortcuts", theme, size)).await?;
            window.press(Key::Escape).await?;
            window.gone("shortcuts").await?;
            taken += 2;
        }
        window.close().await?;
    }
    Ok(taken)
}

/// Where a picture goes: the folder that `TIEOUT_SCREENSHOTS` names, or `target/screenshots`.
#[cfg(unix)]
fn file(name: &str, theme: &str, (width, height): (u32, u32)) -> PathBuf {
    let folder =
        std::env::var_os("TIEOUT_SCREENSHOTS").map_or_else(|| "target/screenshots".into(), PathBuf::from);
    folder.join(format!("{name}-{theme}-{width}x{height}.png"))
}
