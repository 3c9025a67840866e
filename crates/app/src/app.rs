//! The desk as a window has it: which workspace lies on it, who sits there, what is under way. Everything a
//! window can ask for is a command, here or in [`crate::commands`]; [`App::call`] is the only way in.

mod handed;
mod host;
mod jobs;
mod place;
mod requests;
mod setting;
mod settings;
mod telling;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tieout_domain::ExceptionId;

use self::{
    handed::Handed,
    jobs::Jobs,
    place::{Given, Open, Place, source},
    settings::Kept,
};
use crate::commands::{self, Nothing, answered, parsed};
use tieout_desk::{
    access::restoring,
    base::{
        backups,
        code::Code,
        error::{DeskError, DeskResult},
        workspace,
    },
    intake::detection,
    reports::copying::{self, Copied, CopyRequest},
};
use tieout_vault::{SecretText, keyring_answers};

pub use self::{
    host::{Host, PickPurpose},
    jobs::ProgressEvent,
    requests::{
        AppState, BackupRequest, ChangedEvent, CreateWorkspaceRequest, DeskEvent, DeskReason, JobRequest,
        KeyringState, MenuAction, OpenEvent, OpenWorkspaceRequest, PasteRequest, PickRequest, Picked,
        RestoreRequest, RestoredState, Seat, SeatRequest, UnlockRequest, WorkspaceState,
    },
    settings::{DateFormat, Density, Negative, RecentWorkspace, Settings, Theme},
};

/// How often what fell due is looked for while a workspace is open.
const REFRESH: Duration = Duration::from_secs(60);

/// What waits for the person at the desk, for the tray.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Open exceptions that were given to them.
    pub mine: u64,
    /// Those of them whose time is up.
    pub overdue: u64,
    /// Postings that wait for an approval.
    pub approvals: u64,
}

/// What the program was started with, where that takes its time or fails: the page says so.
#[derive(Default)]
struct Start {
    opening: Option<&'static str>,
    error: Option<DeskError>,
}

/// The desk as a window has it.
pub struct App {
    host: Arc<dyn Host>,
    kept: Kept,
    settings: Mutex<Settings>,
    place: Mutex<Place>,
    jobs: Jobs,
    handed: Handed,
    pending: Mutex<Option<String>>,
    listening: AtomicBool,
    /// Held while a file is opened at once: the page waits for it rather than show that nothing is open.
    opening: Mutex<()>,
    start: Mutex<Start>,
    touched: Mutex<Instant>,
    refreshed: Mutex<Instant>,
    told: Mutex<Option<Waiting>>,
    keyring: Mutex<Option<(Instant, KeyringState)>>,
    generation: AtomicU64,
    /// How often somebody looked how things stand; held while they do.
    looks: Mutex<u64>,
}

commands::app_list! {
    "app_state", "Says how things stand; the page asks it once it listens.",
        Nothing => AppState, |app, _| app.heard();
    "app_glance", "Says how things stand, before the page listens: what waits to be shown goes on waiting.",
        Nothing => AppState, |app, _| app.glance();
    "settings_set", "Keeps how the desk looks and behaves.",
        Settings => Settings, |app, r| app.set_settings(r);
    "demo_open", "Makes the simulated company and opens its workspace.",
        Nothing => AppState, |app, _| app.open_demo();
    "workspace_create", "Makes a workspace and opens it.",
        CreateWorkspaceRequest => AppState, |app, r| app.create(r);
    "workspace_open", "Opens a workspace.",
        OpenWorkspaceRequest => AppState, |app, r| app.open(r);
    "workspace_close", "Puts the workspace away.", Nothing => AppState, |app, _| app.close();
    "restore", "Makes a workspace of a backup and opens it; tells the codes with which people start anew.",
        RestoreRequest => RestoredState, |app, r| app.restore(r);
    "lock", "Locks the desk.", Nothing => AppState, |app, _| { app.lock(); app.state() };
    "unlock", "Unlocks the desk.", UnlockRequest => AppState, |app, r| app.unlock(r);
    "seat", "Puts another person in front of the desk.", SeatRequest => AppState, |app, r| app.seat(r);
    "pick", "Lets the user choose a file.", PickRequest => Picked, |app, r| Ok(app.pick(r));
    "paste_rows", "Keeps rows that were pasted as a file to import.",
        PasteRequest => Picked, |app, r| app.paste(r);
    "cancel_job", "Asks long work to stop where it next can.",
        JobRequest => (), |app, r| { app.jobs.cancel(&r.job); Ok(()) };
    "copy", "Puts a selection onto the clipboard.", CopyRequest => Copied, |app, r| app.copy(r);
    "backup", "Copies the workspace while it is in use.",
        BackupRequest => Picked, |app, r| app.backup(r);
}

impl App {
    /// A desk with nothing on it. `folder` is the app's own folder for what the user set.
    ///
    /// # Errors
    /// `file_unusable` where that folder cannot be made.
    pub fn new(folder: PathBuf, host: Arc<dyn Host>) -> DeskResult<Self> {
        let kept = Kept::in_folder(folder)?;
        let now = Instant::now();
        Ok(Self {
            host,
            settings: Mutex::new(kept.settings()),
            kept,
            place: Mutex::default(),
            jobs: Jobs::default(),
            handed: Handed::default(),
            pending: Mutex::default(),
            listening: AtomicBool::new(false),
            opening: Mutex::default(),
            start: Mutex::default(),
            touched: Mutex::new(now),
            refreshed: Mutex::new(now),
            told: Mutex::default(),
            keyring: Mutex::default(),
            generation: AtomicU64::new(0),
            looks: Mutex::default(),
        })
    }

    /// Runs the command of this name with a JSON request. Blocks for as long as it takes; `job` names long
    /// work, whose progress comes as events.
    ///
    /// # Errors
    /// `command_unknown`, `bad_request`, `no_workspace`, `locked`, `person_secret_needed`, and whatever the
    /// command gives.
    pub fn call(&self, name: &str, request: Value, job: Option<&str>) -> DeskResult<Value> {
        self.touch();
        self.jobs.run(job, || match call_app(self, name, &request) {
            Some(answer) => answer,
            None => self.call_desk(name, request),
        })
    }

    fn call_desk(&self, name: &str, request: Value) -> DeskResult<Value> {
        let info = commands::info(name)?;
        let open = self.opened()?;
        self.handed.check(&request)?;
        let file = handed::file_of(&request);
        let answer = commands::call(&open.reader, &open.desk, name, request);
        self.handed.imported(file.as_deref().filter(|_| answer.as_ref().is_ok_and(handed::took_over)));
        if info.writes {
            self.changed();
        }
        answer.map_err(person_needed)
    }

    /// What lies on the desk now. Whoever works with it holds no lock: others ask meanwhile.
    fn lies(&self) -> Place {
        lock(&self.place).clone()
    }

    /// The open workspace.
    fn opened(&self) -> DeskResult<Open> {
        match self.lies() {
            Place::Open(open) => Ok(*open),
            Place::Locked(_) => Err(DeskError::new(Code::Locked, "the desk is locked: unlock it first")),
            Place::Empty => Err(DeskError::new(Code::NoWorkspace, "no workspace is open")),
        }
    }

    /// The page asks when it has come to listen, and whenever another workspace is open: what waited to be
    /// shown is told here alone, because other answers may go to the shell.
    fn heard(&self) -> DeskResult<AppState> {
        self.listening.store(true, Ordering::Relaxed);
        drop(lock(&self.opening));
        let open = self.take_pending();
        Ok(AppState { open, ..self.state()? })
    }

    fn glance(&self) -> DeskResult<AppState> {
        drop(lock(&self.opening));
        self.state()
    }

    fn state(&self) -> DeskResult<AppState> {
        // Before anything is looked at: a keyring takes its time, and meanwhile a workspace may be opened.
        let keyring = self.keyring_state(!matches!(self.lies(), Place::Empty));
        let mut looks = lock(&self.looks);
        *looks += 1;
        let workspace = match self.lies() {
            Place::Open(open) => Some(open.state()),
            Place::Locked(locked) => Some(locked.state()),
            Place::Empty => None,
        };
        let (opening, start_error) = {
            let start = lock(&self.start);
            (start.opening.filter(|_| workspace.is_none()), start.error.clone())
        };
        Ok(AppState {
            look: *looks,
            opening: opening.map(str::to_owned),
            start_error,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            keyring,
            workspace,
            recent: self.kept.recent(),
            settings: lock(&self.settings).clone().with_fixed(),
            open: None,
            link_waits: lock(&self.pending).is_some(),
        })
    }

    /// Asks the keyring at most every half minute, and not at all while a workspace is open.
    fn keyring_state(&self, is_open: bool) -> KeyringState {
        let known = lock(&self.keyring).clone();
        if let Some((at, state)) = known
            && (is_open || at.elapsed() < Duration::from_secs(30))
        {
            return state;
        }
        if is_open {
            return KeyringState { available: false, message: String::new() };
        }
        let state = match keyring_answers() {
            Ok(()) => KeyringState { available: true, message: String::new() },
            Err(error) => KeyringState { available: false, message: error.to_string() },
        };
        *lock(&self.keyring) = Some((Instant::now(), state.clone()));
        state
    }

    fn open_demo(&self) -> DeskResult<AppState> {
        let open = Open::demo(&self.host)?;
        self.put(open, DeskReason::Opened)
    }

    /// Says that the demo is about to be opened. Called before the page can ask, so that it never shows a
    /// screen whose buttons lead elsewhere.
    pub fn will_open_demo(&self) {
        self.starts("the demo");
    }

    /// Opens the demo because the program was started so; the page is told when that fails.
    pub fn start_demo(&self) {
        self.start_with("the demo", Self::open_demo);
    }

    fn starts(&self, what: &'static str) {
        *lock(&self.start) = Start { opening: Some(what), error: None };
        self.tell(DeskReason::Start);
    }

    fn start_with(&self, what: &'static str, open: impl FnOnce(&Self) -> DeskResult<AppState>) {
        self.touch();
        self.starts(what);
        let error = open(self).err();
        if let Some(error) = &error {
            tracing::error!(code = error.code.as_str(), "{what} was not opened: {}", error.message);
        }
        *lock(&self.start) = Start { opening: None, error };
        self.tell(DeskReason::Start);
    }

    fn create(&self, request: &CreateWorkspaceRequest) -> DeskResult<AppState> {
        let vault = request.passphrase.clone();
        workspace::init(&request.path, request.backend, &request.name, false, &source(vault.clone(), None))?;
        self.opened_at(&request.path, vault)
    }

    fn open(&self, request: &OpenWorkspaceRequest) -> DeskResult<AppState> {
        self.opened_at(&request.path, request.passphrase.clone())
    }

    fn restore(&self, request: &RestoreRequest) -> DeskResult<RestoredState> {
        let vault = request.passphrase.clone();
        let given = source(vault.clone(), Some(request.recovery_passphrase.clone()));
        let restored = restoring::restore(&request.backup, &request.path, request.backend, &given)?;
        Ok(RestoredState { app: self.opened_at(&request.path, vault)?, restored })
    }

    fn opened_at(&self, path: &Path, vault: Option<SecretText>) -> DeskResult<AppState> {
        let open = Open::workspace(path, vault, &self.host)?;
        self.kept.opened(path, &open.name, chrono::Utc::now())?;
        self.put(open, DeskReason::Opened)
    }

    fn put(&self, open: Open, reason: DeskReason) -> DeskResult<AppState> {
        self.put_where(|_| true, open, reason)
    }

    /// Lays a workspace on the desk if what lies there is still this.
    fn put_where(
        &self,
        still: impl FnOnce(&Place) -> bool,
        open: Open,
        reason: DeskReason,
    ) -> DeskResult<AppState> {
        workspace::anchor(&open.desk)?;
        {
            let mut place = lock(&self.place);
            if !still(&place) {
                drop(place);
                return self.state();
            }
            *place = Place::Open(Box::new(open));
        }
        lock(&self.start).error = None;
        self.touch();
        *lock(&self.told) = None;
        self.tell(reason);
        self.state()
    }

    fn close(&self) -> DeskResult<AppState> {
        *lock(&self.place) = Place::Empty;
        self.tell(DeskReason::Closed);
        self.state()
    }

    /// Locks the desk: on demand, when nobody used it, when the machine goes to sleep.
    pub fn lock(&self) {
        let Place::Open(open) = self.lies() else { return };
        let (path, locked) = (open.path.clone(), Arc::new(open.locked()));
        let mut place = lock(&self.place);
        // Another one may have been opened meanwhile, by somebody who is there to use it.
        if matches!(&*place, Place::Open(now) if now.path == path) {
            *place = Place::Locked(locked);
            drop(place);
            self.tell(DeskReason::Locked);
        }
    }

    fn unlock(&self, request: &UnlockRequest) -> DeskResult<AppState> {
        let locked = match self.lies() {
            Place::Locked(locked) => locked,
            Place::Open(_) => return self.state(),
            Place::Empty => return Err(DeskError::new(Code::NoWorkspace, "no workspace is open")),
        };
        let open = locked.open(request.passphrase.clone(), &self.host)?;
        // Unless somebody else was quicker, or put it away.
        let still = |now: &Place| matches!(now, Place::Locked(now) if Arc::ptr_eq(now, &locked));
        self.put_where(still, open, DeskReason::Opened)
    }

    fn seat(&self, request: &SeatRequest) -> DeskResult<AppState> {
        let given = Given {
            vault: None,
            own: request.passphrase.clone(),
            new: request.new_passphrase.clone(),
            enrolment_code: request.enrolment_code.clone(),
        };
        let seated = self.opened()?.seated(&request.person, given)?;
        self.put(seated, DeskReason::Seat)
    }

    fn pick(&self, request: &PickRequest) -> Picked {
        let path = self.host.pick(request.purpose, request.suggested.as_deref());
        if let Some(path) = path.as_ref().filter(|_| !request.purpose.saves()) {
            self.handed.take(path);
        }
        Picked { path: path.map(|path| path.display().to_string()) }
    }

    fn paste(&self, request: &PasteRequest) -> DeskResult<Picked> {
        let path = self.handed.paste(&request.text)?;
        Ok(Picked { path: Some(path.display().to_string()) })
    }

    /// Removes what was pasted from the disk: the program ends, and drops nothing.
    pub fn forget_pasted(&self) {
        self.handed.forget_pasted();
    }

    /// Takes files that were dropped on the window, or with which it was opened: the page is told of the
    /// first and shows it before anything of it is taken.
    pub fn hand_over(&self, paths: &[PathBuf]) {
        self.touch();
        paths.iter().for_each(|path| self.handed.take(path));
        if let Some(first) = paths.first() {
            *lock(&self.pending) = Some(first.display().to_string());
            self.show_pending();
        }
    }

    fn copy(&self, request: &CopyRequest) -> DeskResult<Copied> {
        let style = lock(&self.settings).copy_style();
        let clip = copying::copy(&self.opened()?.reader, request, &style)?;
        self.host.copy(&clip.text, &clip.html).map_err(|why| {
            DeskError::new(
                Code::ClipboardUnusable,
                format!("nothing was copied: {why}. Export a file instead"),
            )
        })?;
        Ok(Copied { rows: clip.rows })
    }

    fn backup(&self, request: &BackupRequest) -> DeskResult<Picked> {
        let open = self.opened()?;
        let session = tieout_desk::base::context::Session {
            acting: open.desk.acting().map(str::to_owned),
            passphrases: Box::new(source(None, Some(request.passphrase.clone()))),
            enrolment: Box::new(|_| None),
        };
        backups::backup(&open.desk.beside(session), &request.path)?;
        self.changed();
        Ok(Picked { path: Some(request.path.display().to_string()) })
    }

    /// A deep link (`tieout://exception/exc_…`) or a workspace file asks to be shown. What cannot be shown
    /// yet waits; what is neither is ignored.
    pub fn open_request(&self, what: &str) {
        let Some(event) = opened_by(what) else { return };
        if let Some(file) = &event.file {
            self.handed.take(Path::new(file));
        }
        if event.workspace.is_some_and(|file| self.opens_at_once(Path::new(&file))) {
            return;
        }
        *lock(&self.pending) = Some(what.to_owned());
        self.show_pending();
    }

    /// Opens a workspace file where none is open and nothing has to be asked: at a start this is done while
    /// the page is still being loaded. What does not open so is left to the page, which says why.
    fn opens_at_once(&self, file: &Path) -> bool {
        let _opening = lock(&self.opening);
        matches!(&*lock(&self.place), Place::Empty) && self.opened_at(file, None).is_ok()
    }

    fn show_pending(&self) {
        if let Some(event) = self.take_pending() {
            self.host.emit("open", serde_json::to_value(event).unwrap_or_default());
        }
    }

    /// What waits to be shown, once it can be: the page is there, and an exception has its workspace.
    fn take_pending(&self) -> Option<OpenEvent> {
        if !self.listening.load(Ordering::Relaxed) {
            return None;
        }
        let is_open = matches!(&*lock(&self.place), Place::Open(_));
        let mut pending = lock(&self.pending);
        let event = pending.as_deref().and_then(opened_by)?;
        if (event.exception.is_some() || event.file.is_some()) && !is_open {
            return None;
        }
        *pending = None;
        Some(event)
    }

    /// Somebody used the keyboard or the mouse.
    pub fn touch(&self) {
        *lock(&self.touched) = Instant::now();
    }

    /// What is to be done from time to time: locks a desk that nobody uses, looks for what fell due, and
    /// tells what is newly somebody's.
    pub fn tick(&self) {
        let settings = lock(&self.settings).clone().with_fixed();
        let idle = lock(&self.touched).elapsed();
        let limit = Duration::from_secs(u64::from(settings.lock_after_minutes) * 60);
        if !limit.is_zero() && idle >= limit && !self.jobs.busy() {
            self.lock();
            return;
        }
        let Ok(open) = self.opened() else { return };
        if lock(&self.refreshed).elapsed() >= REFRESH && !self.jobs.busy() {
            *lock(&self.refreshed) = Instant::now();
            match detection::refresh(&open.desk) {
                Ok(()) => self.changed(),
                Err(error) => tracing::warn!(code = %error.code, "refreshing failed: {}", error.message),
            }
        }
        if settings.notifications {
            self.notify_of_new();
        } else {
            *lock(&self.told) = None;
        }
    }

    fn changed(&self) {
        let generation = self.generation.fetch_add(1, Ordering::Relaxed) + 1;
        self.host.emit("changed", json!(ChangedEvent { generation }));
    }

    fn tell(&self, reason: DeskReason) {
        self.host.emit("desk", json!(DeskEvent { reason }));
    }
}

/// What a link or file asks for; `None` for anything that is not ours.
fn opened_by(what: &str) -> Option<OpenEvent> {
    if let Some(rest) = what.strip_prefix("tieout://exception/") {
        let id: ExceptionId = rest.trim_end_matches('/').parse().ok()?;
        return Some(OpenEvent { exception: Some(id.to_string()), ..OpenEvent::default() });
    }
    let file = Path::new(what.strip_prefix("file://").unwrap_or(what));
    let ours = file.extension().is_some_and(|ending| ending == "tieoutdb") && file.is_absolute();
    let path = Some(file.display().to_string());
    match ours {
        true => Some(OpenEvent { workspace: path, ..OpenEvent::default() }),
        false if file.is_absolute() && file.is_file() => {
            Some(OpenEvent { file: path, ..OpenEvent::default() })
        }
        false => None,
    }
}

/// A decision asked for the acting person's own secret: the window asks for it and tries again.
fn person_needed(mut error: DeskError) -> DeskError {
    if error.code == Code::PassphraseMissing {
        error.code = Code::PersonSecretNeeded;
    }
    error
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
