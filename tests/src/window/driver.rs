//! A window on a screen of its own, and the WebDriver session to it.

use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    app,
    bus::{Bus, Keyring},
    display::Display,
    process::Process,
};

const TRIES: u32 = 3;
/// A debug build on a busy machine of two cores.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the program is started.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The screen, which the window fills.
    pub size: (u32, u32),
    /// The session's keyring.
    pub keyring: Keyring,
    /// Where the demo's servers are controlled.
    pub control: Option<u16>,
}

impl Default for Start {
    fn default() -> Self {
        Self { arguments: Vec::new(), size: (1280, 800), keyring: Keyring::None, control: None }
    }
}

impl Start {
    /// With the demo open.
    pub fn demo() -> Self {
        Self { arguments: vec!["--demo".to_owned()], ..Self::default() }
    }

    /// With these arguments.
    pub fn with(arguments: &[&str]) -> Self {
        Self { arguments: arguments.iter().map(|&word| word.to_owned()).collect(), ..Self::default() }
    }
}

/// The surroundings of the program: its screen, its bus, its home.
struct Surroundings {
    // Dropped in this order: who uses something ends before it.
    display: Display,
    bus: Bus,
    home: TempDir,
}

impl Surroundings {
    fn new(start: &Start) -> Result<Self, String> {
        let home = tempfile::tempdir().map_err(|e| e.to_string())?;
        let runtime = home.path().join("run");
        fs::create_dir(&runtime)
            .and_then(|()| fs::set_permissions(&runtime, Permissions::from_mode(0o700)))
            .map_err(|e| e.to_string())?;
        let bus = Bus::new(home.path(), &runtime, start.keyring)?;
        let (width, height) = start.size;
        Ok(Self { display: Display::new(width, height)?, bus, home })
    }

    /// A command that runs in them. Nothing of the tester's own session reaches it.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program);
        for name in [
            "WAYLAND_DISPLAY",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
            "XDG_STATE_HOME",
            // With these WebDriver's screenshots never return.
            "WEBKIT_DISABLE_DMABUF_RENDERER",
            "WEBKIT_DISABLE_COMPOSITING_MODE",
        ] {
            command.env_remove(name);
        }
        command
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("DISPLAY", self.display.name())
            .env("DBUS_SESSION_BUS_ADDRESS", self.bus.address())
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null());
        command
    }
}

/// The program's window, driven.
pub struct Window {
    pub(super) client: Client,
    // Dropped in this order: who uses something ends before it.
    driver: Process,
    surroundings: Surroundings,
    _turn: SemaphorePermit<'static>,
}

impl Window {
    /// Starts the program and waits until its page is there.
    pub async fn open(start: &Start) -> Result<Self, String> {
        Self::open_after(start, |_| ()).await
    }

    /// The same, after something was done to the home folder that the program will see.
    pub async fn open_after(start: &Start, before: impl FnOnce(&Path)) -> Result<Self, String> {
        let program = app::program()?;
        // One window at a time: each is several processes that draw, and the machine may have two cores.
        static TURN: Semaphore = Semaphore::const_new(1);
        let turn = TURN.acquire().await.map_err(|e| e.to_string())?;
        let surroundings = Surroundings::new(start)?;
        before(surroundings.home.path());
        let mut failures = Vec::new();
        for _ in 0..TRIES {
            match Self::session(program, start, &surroundings).await {
                Ok((client, driver)) => {
                    let window = Self { client, driver, surroundings, _turn: turn };
                    window.wait_for_page().await?;
                    window.fill(start.size).await?;
                    return Ok(window);
                }
                Err(failure) => failures.push(failure),
            }
        }
        Err(format!("no session with the window: {}", failures.join("; ")))
    }

    async fn session(
        program: &Path,
        start: &Start,
        surroundings: &Surroundings,
    ) -> Result<(Client, Process), String> {
        let port = free_port()?;
        let mut command = surroundings.command("WebKitWebDriver");
        command.args(["--host=127.0.0.1", &format!("--port={port}")]);
        if let Some(control) = start.control {
            command.env("TIEOUT_DEMO_CONTROL_PORT", control.to_string());
        }
        let log = fs::File::create(surroundings.home.path().join("driver.log")).map_err(|e| e.to_string())?;
        command.stdout(log.try_clone().map_err(|e| e.to_string())?).stderr(log);
        let driver =
            Process::start(&mut command).map_err(|e| format!("WebKitWebDriver does not start: {e}"))?;
        listening(port).await?;
        let options = json!({ "binary": program, "args": start.arguments });
        let capabilities = json!({ "webkitgtk:browserOptions": options });
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        if let serde_json::Value::Object(capabilities) = capabilities {
            builder.capabilities(capabilities);
        }
        let address = format!("http://127.0.0.1:{port}");
        match tokio::time::timeout(PATIENCE, builder.connect(&address)).await {
            Ok(Ok(client)) => Ok((client, driver)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the session did not start in time".to_owned()),
        }
    }

    /// Lets the window fill its screen; there is no window manager that could put it elsewhere.
    async fn fill(&self, (width, height): (u32, u32)) -> Result<(), String> {
        self.client.set_window_rect(0, 0, width, height).await.map_err(|e| e.to_string())?;
        Ok(())
    }

    /// The home folder that the program sees.
    pub fn home(&self) -> PathBuf {
        self.surroundings.home.path().to_path_buf()
    }

    /// The program's process: the one that WebKitWebDriver started.
    pub fn process(&self) -> Result<u32, String> {
        let driver = self.driver.id();
        let children = fs::read_to_string(format!("/proc/{driver}/task/{driver}/children"));
        let children = children.map_err(|e| e.to_string())?;
        let first = children.split_whitespace().next().and_then(|id| id.parse().ok());
        first.ok_or_else(|| "WebKitWebDriver has started nothing".to_owned())
    }

    /// A command beside the program: same screen, same bus, same home.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.surroundings.command(program);
        command.env_remove("TAURI_WEBVIEW_AUTOMATION");
        command
    }

    /// Ends the session, and the program with it.
    pub async fn close(self) -> Result<(), String> {
        self.client.close().await.map_err(|e| e.to_string())
    }
}

/// A port of loopback on which nobody listens.
///
/// # Errors
/// Where the system gives none.
pub fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|e| e.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|e| e.to_string())
}

/// Waits until somebody listens there.
async fn listening(port: u16) -> Result<(), String> {
    let until = Instant::now() + PATIENCE;
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        if Instant::now() > until {
            return Err("WebKitWebDriver does not listen".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
