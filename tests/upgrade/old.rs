//! A workspace that an older Tieout left in the middle of its work, with the books of its company: made by
//! `make.rs`, kept in `fixtures/workspaces`, copied and served here.
#![allow(dead_code)]

use std::{
    fs::File,
    io::{BufReader, ErrorKind},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use sha2::{Digest as _, Sha256};
use tieout_sandbox::{
    book::Book,
    company::{Company, DEFAULT_AS_OF, Spec, generate},
    serve::{Options, Sandbox},
};

use super::{binary::root, company::Served};

/// What billing holds; the ERP's book is kept as it stood.
pub const SPEC: Spec = Spec { seed: 20, invoices: 72, as_of: DEFAULT_AS_OF, fault_rate: 2_500 };

/// The workspace's connections name these addresses, so that they are the same for ever. Below the ports that
/// systems hand out by themselves.
const STRIPE_PORT: u16 = 18_731;
const NETSUITE_PORT: u16 = 18_732;
/// Another checkout may be at it, too.
const PATIENCE: Duration = Duration::from_secs(180);

/// The files of a workspace, beside which nothing of it is kept.
pub const FILES: [&str; 3] = ["books.tieoutdb", "books.secrets.toml", "books.tieoutvault"];
/// The ERP's book.
pub const BOOK: &str = "erp-book.jsonl";
/// What is in flight, and what the old binary said of it.
pub const FACTS: &str = "facts.json";

/// The folder of what a workspace of this schema left.
pub fn folder(schema: u32) -> PathBuf {
    root().join(format!("fixtures/workspaces/schema-{schema}"))
}

/// SHA-256 of all that billing holds of a company.
pub fn billing_hash(company: &Company) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    company.write_to(folder.path()).expect("the company is written");
    let mut hash = Sha256::new();
    for kind in
        ["customers", "subscriptions", "invoices", "credit_notes", "charges", "refunds", "disputes", "usage"]
    {
        let file = folder.path().join(format!("{kind}.jsonl"));
        hash.update(std::fs::read(file).expect("the company writes this file"));
    }
    hex::encode(hash.finalize())
}

/// The book that the ERP held when the workspace was put away.
pub fn book(folder: &Path) -> Book {
    let file = File::open(folder.join(BOOK)).expect("the book is kept with the workspace");
    Book::read_from(BufReader::new(file)).expect("the book can be read")
}

/// Only one test at a time can have the addresses.
pub fn alone() -> MutexGuard<'static, ()> {
    static ADDRESSES: Mutex<()> = Mutex::new(());
    ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves billing and this book at the addresses that the workspace knows.
pub fn serve(company: &Company, book: &Book, latency: Duration) -> Served {
    let mut options = Options { stripe_port: STRIPE_PORT, ..Options::default() };
    options.netsuite.address.set_port(NETSUITE_PORT);
    options.netsuite.latency = latency;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let until = Instant::now() + PATIENCE;
    loop {
        let started = Sandbox::start_with(company.clone(), book.clone(), options.clone());
        match runtime.block_on(started) {
            Ok(sandbox) => return Served { sandbox, runtime },
            Err(error) if error.kind() == ErrorKind::AddrInUse && Instant::now() < until => {
                thread::sleep(Duration::from_millis(200));
            }
            Err(error) => panic!("the sandbox could not be served at its ports: {error}"),
        }
    }
}

/// The company as billing holds it.
pub fn company() -> Company {
    generate(&SPEC)
}

/// Number, what, hash and signer of each entry of an exported log.
pub fn log_entries(file: &Path) -> Vec<Vec<String>> {
    let mut rows =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).from_path(file).expect("a file");
    let mut rows = rows.records().map(|row| row.expect("a row"));
    let head = rows.find(|row| row.iter().any(|cell| cell == "hash")).expect("the log has a heading");
    let place = |name: &str| head.iter().position(|cell| cell == name).expect("the log has this column");
    let places = ["number", "what", "hash", "signer"].map(place);
    rows.map(|row| places.iter().map(|at| row[*at].to_owned()).collect()).collect()
}
