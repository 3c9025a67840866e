//! The demo: the whole job on a simulated company, on servers of this process's own on loopback.
//!
//! Only here does one process hold several people at once; it says so. Nothing of it is a real secret.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;
use tieout_domain::people::Role;
use tieout_sandbox::{
    company::{DEFAULT_AS_OF, Spec},
    fault::{FaultKind, FaultPlan, ScriptedFault},
    serve::{Options, Sandbox},
};

use tieout_desk::{
    access::{actor, people},
    base::{
        code::Code,
        context::{Context, Session},
        error::{DeskError, DeskResult},
        views::Outcome,
        workspace,
    },
    casefile::show,
    close::tie_out::{self, TieOutRequest},
    governance::{
        changes::{self, ImportChangeRequest},
        posting_switch::ApprovePostingRequest,
    },
    intake::{
        adapters::runtime,
        connecting,
        connections::{self, AddConnectionRequest, Trying},
        sync::SyncRequest,
    },
    queue::{
        exceptions::{self, ExceptionsRequest},
        record::ExceptionView,
    },
    settlement::{
        by_policy,
        decide::{self, DecideRequest},
        post::{self, PostRequest},
        posting_view,
        propose::{self, ProposeRequest},
    },
};
use tieout_vault::{Backend, Passphrase, PassphraseFor, SecretError};

/// The demo's own servers; they end with it.
pub use tieout_sandbox::serve::Sandbox as Servers;

const MAPPING: &str = include_str!("../../../fixtures/company/mapping.toml");
const POLICY: &str = include_str!("../../../fixtures/company/policy.toml");

/// Share of documents with a fault, in ten-thousandths: enough that every queue has something.
const FAULT_RATE: u32 = 600;

/// The instant as of which the told demo judges its company: seconds since 1970, UTC.
pub const AS_OF: i64 = DEFAULT_AS_OF;

/// How the demo's servers listen. `TIEOUT_DEMO_CONTROL_PORT` puts their control surface (faults, periods, the
/// ERP's own book) on a port that one knows, for tests and for those who want to see things go wrong.
fn servers() -> Options {
    let port = std::env::var("TIEOUT_DEMO_CONTROL_PORT").ok().and_then(|port| port.parse().ok());
    Options { control_port: port.unwrap_or(0), ..Options::default() }
}

/// Where the demo tells its story.
pub type Say<'a> = dyn FnMut(&str) + 'a;

pub(crate) fn passphrases(
    person: &str,
) -> impl Fn(&PassphraseFor) -> Result<Passphrase, SecretError> + Send + Sync + use<> {
    let own = format!("demo passphrase of {person}");
    move |what| {
        Ok(Passphrase::new(match what {
            PassphraseFor::NewVault | PassphraseFor::Vault | PassphraseFor::NextVault => {
                "demo passphrase of the vault".to_owned()
            }
            PassphraseFor::NewRecovery | PassphraseFor::Recovery => "demo recovery passphrase".to_owned(),
            PassphraseFor::NewPerson(_) | PassphraseFor::Person(_) | PassphraseFor::NextPerson(_) => {
                own.clone()
            }
        }))
    }
}

/// A session of one of the demo's people, which knows their passphrases.
#[must_use]
pub fn session(person: &str, acting: Option<&str>) -> Session {
    Session {
        acting: acting.map(str::to_owned),
        passphrases: Box::new(passphrases(person)),
        enrolment: Box::new(|_| None),
    }
}

/// A demo workspace over a running sandbox, with four people besides the administrator who made it: ana
/// (analyst), carl and cora (controllers: large postings need two) and aud (auditor).
pub struct Demo {
    /// The desk, with the administrator in front of it.
    pub desk: Context,
    /// The simulated company's servers.
    pub sandbox: Sandbox,
    /// The instant as of which the company is judged, RFC 3339.
    pub as_of: String,
}

impl Demo {
    /// Makes the workspace in `folder` and connects it to a sandbox of `invoices` invoices, as the company
    /// stands at `as_of` (seconds since 1970, UTC).
    ///
    /// # Errors
    /// `demo_sandbox_failed`, and whatever a command can give.
    pub fn make(
        runtime: &tokio::runtime::Runtime,
        folder: &Path,
        invoices: u32,
        seed: u64,
        as_of: i64,
    ) -> DeskResult<Self> {
        let spec = Spec { seed, invoices, as_of, fault_rate: FAULT_RATE };
        let started = runtime.block_on(Sandbox::start(&spec, servers()));
        let sandbox = started.map_err(|e| DeskError::new(Code::DemoSandboxFailed, e.to_string()))?;
        let path = folder.join("demo.tieoutdb");
        workspace::init(
            &path,
            Backend::Vault,
            "Meridian Analytics (demo)",
            true,
            &passphrases("the administrator"),
        )?;
        let mut desk = workspace::open(&path, session("the administrator", None))?;
        for (name, role) in [
            ("ana", Role::Analyst),
            ("carl", Role::Controller),
            ("cora", Role::Controller),
            ("aud", Role::Auditor),
        ] {
            let secret = Passphrase::new(format!("demo passphrase of {name}"));
            people::add_person(&desk, name, role, None, Some(secret))?;
        }
        let as_of = chrono::DateTime::from_timestamp(as_of, 0).unwrap_or_default().to_rfc3339();
        connect_sandbox(&mut desk, &sandbox.describe())?;
        govern(&mut desk, folder)?;
        Ok(Self { desk, sandbox, as_of })
    }

    /// Has postings sent to NetSuite, as in any workspace: the administrator proposes it by the figures of
    /// the ledger, which was read before, and carl approves what he saw. Carl stays at the desk.
    ///
    /// # Errors
    /// `ledger_not_read`, and whatever a command can give.
    pub fn switch_posting_on(&mut self) -> DeskResult<()> {
        let people = people::people(&self.desk)?;
        let administrator = people.into_iter().find(|person| person.role == Role::Administrator.as_str());
        let name = administrator.map(|person| person.name);
        self.desk.seat(session("the administrator", name.as_deref()));
        let proposed = connecting::posting_propose(&self.desk, "netsuite")?;
        self.seat("carl");
        let request = ApprovePostingRequest { id: "netsuite".to_owned(), content: Some(proposed.hash) };
        connecting::posting_approve(&self.desk, &request).map(|_| ())
    }

    /// Seats one of the demo's people.
    pub fn seat(&mut self, person: &str) {
        self.desk.seat(session(person, Some(person)));
    }
}

/// Adds a connection for each of the sandbox's Stripe accounts and for its NetSuite account.
fn connect_sandbox(ctx: &mut Context, about: &Value) -> DeskResult<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for account in about["stripe"]["accounts"].as_array().into_iter().flatten() {
        let request = AddConnectionRequest {
            name: format!("stripe-{}", text(&account["entity"]).to_ascii_lowercase()),
            vendor: "stripe".to_owned(),
            url: text(&about["stripe"]["url"]),
            mode: "test".to_owned(),
            settings: BTreeMap::from([
                ("account".to_owned(), text(&account["account"])),
                ("rate".to_owned(), "1000".to_owned()),
            ]),
            credentials: BTreeMap::new(),
            trying: Trying::Untried,
        };
        connections::add_connection(ctx, &request, &|_| Ok(text(&account["api_key"])))?;
    }
    let netsuite = &about["netsuite"];
    let token = &netsuite["tokens"][0];
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let request = AddConnectionRequest {
        name: "netsuite".to_owned(),
        vendor: "netsuite".to_owned(),
        url: text(&netsuite["url"]),
        mode: "test".to_owned(),
        settings: BTreeMap::from([
            setting("account", &text(&netsuite["account"])),
            setting("auth", "tba"),
            setting("customers", "create"),
            setting("approve", "true"),
            setting("timeout", "2"),
            setting("settling", "2"),
        ]),
        credentials: BTreeMap::new(),
        trying: Trying::Untried,
    };
    let credentials = |field: &str| {
        let field = if field == "token_id" { "token" } else { field };
        Ok(text(&token[field]))
    };
    connections::add_connection(ctx, &request, &credentials)?;
    Ok(())
}

/// Brings in mapping and policy as the administrator, and has the controller approve them.
fn govern(ctx: &mut Context, folder: &Path) -> DeskResult<()> {
    let administrator = actor::acting_person(ctx)?.name;
    ctx.seat(session("the administrator", Some(&administrator)));
    let mut ids = Vec::new();
    for (name, text) in [("mapping.toml", MAPPING), ("policy.toml", POLICY)] {
        let file = folder.join(name);
        std::fs::write(&file, text).map_err(|e| DeskError::file(&file, &e))?;
        let request = ImportChangeRequest { file };
        let change = match name {
            "mapping.toml" => changes::import_mapping(ctx, &request)?,
            _ => changes::import_policy(ctx, &request)?,
        };
        ids.push(change.id);
    }
    ctx.seat(session("carl", Some("carl")));
    all_done(&decide::decide(ctx, &DecideRequest { ids, approve: true, ..DecideRequest::default() })?)
}

/// Plays the whole job and tells it line by line.
///
/// # Errors
/// Whatever a command can give, and `demo_failed` where the story does not come out as it should.
pub fn play(invoices: u32, seed: u64, keep: Option<&Path>, say: &mut Say<'_>) -> DeskResult<()> {
    let made = tempfile::tempdir().map_err(|e| DeskError::new(Code::FileUnusable, e.to_string()))?;
    let folder = keep.unwrap_or(made.path());
    std::fs::create_dir_all(folder).map_err(|e| DeskError::file(folder, &e))?;
    say("DEMO: a simulated company, and several people in one process. Nothing here is real.");
    let runtime = runtime()?;
    let mut demo = Demo::make(runtime, folder, invoices, seed, AS_OF)?;
    say(&format!(
        "1  Sandbox up: Stripe {}, NetSuite {}",
        demo.sandbox.stripe.url(),
        demo.sandbox.netsuite.url()
    ));

    let synced = by_policy::sync(
        &demo.desk,
        &SyncRequest { as_of: Some(demo.as_of.clone()), ..SyncRequest::default() },
    )?;
    let items: u64 = synced.iter().map(|s| s.items).sum();
    say(&format!("2  Synced {items} objects over {} resources", synced.len()));
    let open = demo.open()?;
    queues(&open, say);

    demo.switch_posting_on()?;
    say("   So far NetSuite was only read: the administrator proposes posting, carl approves the figures");
    let picked = pick(&demo.desk, &open)?;
    let first = settle_through_a_time_out(&mut demo, &picked[0], say)?;
    let second = replay_after_a_refusal(&mut demo, &picked[1], say)?;

    let synced = by_policy::sync(
        &demo.desk,
        &SyncRequest { as_of: Some(demo.as_of.clone()), ..SyncRequest::default() },
    )?;
    say(&format!("6  Synced again: {} resources", synced.len()));
    for (reference, posting) in [(&picked[0].external_ref, &first), (&picked[1].external_ref, &second)] {
        let shown = posting_view::posting(&demo.desk, posting)?;
        expect(shown.state == "settled", &format!("posting {posting} is {}, not settled", shown.state))?;
        for step in &shown.steps {
            let booked = demo.sandbox.netsuite.book().entries_by_external_id(&step.key);
            let booked = booked.map_err(|e| DeskError::new(Code::DemoFailed, e.to_string()))?;
            expect(
                booked.len() == 1,
                &format!("the ERP's own book holds key {} {} times", step.key, booked.len()),
            )?;
        }
        say(&format!("   {reference}: settled; the ERP's own book holds its key exactly once"));
    }
    let still: Vec<String> = demo.open()?.into_iter().map(|e| e.id).collect();
    expect(picked.iter().all(|p| !still.contains(&p.id)), "a settled exception is still open")?;
    say("   Both exceptions are closed, because the ledger shows it");

    tie_out(&demo, say)?;
    workspace::anchor(&demo.desk)?;
    let verified = workspace::verify(&demo.desk)?;
    expect(verified.sound, &verified.faults.join("; "))?;
    say(&format!(
        "8  Log verified: {} entries, {} signed, chain and anchor agree",
        verified.entries, verified.signed
    ));
    if let Some(folder) = keep {
        say(&format!("   Kept in {} (the sandbox itself ends with this process)", folder.display()));
    }
    runtime.block_on(demo.sandbox.shutdown());
    Ok(())
}

impl Demo {
    fn open(&self) -> DeskResult<Vec<ExceptionView>> {
        exceptions::exceptions(
            &self.desk,
            &ExceptionsRequest { as_of: Some(self.as_of.clone()), ..ExceptionsRequest::default() },
        )
    }
}

fn queues(open: &[ExceptionView], say: &mut Say<'_>) {
    let mut by_queue: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for e in open {
        *by_queue.entry((&e.queue, &e.kind)).or_default() += 1;
    }
    say(&format!("3  {} open exceptions:", open.len()));
    for ((queue, kind), count) in by_queue {
        say(&format!("   {queue:13} {kind:24} {count}"));
    }
}

/// Two unposted documents, invoices first, those of an open period first among them.
fn pick(desk: &Context, open: &[ExceptionView]) -> DeskResult<[ExceptionView; 2]> {
    let mut found = Vec::new();
    for e in open.iter().filter(|e| e.kind == "unposted" && e.state == "open") {
        let invoice = show::show(desk, &e.id)?.billing.is_some_and(|b| b.kind == "invoice");
        found.push((!invoice, e.queues.len(), e.clone()));
    }
    found.sort_by_key(|(other, queues, e)| (*other, *queues, e.id.clone()));
    let picked: Vec<ExceptionView> = found.into_iter().map(|(_, _, e)| e).take(2).collect();
    picked.try_into().map_err(|_| {
        DeskError::new(Code::DemoFailed, "the company has too few unposted documents: raise --invoices")
    })
}

fn settle_through_a_time_out(
    demo: &mut Demo,
    exception: &ExceptionView,
    say: &mut Say<'_>,
) -> DeskResult<String> {
    demo.seat("ana");
    let request = ProposeRequest { ids: vec![exception.id.clone()], ..ProposeRequest::default() };
    let proposed = propose::propose(&demo.desk, &request)?;
    all_done(&proposed)?;
    let posting = proposed[0].posting.clone().unwrap_or_default();
    say(&format!(
        "4  ana proposes {posting} for {} ({} {})",
        exception.external_ref, exception.amount, exception.currency
    ));
    let own = decide::decide(&demo.desk, &as_shown(demo, &posting)?)?;
    let refusal = own.first().filter(|o| o.result == "refused");
    let refusal =
        refusal.ok_or_else(|| DeskError::new(Code::DemoFailed, "ana could approve her own posting"))?;
    say(&format!(
        "   ana approves it herself: REFUSED by {}; who could: {}",
        refusal.rule.as_deref().unwrap_or("?"),
        refusal.who_could.join(", ")
    ));
    say(&format!("   {}: signed, and in the outbox", approve(demo, &posting)?));
    fault(demo, FaultKind::TimeoutAfterCommit);
    let report = post::post(&demo.desk, &PostRequest { connection: None, wait_seconds: 60 })?;
    expect(report.iter().all(|r| r.code.is_none()), "a worker could not run")?;
    let state = posting_view::posting(&demo.desk, &posting)?.state;
    say(&format!("   posted through a time-out after commit: looked up by key, not sent again; now {state}"));
    Ok(posting)
}

/// The approval of a posting by who looks at it now: bound to the content that they see.
fn as_shown(demo: &Demo, posting: &str) -> DeskResult<DecideRequest> {
    let shown = posting_view::posting(&demo.desk, posting)?;
    let content = BTreeMap::from([(posting.to_owned(), shown.content_hash)]);
    Ok(DecideRequest { ids: vec![posting.to_owned()], approve: true, content, ..DecideRequest::default() })
}

/// Approves a posting as carl, and where its amount asks for two people as cora, too; says who did.
fn approve(demo: &mut Demo, posting: &str) -> DeskResult<&'static str> {
    demo.seat("carl");
    all_done(&decide::decide(&demo.desk, &as_shown(demo, posting)?)?)?;
    if posting_view::posting(&demo.desk, posting)?.state != "proposed" {
        return Ok("carl approves it");
    }
    demo.seat("cora");
    all_done(&decide::decide(&demo.desk, &as_shown(demo, posting)?)?)?;
    Ok("carl and cora approve it, since so large an amount needs two")
}

fn replay_after_a_refusal(
    demo: &mut Demo,
    exception: &ExceptionView,
    say: &mut Say<'_>,
) -> DeskResult<String> {
    demo.seat("ana");
    let request = ProposeRequest { ids: vec![exception.id.clone()], ..ProposeRequest::default() };
    let proposed = propose::propose(&demo.desk, &request)?;
    all_done(&proposed)?;
    let posting = proposed[0].posting.clone().unwrap_or_default();
    approve(demo, &posting)?;
    fault(demo, FaultKind::ClosedPeriod);
    post::post(&demo.desk, &PostRequest { connection: None, wait_seconds: 30 })?;
    let refused = posting_view::posting(&demo.desk, &posting)?;
    say(&format!(
        "5  {}: the ERP refuses it: {} ({})",
        exception.external_ref,
        refused.failure.as_deref().unwrap_or("?"),
        refused.state
    ));
    demo.seat("ana");
    all_done(&decide::replay(&demo.desk, std::slice::from_ref(&posting))?)?;
    post::post(&demo.desk, &PostRequest { connection: None, wait_seconds: 30 })?;
    let state = posting_view::posting(&demo.desk, &posting)?.state;
    say(&format!("   replayed under the same key once the period is open again; now {state}"));
    Ok(posting)
}

/// The next journal that is sent meets this fault, once.
fn fault(demo: &Demo, kind: FaultKind) {
    demo.sandbox.netsuite.faults().set_plan(FaultPlan::script([ScriptedFault::post(
        1,
        "journalEntry",
        kind,
    )]));
}

fn tie_out(demo: &Demo, say: &mut Say<'_>) -> DeskResult<()> {
    let cells = tie_out::tie_out(
        &demo.desk,
        &TieOutRequest { as_of: Some(demo.as_of.clone()), ..TieOutRequest::default() },
    )?;
    say(&format!("7  Tie-out, receivables of the last months ({} cells in all):", cells.len()));
    let mut shown: Vec<_> = cells.iter().filter(|c| c.account == "1100" && c.variance_minor != 0).collect();
    shown.sort_by(|a, b| b.period.cmp(&a.period));
    for c in shown.into_iter().take(6) {
        say(&format!(
            "   {} {} {}: billing {}, ledger {}, variance {}, unexplained {}",
            c.entity, c.period, c.currency, c.billing, c.ledger, c.variance, c.unexplained
        ));
    }
    Ok(())
}

fn all_done(outcomes: &[Outcome]) -> DeskResult<()> {
    match outcomes.iter().find(|o| o.result == "refused") {
        None => Ok(()),
        Some(o) => Err(DeskError::below(&o.code, format!("{}: {}", o.id, o.message))),
    }
}

fn expect(holds: bool, message: &str) -> DeskResult<()> {
    if holds { Ok(()) } else { Err(DeskError::new(Code::DemoFailed, message)) }
}
