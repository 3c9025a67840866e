//! Two desks over one ERP, three lanes each, every call in turns: documents with several causes, in two
//! currencies, with namesakes in another entity and payments under their numbers; billing amends and voids,
//! people in the ERP edit, delete, undo and book by hand, sets stay half-booked and are finished or taken
//! back. In the end both desks put right what they find, and the ledger has each document once.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use chrono::{Duration, NaiveDate};
use tieout_connectors::Protocol;
use tieout_domain::{
    Currency, PostingId,
    entry::JournalEntry,
    posting::{PostingEvent, PostingState},
};
use tieout_posting::{Done, Finding, Worker, WorkerError, planted::Fault};

use crate::{
    desk_worker,
    disk::{self, Claim},
    erp::{ENTITY, Erp, OTHER_ENTITY},
    office::{self, Desk, Document, Lapse, journal},
    wire::Planted,
    world::{Chaos, Shared, World, lock},
};

/// One run.
#[derive(Clone, Debug)]
pub struct Contest {
    pub seed: u64,
    pub documents: u32,
    pub protocol: Protocol,
    pub desks: usize,
    pub chaos: Chaos,
    /// Both desks begin with everything approved; one has withdrawn and prepared some of it again.
    pub race: bool,
    pub faults: Vec<Fault>,
    pub lapses: Vec<Lapse>,
    pub planted: Planted,
}

impl Contest {
    pub fn new(seed: u64, documents: u32, protocol: Protocol) -> Self {
        let chaos = Chaos { crashes: 2, network: 10, disk: 1 };
        let race = seed.is_multiple_of(2);
        let (faults, lapses, planted) = (Vec::new(), Vec::new(), Planted::Nothing);
        Self { seed, documents, protocol, desks: 2, chaos, race, faults, lapses, planted }
    }
}

/// What happened in a run.
#[derive(Debug, Default)]
pub struct Tale {
    pub booked: usize,
    pub crashes: u32,
    pub unknowns: u32,
    /// How often each code ended a visit or a posting, over both desks, at the end of the wild part.
    pub codes: BTreeMap<String, u32>,
    pub half_booked: u32,
    pub taken_back: u32,
    /// For how many postings the ERP was looked through in one call, at most.
    pub at_once: usize,
    pub trace: String,
}

type Step = Pin<Box<dyn Future<Output = Result<Done, WorkerError>>>>;

struct Lane {
    desk: usize,
    worker: Arc<Worker>,
    step: Option<Step>,
    claim: Option<Claim>,
    idle: bool,
}

const LANES: usize = 3;

struct Run {
    world: Shared,
    contest: Contest,
    lanes: Vec<Lane>,
    lives: u64,
    tale: Tale,
}

impl Run {
    fn new(contest: Contest) -> Self {
        let mut world = World::new(contest.seed, Erp::new(contest.protocol));
        world.chaos = contest.chaos;
        world.takes_turns = true;
        world.disks = (0..contest.desks).map(|_| disk::Disk::default()).collect();
        world.office.lapses = contest.lapses.iter().copied().collect();
        found(&mut world, contest.documents, contest.desks);
        if contest.race {
            begin_the_race(&mut world);
        }
        let world: Shared = Arc::new(Mutex::new(world));
        let mut run = Self { world, contest, lanes: Vec::new(), lives: 0, tale: Tale::default() };
        (0..run.contest.desks).for_each(|desk| run.start(desk));
        run
    }

    /// Starts a desk's process.
    fn start(&mut self, desk: usize) {
        self.lives += 1;
        let worker = desk_worker(
            &self.world,
            desk,
            self.contest.protocol,
            self.contest.planted,
            self.contest.seed ^ self.lives,
        );
        let worker = Arc::new(worker.planting(&self.contest.faults));
        self.lanes.retain(|lane| lane.desk != desk);
        for _ in 0..LANES {
            let worker = Arc::clone(&worker);
            self.lanes.push(Lane { desk, worker, step: None, claim: None, idle: false });
        }
        self.lanes.sort_by_key(|lane| lane.desk);
        let mut world = lock(&self.world);
        world.claims.retain(|claim| claim.desk != desk);
        world.died.remove(&desk);
    }

    /// One lane goes on until its next call. True while anything may still happen before time passes.
    fn turn(&mut self) {
        let which =
            usize::try_from(lock(&self.world).roll(u32::try_from(self.lanes.len()).unwrap())).unwrap();
        let lane = &mut self.lanes[which];
        let worker = Arc::clone(&lane.worker);
        let step = lane.step.get_or_insert_with(|| Box::pin(async move { worker.step().await }));
        let before = lock(&self.world).claims.len();
        let polled = step.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let desk = lane.desk;
        {
            let world = lock(&self.world);
            if world.claims.len() > before {
                lane.claim = world.claims.last().cloned();
            }
        }
        if let Poll::Ready(done) = polled {
            lane.step = None;
            let claim = lane.claim.take();
            lane.idle = matches!(done, Ok(Done::Idle { .. }));
            lock(&self.world).claims.retain(|other| Some(other) != claim.as_ref());
            if let Err(WorkerError::Contract { posting, why }) = done {
                panic!("{posting}: {why}");
            }
        }
        if lock(&self.world).died.contains(&desk) {
            {
                let mut world = lock(&self.world);
                let downtime = i64::from(world.roll(20_000));
                world.note("a process died");
                world.pass(Duration::milliseconds(downtime));
            }
            self.start(desk);
        }
        if self.lanes.iter().all(|lane| lane.idle && lane.step.is_none()) {
            lock(&self.world).pass(Duration::seconds(5));
            self.lanes.iter_mut().for_each(|lane| lane.idle = false);
        }
    }

    /// Until both outboxes are at rest.
    fn rest(&mut self) {
        let mut quiet = 0;
        for _ in 0..400_000 {
            self.turn();
            let world = lock(&self.world);
            let due = (0..world.disks.len()).any(|desk| world.disks[desk].has_due(world.office.holds()));
            quiet = if due || world.erp.busy() || !world.claims.is_empty() { 0 } else { quiet + 1 };
            if quiet > 20 {
                return;
            }
        }
        panic!("the outboxes do not come to rest");
    }

    fn play(mut self) -> Result<Tale, Vec<String>> {
        for _ in 0..self.contest.documents * 160 {
            people(&mut lock(&self.world), &mut self.tale);
            self.turn();
        }
        lock(&self.world).chaos = Chaos::NONE;
        self.rest();
        self.tally();
        let mut world = lock(&self.world);
        world.erp.open(CLOSING);
        world.erp.refuse_nothing();
        drop(world);
        for round in 0..12 {
            let mut changed = false;
            for desk in 0..self.contest.desks {
                changed |= put_right(&mut lock(&self.world), desk, round);
                self.rest();
            }
            if !changed {
                break;
            }
        }
        self.judge()
    }

    fn tally(&mut self) {
        let world = lock(&self.world);
        for row in world.disks.iter().flat_map(|disk| disk.rows.values()) {
            let code = row.failure.clone().unwrap_or_else(|| "-".to_owned());
            *self.tale.codes.entry(format!("{} {code}", row.state.as_str())).or_default() += 1;
            self.tale.half_booked += u32::from(row.memo().is_half_booked(&row.posting));
        }
    }

    /// Each document stands once, with its amount, and nothing is left over.
    fn judge(self) -> Result<Tale, Vec<String>> {
        let Self { world, lanes, mut tale, .. } = self;
        drop(lanes);
        let world = Arc::into_inner(world).unwrap().into_inner().unwrap();
        let mut faults = world.erp.book.faults.clone();
        faults.extend(world.office.faults.iter().cloned());
        for document in world.office.documents.values() {
            let standing = world.erp.book.standing(&document.id);
            let rows: Vec<_> = standing.iter().filter_map(|id| world.erp.row(id)).collect();
            let wanted = document.entry();
            let right = rows.iter().all(|row| {
                Some(row.transaction_nets()) == wanted.transaction_nets()
                    && row.entity.as_str() == document.entity_erp_id()
            });
            let want = usize::from(!document.void);
            if standing.len() != want || !right {
                faults.push(format!(
                    "{}: in the end the ledger has {standing:?}, not {want} as in billing",
                    document.id
                ));
            }
        }
        let drafts = world.erp.drafts();
        if !drafts.is_empty() {
            faults.push(format!("drafts left: {drafts:?}"));
        }
        for row in world.disks.iter().flat_map(|disk| disk.rows.values()) {
            tale.booked += usize::from(row.state == PostingState::Booked);
            // What another desk booked under the same key, and the same content, may be taken for one's own.
            let booked = |erp_id: &String| {
                let rows = world.disks.iter().flat_map(|disk| disk.rows.values());
                rows.into_iter().any(|row| row.memo().booked.iter().any(|step| step.erp_id == *erp_id))
            };
            let shown = row.findings.iter().any(|finding| match finding {
                Finding::BookedTwice { .. } => true,
                Finding::BookedAfterAll { erp_id } => !booked(erp_id),
                _ => false,
            });
            if shown {
                faults.push(format!("{}: {} found {:?}", row.document, row.posting.id, row.findings));
            }
            if matches!(row.state, PostingState::Sending | PostingState::InDoubt | PostingState::Queued) {
                faults.push(format!("{}: {} is left {}", row.document, row.posting.id, row.state.as_str()));
            }
        }
        (tale.crashes, tale.unknowns, tale.at_once) = (world.crashes, world.unknowns, world.most_at_once);
        tale.trace = world.trace_hash();
        if faults.is_empty() { Ok(tale) } else { Err(faults) }
    }
}

const CLOSING: &str = "2026-02";

/// The documents, and what the ledger already has of them.
fn found(world: &mut World, count: u32, desks: usize) {
    for number in 0..count {
        let twice = number % 5 == 4;
        let entities = if twice { 0..2 } else { 0..1 };
        for entity in entities {
            let month = if number % 9 == 0 { 2 } else { 3 };
            let document = Document {
                id: format!("D{number}{}", if entity == 0 { "" } else { "b" }),
                number: format!("INV-{number}"),
                alias: format!("in_{number}_{entity}"),
                entity,
                currency: if number % 3 == 0 { Currency::USD } else { Currency::GBP },
                minor: 10_000 + i64::from(number) * 7,
                version: 1,
                void: false,
                date: NaiveDate::from_ymd_opt(2026, month, 1 + number % 28).unwrap(),
                has_namesake: twice,
            };
            already_there(world, &document);
            world.office.documents.insert(document.id.clone(), document);
        }
    }
    for _ in 0..desks {
        let known = world.office.documents.clone();
        let ledger = world.erp.all();
        world.office.desks.push(Desk { known, ledger, mapping: (1, "54"), ..Desk::default() });
    }
}

/// Two copies of one workspace that have gone different ways, both about to post.
fn begin_the_race(world: &mut World) {
    let ids: Vec<String> = world.office.documents.keys().cloned().collect();
    for (index, id) in ids.iter().enumerate() {
        for desk in 0..world.disks.len() {
            office::propose(world, desk, id);
            let first = live(world, desk, id);
            if desk == 1 && index % 2 == 0 {
                first.iter().for_each(|row| {
                    disk::person(world, desk, &row.posting.id, PostingEvent::Cancelled);
                });
                office::propose(world, desk, id);
            }
            live(world, desk, id).iter().for_each(|row| approve(world, desk, &row.posting.id));
        }
    }
}

/// What the existing integration has made of a document.
fn already_there(world: &mut World, document: &Document) {
    let external = format!("bi-{}", document.id);
    let own = document.entity_erp_id();
    let other = if own == ENTITY { OTHER_ENTITY } else { ENTITY };
    let mut book = |entity: &str, entry| world.erp.book_foreign(&external, entity, &entry, &document.id);
    let control = if document.entity == 0 { "1100" } else { "1200" };
    match u32::try_from(document.minor).unwrap() / 7 % 8 {
        0 | 1 => {
            book(own, journal(document, document.minor + 500, control, "4000"));
        }
        2 => {
            book(own, document.entry());
        }
        3 if !document.has_namesake => {
            book(other, document.entry());
        }
        4 => {
            let mut draft = document.entry().into_draft();
            draft.reference = document.alias.clone();
            book(own, JournalEntry::new(draft).unwrap());
        }
        5 => {
            let payment = document.payment();
            world.erp.book_foreign(&format!("pay-{}", document.id), own, &payment, "payments");
        }
        _ => {}
    }
}

fn pick(world: &mut World, from: &[String]) -> String {
    from[usize::try_from(world.roll(u32::try_from(from.len()).unwrap())).unwrap()].clone()
}

/// What people do between two turns.
fn people(world: &mut World, tale: &mut Tale) {
    office::meanwhile(world);
    if !world.chance(1, 6) {
        return;
    }
    let ids: Vec<String> = world.office.documents.keys().cloned().collect();
    let id = pick(world, &ids);
    let desks = u32::try_from(world.disks.len()).unwrap();
    let desk = usize::try_from(world.roll(desks)).unwrap();
    let number = world.office.documents[&id].number.clone();
    match world.roll(16) {
        0..4 => at_desk(world, desk, &id, tale),
        4..9 => {
            let known = world.office.desks[desk].known.clone();
            let open = |row: &&disk::Row| row.state == PostingState::Proposed && row.approved.is_none();
            let row =
                world.disks[desk].rows.values().find(|row| open(row) && known.contains_key(&row.document));
            if let Some(row) = row.cloned() {
                approve(world, desk, &row.posting.id);
            }
        }
        9..11 => sync(world, desk),
        11..13 => in_the_erp(world, &id, &number),
        13 => {
            // A step that the ERP will not take: the rest of a set.
            let rows = world.disks[desk].rows.values().filter(|row| row.document == id);
            let last = rows.filter_map(|row| row.posting.steps.get(1)).map(|step| step.key.clone()).next();
            if let Some(key) = last {
                world.erp.refuse(key.as_str());
            }
        }
        14 if world.chance(1, 10) => world.erp.close(CLOSING),
        15 => {
            world.erp.open(CLOSING);
            if world.chance(1, 4) {
                world.erp.refuse_nothing();
            }
        }
        _ => {}
    }
}

fn sync(world: &mut World, desk: usize) {
    world.office.desks[desk].ledger = world.erp.all();
    world.office.desks[desk].known = world.office.documents.clone();
}

fn is_claimed(world: &World, desk: usize, number: &str) -> bool {
    world.claims.iter().any(|claim| claim.desk == desk && claim.reference == number)
}

/// The postings of a document on this desk that have not come to their end.
fn live(world: &World, desk: usize, id: &str) -> Vec<disk::Row> {
    let done = |row: &&disk::Row| row.state.is_final() || row.state == PostingState::Booked;
    world.disks[desk].rows.values().filter(|row| row.document == id && !done(row)).cloned().collect()
}

fn approve(world: &mut World, desk: usize, id: &PostingId) {
    let row = world.disks[desk].rows[id].clone();
    if is_claimed(world, desk, &row.posting.reference) {
        return;
    }
    if world.office.moved(desk, &row).is_some() && world.office.compares() {
        match office::prepare_again(world, desk, id) {
            true => approve_all(world, desk, &row.document),
            false => {
                give_up(world, desk, id);
            }
        }
        return;
    }
    if disk::person(world, desk, id, PostingEvent::Approved) {
        let mut row = world.disks[desk].rows[id].clone();
        row.approved = Some(row.posting.content_hash());
        world.disks[desk].put(row);
    }
}

/// Approves whatever of a document waits for it.
fn approve_all(world: &mut World, desk: usize, document: &str) {
    let waits = |row: &disk::Row| row.state == PostingState::Proposed;
    let new: BTreeSet<PostingId> =
        live(world, desk, document).into_iter().filter(waits).map(|row| row.posting.id).collect();
    new.iter().for_each(|posting| approve(world, desk, posting));
}

/// Withdraws what is not booked; ends a set of which nothing more is to be booked.
fn give_up(world: &mut World, desk: usize, id: &PostingId) -> bool {
    disk::person(world, desk, id, PostingEvent::Cancelled)
        || disk::person(world, desk, id, PostingEvent::Finished)
}

/// Somebody at the desk takes a document in hand.
fn at_desk(world: &mut World, desk: usize, id: &str, tale: &mut Tale) {
    let number = world.office.documents[id].number.clone();
    if is_claimed(world, desk, &number) {
        return;
    }
    let rows = live(world, desk, id);
    let several = world.office.has(Lapse::ManyPerDocument) && rows.len() < 3;
    if rows.is_empty() || several {
        office::propose(world, desk, id);
        return;
    }
    let row = &rows[usize::try_from(world.roll(u32::try_from(rows.len()).unwrap())).unwrap()];
    let posting = &row.posting.id;
    let half = row.memo().is_half_booked(&row.posting);
    match (row.state, world.roll(4)) {
        (PostingState::Refused | PostingState::DeadLetter, 0 | 1) => {
            disk::person(world, desk, posting, PostingEvent::Replayed);
        }
        (PostingState::Refused | PostingState::DeadLetter | PostingState::Proposed, 2) if half => {
            tale.taken_back += u32::from(office::take_back(world, desk, posting));
        }
        (PostingState::Refused | PostingState::DeadLetter | PostingState::Proposed, 3) => {
            office::prepare_again(world, desk, posting);
        }
        (PostingState::Proposed | PostingState::Queued, 0) => {
            disk::person(world, desk, posting, PostingEvent::Cancelled);
        }
        _ => {}
    }
}

/// Somebody in the ERP, on a document that nobody works on at the moment.
fn in_the_erp(world: &mut World, id: &str, number: &str) {
    let busy = (0..world.disks.len())
        .any(|desk| is_claimed(world, desk, number) || world.disks[desk].works_on(number));
    if busy || world.erp.works_on(number) {
        return;
    }
    let document = world.office.documents[id].clone();
    let standing: Vec<String> = world.erp.book.standing(id).into_iter().map(str::to_owned).collect();
    match (world.roll(5), standing.first()) {
        (0, Some(entry)) => world.erp.edit(entry, 300),
        (1, Some(entry)) => {
            world.erp.undo_by_hand(entry);
        }
        (2, Some(entry)) => world.erp.delete_booked(entry),
        (3, None) if !document.void => {
            // Under its other name, or in the other entity, as people do.
            let mut draft = document.entry().into_draft();
            if world.chance(1, 3) {
                draft.reference.clone_from(&document.alias);
            }
            let elsewhere = !document.has_namesake && world.chance(1, 3);
            let own = document.entity_erp_id();
            let entity = if elsewhere == (own == ENTITY) { OTHER_ENTITY } else { ENTITY };
            let entry = JournalEntry::new(draft).unwrap();
            world.erp.book_foreign(&format!("hand-{id}"), entity, &entry, id);
        }
        (4, _) => {
            let payment = document.payment();
            let external = format!("pay-{id}");
            world.erp.book_foreign(&external, document.entity_erp_id(), &payment, "payments");
        }
        _ => return,
    }
    world.note(&format!("in the ERP: {id} {:?}", world.erp.book.standing(id)));
}

/// Both sides are calm: the desk syncs, ends what it began and puts right what it finds. True where there
/// was something to do.
fn put_right(world: &mut World, desk: usize, round: u32) -> bool {
    sync(world, desk);
    let ids: Vec<String> = world.office.documents.keys().cloned().collect();
    let mut changed = false;
    for row in world.disks[desk].rows.values().filter(|row| row.held).cloned().collect::<Vec<_>>() {
        world.disks[desk].put(disk::Row { held: false, ..row });
        changed = true;
    }
    for id in &ids {
        for row in live(world, desk, id) {
            let posting = &row.posting.id;
            let half = row.memo().is_half_booked(&row.posting);
            changed |= match row.state {
                PostingState::Proposed if office::prepare_again(world, desk, posting) => {
                    approve_all(world, desk, id);
                    true
                }
                PostingState::Refused | PostingState::DeadLetter if half && round.is_multiple_of(2) => {
                    disk::person(world, desk, posting, PostingEvent::Replayed)
                }
                _ => give_up(world, desk, posting),
            };
        }
        if live(world, desk, id).is_empty() && office::propose(world, desk, id) {
            changed = true;
            approve_all(world, desk, id);
        }
    }
    changed
}

pub fn play(contest: Contest) -> Result<Tale, Vec<String>> {
    Run::new(contest).play()
}
