//! Puts the program together and runs it until its window is closed.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use tauri::{AppHandle, Manager as _, RunEvent};
use tieout_app::App;

use crate::{
    arguments::Arguments, call, graphics, host::WindowHost, menu, places::Places, sleep, tray::Tray, window,
};

/// How often the desk looks at the clock, and the tray is brought up to date.
const TICK: Duration = Duration::from_secs(20);

/// Runs the program.
pub fn run(places: Places, arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments.clone().seen_from(&std::env::current_dir()?);
    tauri::Builder::default()
        // First, so that a second start ends before it touches anything.
        .plugin(tauri_plugin_single_instance::init(|app, words, folder| {
            window::show(app);
            take_up(app, Arguments::forwarded(words, &folder));
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(tauri::generate_handler![call::call])
        .menu(menu::bar)
        .on_menu_event(|app, event| menu::chosen(app, event.id().as_ref()))
        .setup(move |tauri| set_up(tauri.handle(), &places, arguments))
        .build(tauri::generate_context!())?
        .run(|app, event| happened(app, &event));
    Ok(())
}

fn set_up(
    handle: &AppHandle,
    places: &Places,
    arguments: Arguments,
) -> Result<(), Box<dyn std::error::Error>> {
    let app = Arc::new(App::new(places.config.clone(), Arc::new(WindowHost::new(handle.clone())))?);
    handle.manage(Arc::clone(&app));
    handle.manage(window::Zoom::default());
    if arguments.demo {
        app.will_open_demo();
    }
    // Before the window: a workspace is opened while the page is being loaded.
    take_up(handle, arguments);
    let (touched, config) = (Arc::clone(&app), places.config.clone());
    let (paints, painted) = channel();
    let first_paint = move || {
        graphics::painted(&config);
        // Nobody may listen any more: the tray does not wait for ever.
        let _ = paints.send(());
    };
    window::hear(handle, move || touched.touch(), first_paint);
    window::open(handle)?;
    let locked = Arc::clone(&app);
    sleep::watch(move || locked.lock());
    let handle = handle.clone();
    std::thread::spawn(move || tick(&app, &handle, &painted));
    Ok(())
}

fn tick(app: &App, handle: &AppHandle, painted: &Receiver<()>) {
    // The tray's library is loaded on the thread that draws: not before there is something to see.
    let _ = painted.recv_timeout(TICK);
    let tray = Tray::put(handle);
    loop {
        app.tick();
        if let Some(tray) = &tray {
            tray.show(app.waiting());
        }
        std::thread::sleep(TICK);
    }
}

/// Opens what the program was started with, off the thread that draws.
fn take_up(handle: &AppHandle, arguments: Arguments) {
    let app = Arc::clone(&handle.state::<Arc<App>>());
    std::thread::spawn(move || {
        if arguments.demo {
            app.start_demo();
        }
        if let Some(what) = arguments.open {
            app.open_request(&what);
        }
    });
}

fn happened(handle: &AppHandle, event: &RunEvent) {
    // The process ends with threads that hold the desk: nothing of it is dropped.
    if let (RunEvent::Exit, Some(app)) = (event, handle.try_state::<Arc<App>>()) {
        app.forget_pasted();
    }
    // There, files and links come as an event instead of as arguments.
    #[cfg(target_os = "macos")]
    if let RunEvent::Opened { urls } = event {
        for url in urls {
            let path = url.to_file_path().ok().map(|path| path.to_string_lossy().into_owned());
            let open = Some(path.unwrap_or_else(|| url.to_string()));
            take_up(handle, Arguments { open, ..Arguments::default() });
        }
    }
}
