//! Postings against the rate that the ERP allows: a sandbox with a sliding window of calls per second, a cap
//! on concurrent calls and a latency, and the desk's own worker.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use tieout_desk::{
    Context, Session,
    access::people,
    base::{views::Outcome as ItemOutcome, workspace},
    governance::{
        changes::{self, ImportChangeRequest},
        posting_switch::ApprovePostingRequest,
    },
    intake::{
        connecting,
        connections::{self, AddConnectionRequest, Trying},
        sync::SyncRequest,
    },
    queue::exceptions::{self, ExceptionsRequest},
    settlement::{
        batch::{self, BatchRequest},
        by_policy,
        decide::{self, DecideRequest},
        post::{self, PostRequest},
        posting_view,
        propose::{self, ProposeRequest},
    },
};
use tieout_domain::people::Role;
use tieout_sandbox::{
    company::{DEFAULT_AS_OF, Spec},
    netsuite::{RateLimit, ServerOptions},
    serve::{Options, Sandbox},
};
use tieout_vault::{Backend, Passphrase, PassphraseFor, SecretError};

use crate::{
    figures::{Line, Outcome, Series, require},
    place::Place,
};

/// Calls per second that the ERP allows.
const RATE: u32 = 40;
/// Calls at once that it allows, and that we make.
const CONCURRENCY: u32 = 10;
/// How long each call takes at least.
const LATENCY: Duration = Duration::from_millis(80);
/// Not counted at the start (caches, first look-ups) …
const WARM_UP: Duration = Duration::from_secs(5);
/// … nor at the end, where the queue runs dry.
const TAIL: Duration = Duration::from_secs(3);
/// Postings that are enough for a steady figure.
const LEAST: usize = 300;

/// Measures one long run per round.
///
/// # Errors
/// A posting that is not booked exactly once, or what went wrong.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let mut all: [Series; 6] = Default::default();
    for round in 0..rounds {
        let measured = Stage::make(&place.fresh(&format!("posting-{round}"))?)?.measure()?;
        for (series, value) in all.iter_mut().zip(measured) {
            series.push(value);
        }
    }
    let [calls, used, refused, postings, per_posting, oldest] = &all;
    let hundredths = |s: &Series| s.map(|v| v / 100);
    Ok(vec![
        Line::ratio(format!("calls per second, of {RATE} allowed"), calls),
        Line::percent("share of the allowed rate used", &hundredths(used)).aim("≥ 95"),
        Line::percent("share of calls answered 429", &hundredths(refused)).aim("< 0.1"),
        Line::ratio("postings per second", postings),
        Line::ratio("calls per posting", per_posting).aim("≤ 2.5"),
        Line::count("age of the oldest look-up used, when the ERP answered", "ms", oldest).aim("≤ 5,000"),
    ])
}

/// One sample: when, and how many calls the server had counted.
type Sample = (Duration, u64);

struct Stage {
    runtime: tokio::runtime::Runtime,
    sandbox: Sandbox,
    desk: Context,
    postings: Vec<String>,
}

impl Stage {
    /// A company with many documents that are not posted, and a posting prepared and approved for each.
    fn make(folder: &Path) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let netsuite = ServerOptions {
            rate: Some(RateLimit { requests: RATE as usize, per: Duration::from_secs(1) }),
            concurrency: Some(CONCURRENCY as usize),
            latency: LATENCY,
            ..ServerOptions::default()
        };
        let spec = Spec { seed: 11, invoices: 20_000, as_of: DEFAULT_AS_OF, fault_rate: 5_000 };
        let sandbox = runtime.block_on(Sandbox::start(&spec, Options { netsuite, ..Options::default() }))?;
        let path = folder.join("w.tieoutdb");
        workspace::init(&path, Backend::Vault, "Benchmark", true, &passphrases("admin"))?;
        let mut desk = workspace::open(&path, session("admin", None))?;
        for (name, role) in [("ana", Role::Analyst), ("carl", Role::Controller)] {
            people::add_person(&desk, name, role, None, Some(Passphrase::new(secret(name))))?;
        }
        connect(&desk, &sandbox)?;
        govern(&mut desk, folder, MAPPING)?;
        let postings = prepare(&mut desk)?;
        Ok(Self { runtime, sandbox, desk, postings })
    }

    /// Calls a second, share used, share refused, postings a second, calls per posting, the age of the oldest
    /// look-up that was used: the shares in millionths, the age in milliseconds, the others in thousandths.
    fn measure(self) -> Outcome<[u64; 6]> {
        let refused = |s: &Sandbox| {
            let counters = s.netsuite.counters();
            counters.refused_for_rate + counters.refused_for_concurrency
        };
        let (calls_before, refused_before) =
            (self.sandbox.netsuite.counters().requests, refused(&self.sandbox));
        let done = AtomicBool::new(false);
        let start = Instant::now();
        let (samples, views) = std::thread::scope(|scope| {
            let sampler = scope.spawn(|| {
                let mut samples: Vec<Sample> = Vec::new();
                while !done.load(Ordering::Acquire) {
                    samples.push((start.elapsed(), self.sandbox.netsuite.counters().requests));
                    std::thread::sleep(Duration::from_millis(20));
                }
                samples
            });
            let views = post::post(&self.desk, &PostRequest { connection: None, wait_seconds: 0 });
            done.store(true, Ordering::Release);
            (sampler.join(), views)
        });
        let samples = samples.map_err(|_| "the sampling thread died")?;
        let views = views?;
        let booked: usize = views.iter().map(|view| view.booked).sum();
        let oldest = views.iter().filter_map(|view| view.oldest_look_up_ms).max().unwrap_or(0);
        require(booked == self.postings.len(), || format!("{booked} of {} booked", self.postings.len()))?;
        self.judge()?;
        let all = self.sandbox.netsuite.counters().requests - calls_before;
        let refused = refused(&self.sandbox) - refused_before;
        let (micros, calls) = steady(&samples)?;
        let per_second = calls * 1_000_000_000 / micros.max(1);
        let per_posting = all * 1000 / booked.max(1) as u64;
        eprintln!("    {booked} postings, {all} calls, {refused} refused, {} s", start.elapsed().as_secs());
        self.runtime.block_on(self.sandbox.shutdown());
        Ok([
            per_second,
            per_second * 1000 / u64::from(RATE),
            refused * 1_000_000 / all.max(1),
            per_second * 1000 / per_posting.max(1),
            per_posting,
            u64::from(oldest),
        ])
    }

    /// The ERP's own book holds the key of each step of each posting exactly once.
    fn judge(&self) -> Outcome<()> {
        for id in &self.postings {
            for step in &posting_view::posting(&self.desk, id)?.steps {
                let held = self.sandbox.netsuite.book().entries_by_external_id(&step.key)?.len();
                require(held == 1, || format!("{id}: the ERP's book holds {} {held} times", step.key))?;
            }
        }
        Ok(())
    }
}

/// Time and calls between warm-up and tail.
fn steady(samples: &[Sample]) -> Outcome<(u64, u64)> {
    let end = samples.last().map_or(Duration::ZERO, |(at, _)| at.saturating_sub(TAIL));
    let mut inside = samples.iter().filter(|(at, _)| *at >= WARM_UP && *at <= end);
    match (inside.next(), inside.next_back()) {
        (Some((from, before)), Some((to, after))) if *to > *from + WARM_UP => {
            let micros = u64::try_from((*to - *from).as_micros()).unwrap_or(u64::MAX);
            Ok((micros, after - before))
        }
        _ => Err("the run was too short to measure".into()),
    }
}

/// What a person of the benchmark is known by.
pub fn secret(person: &str) -> String {
    format!("benchmark passphrase of {person}")
}

/// What opens the vault and stands for a person.
pub fn passphrases(
    person: &str,
) -> impl Fn(&PassphraseFor) -> Result<Passphrase, SecretError> + Send + Sync + use<> {
    let own = secret(person);
    move |what| {
        Ok(Passphrase::new(match what {
            PassphraseFor::NewPerson(_) | PassphraseFor::Person(_) | PassphraseFor::NextPerson(_) => {
                own.clone()
            }
            PassphraseFor::NewVault
            | PassphraseFor::Vault
            | PassphraseFor::NextVault
            | PassphraseFor::NewRecovery
            | PassphraseFor::Recovery => crate::place::PASSPHRASE.to_owned(),
        }))
    }
}

/// A session of a person, acting as somebody where that is said.
pub fn session(person: &str, acting: Option<&str>) -> Session {
    Session {
        acting: acting.map(str::to_owned),
        passphrases: Box::new(passphrases(person)),
        enrolment: Box::new(|_| None),
    }
}

/// Adds the sandbox's connections: Stripe's accounts and the ERP.
///
/// # Errors
/// The desk's.
pub fn connect(desk: &Context, sandbox: &Sandbox) -> Outcome<()> {
    let about = sandbox.describe();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let setting = |name: &str, value: String| (name.to_owned(), value);
    for account in about["stripe"]["accounts"].as_array().into_iter().flatten() {
        let request = AddConnectionRequest {
            name: format!("stripe-{}", text(&account["entity"]).to_ascii_lowercase()),
            vendor: "stripe".to_owned(),
            url: text(&about["stripe"]["url"]),
            mode: "test".to_owned(),
            settings: BTreeMap::from([
                setting("account", text(&account["account"])),
                setting("rate", "1000".to_owned()),
            ]),
            credentials: BTreeMap::new(),
            trying: Trying::Untried,
        };
        connections::add_connection(desk, &request, &|_| Ok(text(&account["api_key"])))?;
    }
    let netsuite = &about["netsuite"];
    let request = AddConnectionRequest {
        name: "netsuite".to_owned(),
        vendor: "netsuite".to_owned(),
        url: text(&netsuite["url"]),
        mode: "test".to_owned(),
        settings: BTreeMap::from([
            setting("account", text(&netsuite["account"])),
            setting("auth", "tba".to_owned()),
            setting("customers", "create".to_owned()),
            setting("approve", "true".to_owned()),
            setting("rate", RATE.to_string()),
            setting("concurrency", CONCURRENCY.to_string()),
        ]),
        credentials: BTreeMap::new(),
        trying: Trying::Untried,
    };
    let token = &netsuite["tokens"][0];
    connections::add_connection(desk, &request, &|field| {
        Ok(text(&token[if field == "token_id" { "token" } else { field }]))
    })?;
    Ok(())
}

const MAPPING: &str = include_str!("../../../fixtures/company/mapping.toml");

/// Has a mapping and the company's policy in force: the administrator proposes them, carl approves.
///
/// # Errors
/// The desk's.
pub fn govern(desk: &mut Context, folder: &Path, mapping_text: &str) -> Outcome<()> {
    const POLICY: &str = include_str!("../../../fixtures/company/policy.toml");
    let (mapping, policy) = (folder.join("mapping.toml"), folder.join("policy.toml"));
    std::fs::write(&mapping, mapping_text)?;
    std::fs::write(&policy, POLICY)?;
    let people = people::people(desk)?;
    let administrator = people.iter().find(|p| p.role == "administrator").ok_or("no administrator")?;
    desk.seat(session("admin", Some(&administrator.name)));
    let ids = vec![
        changes::import_mapping(desk, &ImportChangeRequest { file: mapping })?.id,
        changes::import_policy(desk, &ImportChangeRequest { file: policy })?.id,
    ];
    desk.seat(session("carl", Some("carl")));
    all_done(&decide::decide(desk, &DecideRequest { ids, approve: true, ..DecideRequest::default() })?)
}

/// Has postings sent to the ledger that was read: the administrator proposes it, carl approves the figures.
fn switch_on(desk: &mut Context) -> Outcome<()> {
    let people = people::people(desk)?;
    let administrator = people.iter().find(|p| p.role == "administrator").ok_or("no administrator")?;
    desk.seat(session("admin", Some(&administrator.name)));
    let proposed = connecting::posting_propose(desk, "netsuite")?;
    desk.seat(session("carl", Some("carl")));
    let approval = ApprovePostingRequest { id: "netsuite".to_owned(), content: Some(proposed.hash) };
    connecting::posting_approve(desk, &approval)?;
    Ok(())
}

/// Syncs, has ana propose what is unposted and carl approve it; answers what is to be sent.
fn prepare(desk: &mut Context) -> Outcome<Vec<String>> {
    let as_of = chrono::DateTime::from_timestamp(DEFAULT_AS_OF, 0).map(|at| at.to_rfc3339());
    let synced = by_policy::sync(desk, &SyncRequest { as_of: as_of.clone(), ..SyncRequest::default() })?;
    if let Some(failed) = synced.iter().find(|view| view.state != "complete") {
        return Err(format!("{} {}: {}", failed.connection, failed.resource, failed.message).into());
    }
    switch_on(desk)?;
    by_policy::sync(desk, &SyncRequest { as_of: as_of.clone(), ..SyncRequest::default() })?;
    let open = exceptions::exceptions(desk, &ExceptionsRequest { as_of, ..ExceptionsRequest::default() })?;
    // The policy has prepared small ones by itself: those are in progress, and in the outbox already.
    let wanted = |e: &&tieout_desk::queue::record::ExceptionView| {
        e.kind == "unposted" && e.queues.len() == 1 && e.state == "open"
    };
    let ids: Vec<String> = open.iter().filter(wanted).map(|e| e.id.clone()).collect();
    desk.seat(session("ana", Some("ana")));
    let proposed = propose::propose(desk, &ProposeRequest { ids, ..ProposeRequest::default() })?;
    let postings: Vec<String> = proposed.iter().filter_map(|o| o.posting.clone()).collect();
    desk.seat(session("carl", Some("carl")));
    let shown = batch::may(desk, &BatchRequest::Approve { ids: postings.clone() })?;
    let content = shown.approvals.into_iter().map(|one| (one.id, one.content_hash)).collect();
    let approval = DecideRequest { ids: postings, approve: true, content, ..DecideRequest::default() };
    all_done(&decide::decide(desk, &approval)?)?;
    let all = posting_view::postings(desk)?;
    let queued: Vec<String> = all.into_iter().filter(|p| p.state == "queued").map(|p| p.id).collect();
    require(queued.len() >= LEAST, || {
        let first = proposed.iter().find(|o| o.posting.is_none());
        format!("only {} postings are in the outbox; {:?}", queued.len(), first.map(|o| &o.message))
    })?;
    Ok(queued)
}

fn all_done(outcomes: &[ItemOutcome]) -> Outcome<()> {
    match outcomes.iter().find(|o| o.result == "refused") {
        None => Ok(()),
        Some(o) => Err(format!("{}: {}: {}", o.id, o.code, o.message).into()),
    }
}
