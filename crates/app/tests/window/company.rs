//! A synced demo company, and somebody who can stop its work.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tieout_demo::Demo;
use tieout_desk::{
    Context,
    access::people,
    base::{progress::Progress, views::Outcome},
    intake::sync::SyncRequest,
    queue::{
        exceptions::{self, ExceptionsRequest},
        record::ExceptionView,
    },
    reports::log_view::{self, LogRequest},
    settlement::{
        batch::{self, BatchRequest},
        by_policy,
        decide::{self, DecideRequest},
    },
};

/// Watches work, and stops it once so much was done.
#[derive(Default)]
pub struct Watcher {
    stop_after: AtomicU64,
    armed: AtomicBool,
    pub done: AtomicU64,
    pub begun: std::sync::Mutex<Vec<String>>,
}

impl Watcher {
    pub fn stop_after(&self, items: u64) {
        self.stop_after.store(items, Ordering::SeqCst);
        self.done.store(0, Ordering::SeqCst);
        self.armed.store(true, Ordering::SeqCst);
    }

    pub fn let_go_on(&self) {
        self.armed.store(false, Ordering::SeqCst);
    }
}

impl Progress for Watcher {
    fn begin(&self, what: &str, _total: Option<u64>) {
        self.begun.lock().unwrap().push(what.to_owned());
    }

    fn advance(&self, by: u64) {
        self.done.fetch_add(by, Ordering::SeqCst);
    }

    fn end(&self) {}

    fn cancelled(&self) -> bool {
        self.armed.load(Ordering::SeqCst)
            && self.done.load(Ordering::SeqCst) >= self.stop_after.load(Ordering::SeqCst)
    }
}

/// The company with its desk; the folder and the runtime live as long as it.
pub struct Company {
    pub demo: Demo,
    pub watcher: Arc<Watcher>,
    pub folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Company {
    /// Not synced yet.
    pub fn new(invoices: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let Demo { desk, sandbox, as_of } =
            Demo::make(&runtime, folder.path(), invoices, 7, tieout_demo::AS_OF).unwrap();
        let watcher = Arc::new(Watcher::default());
        let desk = desk.with_progress(Arc::clone(&watcher) as Arc<dyn Progress>);
        Self { demo: Demo { desk, sandbox, as_of }, watcher, folder, _runtime: runtime }
    }

    /// Synced, with postings sent to its ledger, and what the policy prepares prepared.
    pub fn synced(invoices: u32) -> Self {
        let mut company = Self::new(invoices);
        company.sync();
        company.demo.switch_posting_on().unwrap();
        company.sync();
        company
    }

    fn sync(&self) {
        let views = by_policy::sync(self.desk(), &self.sync_request()).unwrap();
        assert!(views.iter().all(|v| v.state == "complete"), "{views:?}");
    }

    pub fn desk(&self) -> &Context {
        &self.demo.desk
    }

    pub fn sync_request(&self) -> SyncRequest {
        SyncRequest { as_of: Some(self.demo.as_of.clone()), ..SyncRequest::default() }
    }

    /// Open exceptions as the list shows them.
    pub fn open(&self) -> Vec<ExceptionView> {
        let as_of = Some(self.demo.as_of.clone());
        exceptions::exceptions(self.desk(), &ExceptionsRequest { as_of, ..ExceptionsRequest::default() })
            .unwrap()
    }

    /// How many entries the log has.
    pub fn logged(&self) -> u64 {
        let request = LogRequest { limit: 1, ..LogRequest::default() };
        log_view::log_page(self.desk(), &request).unwrap().total
    }

    /// Puts the administrator who made the workspace in front of the desk.
    pub fn seat_administrator(&mut self) {
        let people = people::people(self.desk()).unwrap();
        let administrator = people.into_iter().find(|p| p.role == "administrator").unwrap();
        self.demo.desk.seat(tieout_desk::Session {
            acting: Some(administrator.name),
            passphrases: Box::new(|_: &tieout_vault::PassphraseFor| {
                Ok(tieout_vault::Passphrase::new("demo passphrase of the administrator".to_owned()))
            }),
            enrolment: Box::new(|_| None),
        });
    }

    /// Has who sits there look over these postings (or their exceptions) and approve them as they were shown.
    pub fn approve(&self, ids: Vec<String>) -> Vec<Outcome> {
        let shown = batch::may(self.desk(), &BatchRequest::Approve { ids: ids.clone() }).unwrap();
        let content = shown.approvals.into_iter().map(|one| (one.id, one.content_hash)).collect();
        let request = DecideRequest { ids, approve: true, content, ..DecideRequest::default() };
        decide::decide(self.desk(), &request).unwrap()
    }

    /// Ids of open unposted documents that have no posting yet.
    pub fn unposted(&self) -> Vec<String> {
        let fits = |e: &&ExceptionView| e.kind == "unposted" && e.state == "open";
        self.open().iter().filter(fits).map(|e| e.id.clone()).collect()
    }
}
