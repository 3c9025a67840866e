//! Sends what is approved: one worker per ERP connection, under an OS file lock that dies with the process.

mod aside;
pub(crate) mod authority;
mod lanes;
pub(crate) mod outbox;
mod reread;

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use fs4::fs_std::FileExt as _;
use serde::{Deserialize, Serialize};
use tieout_domain::{PostingId, posting::PostingState};
use tieout_posting::{Limits, Ports, Sleeper, What, Worker};
use tieout_store::{Connection, ConnectionRole, PostingQuery};

use crate::{
    access::enrolment,
    base::{
        clock::{OsEntropy, SystemClock},
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        progress::{Progress, cancelled},
    },
    governance::posting_switch,
    intake::{
        adapters::{self, runtime},
        connections,
        settings::Settings,
    },
    settlement::renew::renew_postings,
};

use self::{aside::Aside, authority::SignedAuthority, outbox::StoreOutbox};

/// What to send.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct PostRequest {
    /// Only to this connection.
    pub connection: Option<String>,
    /// How long to go on with what has to be tried or looked up again, in seconds.
    #[serde(default)]
    pub wait_seconds: u32,
}

/// What became of one connection's outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PostView {
    /// The connection's name.
    pub connection: String,
    /// Postings that the ERP booked during this run, by its own read-back.
    pub booked: usize,
    /// Postings that stand refused by the ERP or a rule.
    pub refused: usize,
    /// Postings whose outcome is not known yet.
    pub in_doubt: usize,
    /// Postings that wait for their turn, a retry or an approval in the ERP.
    pub waiting: usize,
    /// Postings that were tried as often as allowed.
    pub dead_letter: usize,
    /// Of what was sent during this run: the longest time from the moment at which the ledger began to be
    /// looked through for it to the ERP's answer, in milliseconds. What others booked within it may not have
    /// been seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub oldest_look_up_ms: Option<u32>,
    /// Why the worker could not run, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<Code>,
    /// In words.
    pub message: String,
}

/// Between two looks at whether somebody stopped the work.
const GLANCE: Duration = Duration::from_millis(200);
/// The least that a lane sleeps: what is due already is then in another lane's hands, which needs the thread.
const BREATH: Duration = Duration::from_millis(5);

/// Sleeps in real time, and wakes early when somebody stops the work.
struct RealSleeper(Arc<dyn Progress>);

#[async_trait::async_trait]
impl Sleeper for RealSleeper {
    async fn sleep_until(&self, until: DateTime<Utc>) {
        loop {
            let wait = (until - Utc::now()).to_std().unwrap_or(Duration::ZERO);
            tokio::time::sleep(wait.clamp(BREATH, GLANCE)).await;
            if wait <= GLANCE || self.0.cancelled() {
                return;
            }
        }
    }
}

/// Sends what is approved to each ERP connection. One connection's outage never stops another's: each
/// has its own worker, and each answers for itself.
///
/// # Errors
/// `posting_off`, `not_found`, `cancelled`; what goes wrong with one connection is in its answer.
pub fn post(ctx: &Context, request: &PostRequest) -> DeskResult<Vec<PostView>> {
    enrolment::posting_is_on(ctx)?;
    let connections = match &request.connection {
        Some(name) => vec![can_be_called(connections::find_connection(ctx, name)?)?],
        None => ctx.store().connections()?,
    };
    let sendable = |c: &Connection| c.role == ConnectionRole::Erp && !c.is_files() && !c.paused;
    let runtime = runtime()?;
    let deadline = ctx.clock.now() + chrono::Duration::seconds(i64::from(request.wait_seconds));
    let mut running = Vec::new();
    let mut views = Vec::new();
    for connection in connections.into_iter().filter(sendable) {
        // What was under way when it was switched off is looked up all the same; the authority lets nothing
        // out.
        if !posting_switch::is_on(ctx, &connection)? && !under_way(ctx, &connection)? {
            views.push(observing(ctx, &connection, request.connection.is_some())?);
            continue;
        }
        match worker(ctx, &connection) {
            Ok(prepared) => {
                let Prepared { worker, lanes, lock } = prepared;
                let task = runtime.spawn(async move {
                    let visits = worker.run_lanes(lanes, deadline).await;
                    // Held from before the first look at the outbox until nothing is under way.
                    drop(lock);
                    (visits, worker.oldest_look_up())
                });
                running.push((connection, task));
            }
            Err(error) => views.push(post_view(ctx, &connection, (0, None), Some(error))?),
        }
    }
    ctx.progress.begin("Posting", None);
    for (connection, task) in running {
        let ended = runtime.block_on(task);
        let (visits, oldest) = match ended {
            Ok((visits, oldest)) => {
                (visits.map_err(|error| DeskError::below(error.code(), error.to_string())), oldest)
            }
            Err(error) => (Err(DeskError::new(Code::WorkerDied, error.to_string())), None),
        };
        let booked =
            |visits: &Vec<(PostingId, What)>| visits.iter().filter(|(_, what)| *what == What::Booked).count();
        let booked = visits.as_ref().map_or(0, booked);
        ctx.progress.advance(booked as u64);
        views.push(post_view(ctx, &connection, (booked, oldest), visits.err())?);
    }
    ctx.progress.end();
    renew_postings(ctx)?;
    if ctx.progress.cancelled() {
        let booked: usize = views.iter().map(|view| view.booked).sum();
        let waiting: usize = views.iter().map(|view| view.waiting).sum();
        return Err(cancelled(format!(
            "posting was stopped: what was being sent came to its end ({booked} booked), and {waiting} \
             wait in the outbox until it goes on"
        )));
    }
    Ok(views)
}

/// Nothing is sent to a ledger that is read from files.
fn can_be_called(connection: Connection) -> DeskResult<Connection> {
    if !connection.is_files() {
        return Ok(connection);
    }
    Err(DeskError::new(
        Code::ErpIsAFile,
        format!(
            "{} is read from files: what is approved for it leaves as a journal file (tieout handover write)",
            connection.name
        ),
    ))
}

/// True where something was sent whose outcome is not known yet.
fn under_way(ctx: &Context, connection: &Connection) -> DeskResult<bool> {
    let query = PostingQuery { connection: Some(connection.id.clone()), ..PostingQuery::default() };
    let states = ctx.store().posting_window(&query)?.states;
    let open = |state: PostingState| matches!(state, PostingState::Sending | PostingState::InDoubt);
    Ok(states.iter().any(|(state, count)| *count > 0 && open(*state)))
}

/// Nothing is sent to a connection that only observes, which is an error where something waits for it, or
/// where just it was asked for.
fn observing(ctx: &Context, connection: &Connection, asked: bool) -> DeskResult<PostView> {
    let words = posting_switch::observes(&connection.name);
    let view = post_view(ctx, connection, (0, None), None)?;
    let waits = asked || view.waiting > 0;
    Ok(PostView { code: waits.then_some(Code::ConnectionObserves), message: words, ..view })
}

fn post_view(
    ctx: &Context,
    connection: &Connection,
    (booked, oldest): (usize, Option<Duration>),
    error: Option<DeskError>,
) -> DeskResult<PostView> {
    let query = PostingQuery { connection: Some(connection.id.clone()), ..PostingQuery::default() };
    let in_states = ctx.store().posting_window(&query)?.states;
    let count = |wanted: &[PostingState]| -> usize {
        let of = in_states.iter().filter(|(state, _)| wanted.contains(state));
        of.map(|(_, count)| usize::try_from(*count).unwrap_or(usize::MAX)).sum()
    };
    let message = match &error {
        Some(error) => error.message.clone(),
        None => "nothing is shown as settled until the ledger's sync shows it".to_owned(),
    };
    Ok(PostView {
        connection: connection.name.clone(),
        booked,
        refused: count(&[PostingState::Refused]),
        in_doubt: count(&[PostingState::InDoubt]),
        waiting: count(&[PostingState::Queued, PostingState::Sending]),
        dead_letter: count(&[PostingState::DeadLetter]),
        oldest_look_up_ms: oldest.map(|age| u32::try_from(age.as_millis()).unwrap_or(u32::MAX)),
        code: error.map(|e| e.code),
        message,
    })
}

fn worker(ctx: &Context, connection: &Connection) -> DeskResult<Prepared> {
    ctx.may_write()?;
    let lock = lock_connection(ctx, connection)?;
    let settings = Settings::of(connection)?;
    let mut limits = Limits::default();
    if let Some(seconds) = settings.number("settling")? {
        limits.settling = Duration::from_secs(u64::from(seconds));
        limits.watch = limits.watch.min(limits.settling * 6);
        limits.watch_interval = limits.watch_interval.min(limits.settling);
        limits.look_up_delay = limits.look_up_delay.min(limits.settling / 4);
    }
    let ledger = adapters::poster(ctx, connection)?;
    let lanes = lanes::of(settings.limit(connection)?, ledger.at_once(), limits.look_up_serves);
    let ports = Ports {
        ledger,
        outbox: Arc::new(Aside(StoreOutbox::new(ctx)?)),
        authority: Arc::new(Aside(SignedAuthority::new(ctx)?)),
        clock: Arc::new(SystemClock),
        entropy: Box::new(OsEntropy),
        sleeper: Arc::new(RealSleeper(Arc::clone(&ctx.progress))),
    };
    let progress = Arc::clone(&ctx.progress);
    let worker = Worker::new(connection.id.clone(), limits, ports);
    let worker = Arc::new(worker.stopping_when(move || progress.cancelled()));
    Ok(Prepared { worker, lanes, lock })
}

/// Takes the connection's lock, so that two processes never both send. The system lets go of it when
/// the process ends, however it ends.
fn lock_connection(ctx: &Context, connection: &Connection) -> DeskResult<File> {
    let path = lock_path(ctx, connection);
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|e| DeskError::file(&path, &e))?;
    match file.try_lock_exclusive() {
        Ok(true) => Ok(file),
        Ok(false) => Err(DeskError::new(
            Code::PostingElsewhere,
            format!(
                "another process is posting to {} from this workspace: wait for it to finish",
                connection.name
            ),
        )),
        Err(e) => Err(DeskError::file(&path, &e)),
    }
}

fn lock_path(ctx: &Context, connection: &Connection) -> PathBuf {
    let mut name = ctx.path.as_os_str().to_owned();
    name.push(format!(".{}.lock", connection.id));
    PathBuf::from(name)
}

struct Prepared {
    worker: Arc<Worker>,
    lanes: usize,
    lock: File,
}
