//! A window on a screen of its own, and the WebDriver session to it.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, wd::TimeoutConfiguration};
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{app, bus::Keyring, display::Screen, process::Process, surroundings::Surroundings};

const TRIES: u32 = 3;
/// A debug build on a busy machine of two cores.
const PATIENCE: Duration = Duration::from_secs(180);

/// How the program is started.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The screen, which the window fills.
    pub size: (u32, u32),
    /// What draws it.
    pub screen: Screen,
    /// The session's keyring.
    pub keyring: Keyring,
    /// Where the demo's servers are controlled.
    pub control: Option<u16>,
    /// What the administrator of the machine fixes, which only a debug build reads from elsewhere.
    pub policy: Option<&'static str>,
    /// How much its log says.
    pub log: Option<&'static str>,
}

impl Default for Start {
    fn default() -> Self {
        let (screen, keyring) = (Screen::X11, Keyring::None);
        Self {
            arguments: Vec::new(),
            size: (1280, 800),
            screen,
            keyring,
            control: None,
            policy: None,
            log: None,
        }
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
        let window = Self::start(app::program()?, start, before).await?;
        window.wait_for_page().await?;
        window.fill(start.size).await?;
        Ok(window)
    }

    /// WebKitGTK's own small browser on this address: the engine alone, without the program.
    pub async fn browser(address: &str, size: (u32, u32)) -> Result<Self, String> {
        let start = Start { size, ..Start::with(&["--automation"]) };
        let window = Self::start(&mini_browser()?, &start, |_| ()).await?;
        window.fill(size).await?;
        // What is measured there may take longer than the driver's 30 s.
        let patient = TimeoutConfiguration::new(Some(Duration::from_secs(300)), None, None);
        window.client.update_timeouts(patient).await.map_err(|e| e.to_string())?;
        window.client.goto(address).await.map_err(|e| format!("{address}: {e}"))?;
        Ok(window)
    }

    async fn start(program: &Path, start: &Start, before: impl FnOnce(&Path)) -> Result<Self, String> {
        // One window at a time: each is several processes that draw, and the machine may have two cores.
        static TURN: Semaphore = Semaphore::const_new(1);
        let turn = TURN.acquire().await.map_err(|e| e.to_string())?;
        let surroundings = Surroundings::with(start.screen, start.size, start.keyring)?;
        before(surroundings.home());
        Self::within(surroundings, turn, program, start).await
    }

    async fn within(
        surroundings: Surroundings,
        turn: SemaphorePermit<'static>,
        program: &Path,
        start: &Start,
    ) -> Result<Self, String> {
        let mut failures = Vec::new();
        for _ in 0..TRIES {
            match Self::session(program, start, &surroundings).await {
                Ok((client, driver)) => return Ok(Self { client, driver, surroundings, _turn: turn }),
                Err(failure) => failures.push(failure),
            }
        }
        Err(format!("no session with the window: {}", failures.join("; ")))
    }

    /// Starts the program once more where it was, after it ended by itself. The window comes up where the
    /// program puts it.
    pub async fn again(self, start: &Start) -> Result<Self, String> {
        let ended = || self.process().map_or(true, |id| !Path::new("/proc").join(id.to_string()).exists());
        let until = Instant::now() + PATIENCE;
        while !ended() {
            if Instant::now() > until {
                return Err("the program goes on".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let Self { client, driver, surroundings, _turn: turn } = self;
        drop((client, driver));
        let window = Self::within(surroundings, turn, app::program()?, start).await?;
        window.wait_for_page().await?;
        Ok(window)
    }

    async fn session(
        program: &Path,
        start: &Start,
        surroundings: &Surroundings,
    ) -> Result<(Client, Process), String> {
        let port = free_port()?;
        let mut command = surroundings.command("WebKitWebDriver");
        command.args(["--host=127.0.0.1", &format!("--port={port}")]).env("TAURI_WEBVIEW_AUTOMATION", "true");
        if let Some(control) = start.control {
            command.env("TIEOUT_DEMO_CONTROL_PORT", control.to_string());
        }
        if let Some(says) = start.policy {
            let folder = surroundings.home().join("machine");
            let file = folder.join("policy.toml");
            fs::create_dir_all(&folder).and_then(|()| fs::write(&file, says)).map_err(|e| e.to_string())?;
            command.env("TIEOUT_DEBUG_POLICY", file);
        }
        if let Some(level) = start.log {
            command.env("TIEOUT_LOG", level);
        }
        let log = fs::File::create(surroundings.home().join("driver.log")).map_err(|e| e.to_string())?;
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
            Ok(Ok(client)) => {
                // What a script waits for may take longer than the driver's 30 s: a sync, in a debug build.
                let patient = TimeoutConfiguration::new(Some(PATIENCE), None, None);
                client.update_timeouts(patient).await.map_err(|e| e.to_string())?;
                Ok((client, driver))
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the session did not start in time".to_owned()),
        }
    }

    /// Lets the window fill its screen; there is no window manager that could put it elsewhere.
    async fn fill(&self, size: (u32, u32)) -> Result<(), String> {
        self.put((0, 0), size).await
    }

    /// Where the window stands: left, top, width and height.
    pub async fn place(&self) -> Result<(u64, u64, u64, u64), String> {
        self.client.get_window_rect().await.map_err(|e| e.to_string())
    }

    /// Puts the window there.
    pub async fn put(&self, (left, top): (u32, u32), (width, height): (u32, u32)) -> Result<(), String> {
        self.client.set_window_rect(left, top, width, height).await.map_err(|e| e.to_string())
    }

    /// The address of the session's bus.
    pub fn bus(&self) -> &str {
        self.surroundings.bus()
    }

    /// The home folder that the program sees.
    pub fn home(&self) -> PathBuf {
        self.surroundings.home().to_path_buf()
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
        self.surroundings.command(program)
    }

    /// Ends the session, and the program with it.
    pub async fn close(self) -> Result<(), String> {
        self.client.close().await.map_err(|e| e.to_string())
    }
}

/// It comes with the library, in a folder that is named after the machine's architecture.
fn mini_browser() -> Result<PathBuf, String> {
    let folders = fs::read_dir("/usr/lib").map_err(|e| format!("/usr/lib: {e}"))?;
    let mut places = folders.flatten().map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser"));
    places.find(|place| place.is_file()).ok_or_else(|| "WebKitGTK's MiniBrowser is not installed".to_owned())
}

/// A port of loopback on which nobody listens.
///
/// # Errors
/// Where the system gives none.
pub fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|e| e.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|e| e.to_string())
}

/// Waits until somebody listens on this port of loopback.
///
/// # Errors
/// That nobody does, after a minute.
pub async fn listening(port: u16) -> Result<(), String> {
    let until = Instant::now() + PATIENCE;
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        if Instant::now() > until {
            return Err(format!("nobody listens on port {port}"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
