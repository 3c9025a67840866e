//! What billing and two desks know: documents and their versions, the mapping, each desk's own copy of the
//! ledger; how a desk plans; and what moves while its worker is under way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, NaiveDate, Utc};
use tieout_connectors::BookRequest;
use tieout_domain::{
    ChangeId, Currency, DocumentId, EntityCode, ExceptionId, Money, PostingId,
    basis::{Basis, BasisMove, BasisMoved, DocumentBasis, KeptEntry, ReversedEntry},
    calendar::PeriodKey,
    entry::{EntryDraft, JournalEntry, JournalLine},
    key::{KeyScope, PostingKey, Slot},
    ledger::{EntityRef, LedgerEntry, Side},
    people::Origin,
    posting::{Posting, PostingEvent, PostingState, PostingStep},
    standing::{Standing, free_key},
};
use tieout_posting::{Change, Look, Memo, Name};

use crate::{
    company::{self, destination, person},
    disk::Row,
    erp::{ENTITY, Effect, OTHER_ENTITY, control_accounts},
    unread,
    world::World,
};

/// A rule of the desk that a test takes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lapse {
    /// Each cause of a document has a posting of its own.
    ManyPerDocument,
    /// Keys follow from how many postings of the document this desk has had.
    KeysByHistory,
    /// An entry is of whatever document has its number, in any entity.
    PlansByNumber,
    /// The basis is never compared.
    BasisUnchecked,
    /// A hold does not stop the outbox.
    HoldIgnored,
    /// The ERP's account ids are looked up in the mapping in force when it is sent.
    ResolvedWhenSent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub id: String,
    pub number: String,
    /// Another name under which the ledger may hold it.
    pub alias: String,
    pub entity: usize,
    pub currency: Currency,
    pub minor: i64,
    pub version: u32,
    pub void: bool,
    pub date: NaiveDate,
    /// The other entity has a document of this number.
    pub has_namesake: bool,
}

impl Document {
    pub fn entity_erp_id(&self) -> &'static str {
        [ENTITY, OTHER_ENTITY][self.entity]
    }

    fn control(&self) -> &'static str {
        ["1100", "1200"][self.entity]
    }

    pub fn version_text(&self) -> String {
        format!("{}{}", self.version, if self.void { " void" } else { "" })
    }

    pub fn is_named(&self, entry: &LedgerEntry) -> bool {
        entry.reference.as_ref().is_some_and(|name| *name == self.number || *name == self.alias)
    }

    /// What the ledger should hold.
    pub fn entry(&self) -> JournalEntry {
        journal(self, self.minor, self.control(), "4000")
    }

    /// What somebody books under its number who was paid for it.
    pub fn payment(&self) -> JournalEntry {
        journal(self, -self.minor, self.control(), "1000")
    }
}

pub fn journal(document: &Document, minor: i64, control: &str, against: &str) -> JournalEntry {
    let line = |account: &str, minor: i64| JournalLine {
        account: account.parse().unwrap(),
        transaction: Money::new(minor, document.currency),
        functional: Money::new(minor * 79 / 100, Currency::GBP),
        memo: String::new(),
    };
    let mut lines = vec![line(control, minor), line(against, -minor)];
    if document.currency == Currency::GBP {
        lines.iter_mut().for_each(|line| line.functional = line.transaction);
    } else {
        let functional = lines[0].functional.minor();
        lines[1].functional = Money::new(-functional, Currency::GBP);
    }
    JournalEntry::new(EntryDraft {
        entity: code(document.entity_erp_id()),
        document_date: document.date,
        posting_date: document.date,
        period: PeriodKey::month(document.date),
        reference: document.number.clone(),
        customer: None,
        rate: (document.currency != Currency::GBP).then(|| "0.79".parse().unwrap()),
        lines,
    })
    .unwrap()
}

fn code(entity_erp_id: &str) -> EntityCode {
    if entity_erp_id == ENTITY { "GB01" } else { "GB02" }.parse().unwrap()
}

/// What one desk knows.
#[derive(Clone, Default)]
pub struct Desk {
    pub known: BTreeMap<String, Document>,
    pub ledger: Vec<LedgerEntry>,
    /// How often its mapping was changed, and the revenue account's id in the ERP by it.
    pub mapping: (u32, &'static str),
    pub proposed: BTreeMap<String, u32>,
}

/// What the authority is scripted to answer when it is asked whether a posting may go on.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    Fine,
    Moved,
    Held,
    /// Billing does not answer.
    Unread,
    /// Billing takes half a minute to answer, and meanwhile somebody books the document by hand.
    Slow,
}

#[derive(Default)]
pub struct Office {
    pub script: VecDeque<Answer>,
    pub documents: BTreeMap<String, Document>,
    /// When billing last moved each of them.
    pub moved_at: BTreeMap<String, DateTime<Utc>>,
    pub desks: Vec<Desk>,
    pub lapses: BTreeSet<Lapse>,
    pub faults: Vec<String>,
}

struct Draft {
    steps: Vec<PostingStep>,
    reversed: Vec<ReversedEntry>,
    kept: Vec<KeptEntry>,
}

impl Office {
    pub fn has(&self, lapse: Lapse) -> bool {
        self.lapses.contains(&lapse)
    }

    pub fn holds(&self) -> bool {
        !self.has(Lapse::HoldIgnored)
    }

    pub fn compares(&self) -> bool {
        !self.has(Lapse::BasisUnchecked)
    }

    /// Does what the posting rests on still hold, by what this desk knows?
    pub fn moved(&self, desk: usize, row: &Row) -> Option<BasisMoved> {
        let desk = self.desks.get(desk)?;
        let basis = row.posting.basis.as_ref()?;
        let mut moves = Vec::new();
        let document = desk.known.get(&row.document)?;
        let was = basis.document.as_ref().map_or("", |d| d.version.as_str());
        let words = format!("{was} → {}", document.version_text());
        match was == document.version_text() {
            true => {}
            false if document.void => moves.push(BasisMove::DocumentGone { words }),
            false => moves.push(BasisMove::DocumentChanged { words }),
        }
        // Not any new version of the mapping: one by which something else would be sent.
        let differs = row.posting.steps.iter().skip(row.memo().booked.len()).any(|step| {
            let now = destination(step.entity_erp_id().unwrap_or_default(), desk.mapping.1);
            step.destination.as_ref().is_some_and(|then| then.accounts != now.accounts)
        });
        if differs {
            moves.push(BasisMove::Mapping { words: "other accounts".to_owned() });
        }
        (!moves.is_empty()).then_some(BasisMoved { moves })
    }

    fn scope<'a>(document: &'a Document, entity_erp_id: &'a str) -> KeyScope<'a> {
        KeyScope { tenant: "SIM", entity_erp_id, reference: &document.number }
    }

    fn named(&self, desk: usize, document: &Document) -> Vec<LedgerEntry> {
        self.desks[desk].ledger.iter().filter(|entry| document.is_named(entry)).cloned().collect()
    }

    /// The steps that make the ledger right, as this desk sees it; `None` where it is, or where it cannot
    /// be planned now.
    fn plan(
        &self,
        desk: usize,
        document: &Document,
        known: &BTreeMap<String, String>,
        salt: u32,
    ) -> Option<Draft> {
        let ledger = self.named(desk, document);
        let standing = Standing::new(&ledger, ("SIM", &document.number), known);
        let own = EntityRef::ErpId(document.entity_erp_id().to_owned());
        let is_its = |entry: &&LedgerEntry| {
            let here = entry.entity == own || !document.has_namesake || self.has(Lapse::PlansByNumber);
            here && entry.side_on(&control_accounts()) != Some(Side::Credit)
        };
        let held: Vec<&LedgerEntry> = standing.entries().filter(is_its).collect();
        let wanted = document.entry();
        let is_right = |entry: &&&LedgerEntry| {
            entry.entity == own
                && entry.currency == wanted.currency()
                && Some(entry.transaction_nets()) == wanted.transaction_nets()
        };
        let right = held.iter().filter(|_| !document.void).find(is_right).copied();
        let kept = right.map(KeptEntry::of).into_iter().collect();
        let right = right.map(|entry| entry.erp_id.clone());
        let surplus: Vec<&LedgerEntry> =
            held.into_iter().filter(|entry| Some(&entry.erp_id) != right.as_ref()).collect();
        let raises = right.is_none() && !document.void;
        let undone: BTreeSet<String> = surplus.iter().map(|entry| entry.erp_id.clone()).collect();
        let mut steps: Vec<(JournalEntry, Slot)> =
            surplus.iter().map(|entry| undo(document, entry)).collect();
        if raises {
            steps.push((wanted, Slot::Raise));
        }
        if steps.is_empty() {
            return None;
        }
        let none = BTreeSet::new();
        let keyed = steps.into_iter().zip(1..).map(|((entry, slot), number)| {
            let to = if *entry.entity() == code(ENTITY) { ENTITY } else { OTHER_ENTITY };
            let scope = Self::scope(document, to);
            let first = if slot == Slot::Raise { &undone } else { &none };
            let key = match self.has(Lapse::KeysByHistory) {
                true => PostingKey::derive(scope, &slot, &[format!("posting {salt}")]),
                false => free_key(scope, &slot, &ledger, known, first).ok()?,
            };
            let reverses = match slot {
                Slot::Reverse { erp_id } => Some(erp_id),
                Slot::Raise | Slot::Settle | Slot::Difference { .. } => None,
            };
            let destination = Some(destination(to, self.desks[desk].mapping.1));
            Some(PostingStep { number, key, entry, reverses, destination })
        });
        let reversed = surplus.into_iter().map(ReversedEntry::of).collect();
        Some(Draft { steps: keyed.collect::<Option<_>>()?, reversed, kept })
    }
}

/// The step that undoes an entry as the desk knows it.
fn undo(document: &Document, entry: &LedgerEntry) -> (JournalEntry, Slot) {
    let lines = entry.lines.iter().map(|line| JournalLine {
        account: line.account.clone(),
        transaction: Money::new(-line.transaction_minor, entry.currency),
        functional: Money::new(-line.functional_minor, entry.functional_currency),
        memo: String::new(),
    });
    let draft = EntryDraft {
        entity: code(entry.entity.as_str()),
        document_date: entry.posting_date,
        posting_date: entry.posting_date,
        period: entry.period.clone(),
        reference: document.number.clone(),
        customer: None,
        rate: None,
        lines: lines.collect(),
    };
    (JournalEntry::new(draft).unwrap(), Slot::Reverse { erp_id: entry.erp_id.clone() })
}

fn basis(desk: &Desk, document: &Document, (reversed, kept): (Vec<ReversedEntry>, Vec<KeptEntry>)) -> Basis {
    Basis {
        document: Some(DocumentBasis {
            id: DocumentId::derive(&[&document.id]),
            version: document.version_text(),
        }),
        mapping: Some(ChangeId::derive(&[&desk.mapping.0.to_string()])),
        policy: None,
        reversed,
        kept,
        routing: None,
        within: None,
    }
}

/// Prepares what makes the document right, where something does.
pub fn propose(world: &mut World, desk: usize, document: &str) -> bool {
    let known = world.office.desks[desk].known[document].clone();
    let reversals = world.disks[desk].reversals(&known.number);
    let count = world.office.desks[desk].proposed.get(document).copied().unwrap_or_default() + 1;
    let Some(draft) = world.office.plan(desk, &known, &reversals, count) else { return false };
    store(world, desk, &known, draft);
    true
}

/// Prepares what undoes the booked steps of a half-booked set; the set itself ends. What a reversal undid is
/// booked again in the document's slot, where that is in the document's entity.
pub fn take_back(world: &mut World, desk: usize, id: &PostingId) -> bool {
    let row = world.disks[desk].rows[id].clone();
    let document = world.office.desks[desk].known[&row.document].clone();
    let memo = row.memo();
    let Ok(booked) = memo.to_take_back(&row.posting) else { return false };
    let ledger = world.office.named(desk, &document);
    let known = world.disks[desk].reversals(&document.number);
    let mut draft = Draft { steps: Vec::new(), reversed: Vec::new(), kept: Vec::new() };
    for (step, number) in booked.into_iter().zip(1..) {
        let Some(entry) = ledger.iter().find(|entry| entry.erp_id == step.erp_id) else { return false };
        let undid =
            row.posting.steps.iter().find(|s| s.number == step.step).and_then(|s| s.reverses.as_ref());
        let (undone, slot) = match undid {
            Some(_) if entry.entity.as_str() != document.entity_erp_id() => return false,
            Some(_) => (undo(&document, entry).0, Slot::Raise),
            None => undo(&document, entry),
        };
        let scope = Office::scope(&document, entry.entity.as_str());
        let Ok(key) = free_key(scope, &slot, &ledger, &known, &BTreeSet::new()) else { return false };
        let destination = destination(entry.entity.as_str(), world.office.desks[desk].mapping.1);
        let reverses = matches!(slot, Slot::Reverse { .. }).then(|| step.erp_id.clone());
        draft.reversed.extend(reverses.as_ref().map(|_| ReversedEntry::of(entry)));
        draft.steps.push(PostingStep {
            number,
            key,
            entry: undone,
            reverses,
            destination: Some(destination),
        });
    }
    if !crate::disk::person(world, desk, id, PostingEvent::TakenBack) {
        return false;
    }
    store(world, desk, &document, draft);
    true
}

fn store(world: &mut World, desk: usize, document: &Document, draft: Draft) {
    let at = world.now();
    let knows = &mut world.office.desks[desk];
    let count = knows.proposed.entry(document.id.clone()).or_default();
    *count += 1;
    let name = format!("{}#{count}", document.id);
    let posting = Posting {
        id: PostingId::derive(&[&desk.to_string(), &name]),
        exception: ExceptionId::derive(&[&document.id]),
        connection: company::connection(),
        reference: document.number.clone(),
        version: 1,
        origin: Origin::Manual,
        preparer: Some(person("ana")),
        reason: None,
        basis: Some(basis(knows, document, (draft.reversed, draft.kept))),
        steps: draft.steps,
        proposed_at: at,
    };
    let other = [OTHER_ENTITY, ENTITY][document.entity];
    let elsewhere = document.has_namesake.then(|| EntityRef::ErpId(other.to_owned()));
    let names = vec![
        Name { text: document.number.clone(), elsewhere: elsewhere.into_iter().collect() },
        Name { text: document.alias.clone(), elsewhere: Vec::new() },
    ];
    let keys: Vec<&str> = posting.steps.iter().map(|step| step.key.as_str()).collect();
    world.note(&format!("desk {desk} proposes {name} as {} {keys:?}", posting.id));
    world.disks[desk].put(Row {
        posting,
        document: document.id.clone(),
        state: PostingState::Proposed,
        memo: serde_json::to_string(&Memo::default()).unwrap(),
        next_try_at: None,
        after: None,
        approved: None,
        held: false,
        look: Look { names, control_accounts: control_accounts(), reversals: BTreeMap::new() },
        failure: None,
        findings: Vec::new(),
    });
}

/// Prepares anew what is not booked of a posting that came back: by another posting, since what was approved
/// once is kept as it was. False where nothing is left to book.
pub fn prepare_again(world: &mut World, desk: usize, id: &PostingId) -> bool {
    let row = world.disks[desk].rows[id].clone();
    let document = world.office.desks[desk].known[&row.document].clone();
    let known = world.disks[desk].reversals(&document.number);
    let booked = row.memo().booked.len();
    let (draft, event) = if booked == 0 {
        let count = world.office.desks[desk].proposed.get(&document.id).copied().unwrap_or_default() + 1;
        let Some(draft) = world.office.plan(desk, &document, &known, count) else { return false };
        (draft, PostingEvent::Cancelled)
    } else {
        if document.void {
            return false;
        }
        let mut steps = row.posting.steps[booked..].to_vec();
        for (step, number) in steps.iter_mut().zip(1..) {
            let to = step.entity_erp_id().unwrap_or_default().to_owned();
            step.number = number;
            step.destination = Some(destination(&to, world.office.desks[desk].mapping.1));
            if step.reverses.is_none() {
                step.entry = document.entry();
            }
        }
        let (reversed, kept) =
            row.posting.basis.map(|basis| (basis.reversed, basis.kept)).unwrap_or_default();
        (Draft { steps, reversed, kept }, PostingEvent::Finished)
    };
    if !crate::disk::person(world, desk, id, event) {
        return false;
    }
    store(world, desk, &document, draft);
    true
}

/// What others do while a worker is between two of its calls: billing amends, a desk syncs billing, a
/// mapping comes into force, an exception is put on hold.
pub fn meanwhile(world: &mut World) {
    if world.office.desks.is_empty() || world.chaos.network == 0 || !world.chance(1, 60) {
        return;
    }
    let ids: Vec<String> = world.office.documents.keys().cloned().collect();
    let id = ids[usize::try_from(world.roll(u32::try_from(ids.len()).unwrap())).unwrap()].clone();
    let desk = usize::try_from(world.roll(u32::try_from(world.office.desks.len()).unwrap())).unwrap();
    match world.roll(12) {
        0..3 => {
            let by = i64::from(world.roll(500)) + 1;
            let document = world.office.documents.get_mut(&id).unwrap();
            document.minor += by;
            document.version += 1;
            world.note(&format!("billing amends {id}"));
            moved(world, desk, id);
        }
        3 => {
            let document = world.office.documents.get_mut(&id).unwrap();
            document.void = true;
            world.note(&format!("billing voids {id}"));
            moved(world, desk, id);
        }
        4..6 => {
            let known = world.office.documents[&id].clone();
            world.office.desks[desk].known.insert(id, known);
        }
        6 => {
            let other = world.chance(1, 3);
            let mapping = &mut world.office.desks[desk].mapping;
            mapping.0 += 1;
            if other {
                mapping.1 = if mapping.1 == "54" { "55" } else { "54" };
            }
        }
        _ => {
            let rows = world.disks[desk].rows.values().filter(|row| row.document == id).cloned();
            for row in rows.collect::<Vec<_>>() {
                world.disks[desk].put(Row { held: !row.held, ..row });
            }
        }
    }
}

/// Billing moved a document just now: often no desk has read it yet.
fn moved(world: &mut World, desk: usize, id: String) {
    let at = world.now();
    world.office.moved_at.insert(id.clone(), at);
    if world.chance(1, 2) {
        let changed = world.office.documents[&id].clone();
        world.office.desks[desk].known.insert(id, changed);
    }
}

/// The same, on the very document that is about to be sent.
pub fn just_before(world: &mut World, desk: usize, posting: &PostingId) {
    if world.office.desks.is_empty() || world.chaos.network == 0 || !world.chance(1, 15) {
        return;
    }
    let mut row = world.disks[desk].rows[posting].clone();
    if world.chance(1, 2) {
        row.held = true;
        world.disks[desk].put(row);
        return;
    }
    let document = world.office.documents.get_mut(&row.document).unwrap();
    document.minor += 13;
    document.version += 1;
    let changed = document.clone();
    let at = world.now();
    world.office.moved_at.insert(row.document.clone(), at);
    world.note(&format!("billing amends {} just before it is sent", row.document));
    world.office.desks[desk].known.insert(row.document, changed);
}

/// The request as it leaves the adapter.
pub fn as_sent(world: &World, desk: usize, request: &BookRequest) -> BookRequest {
    let mut request = request.clone();
    if world.office.has(Lapse::ResolvedWhenSent) {
        request.accounts = destination(&request.entity_erp_id, world.office.desks[desk].mapping.1).accounts;
    }
    request
}

/// The judge looks at what is about to be sent: is it what was approved, does its basis hold, is it held?
pub fn judge_send(world: &mut World, desk: usize, effect: &Effect) {
    if world.office.desks.is_empty() {
        return;
    }
    let (key, target) = match effect {
        Effect::Create(request, _) => (Some(request.key.as_str()), None),
        Effect::Post(id) => (None, Some(id.as_str())),
        Effect::Delete(_) | Effect::Customer(_) => return,
    };
    let disk = &world.disks[desk];
    let (row, key) = disk.intent(key, target).expect("a durable intent");
    let step = row.posting.steps.iter().find(|step| step.key == *key).expect("its step");
    let mut faults: Vec<String> = Vec::new();
    if row.approved != Some(row.posting.content_hash()) {
        faults.push("sent without its approval".to_owned());
    }
    if row.held {
        faults.push("sent while it is on hold".to_owned());
    }
    if let Some(moved) = world.office.moved(desk, row) {
        faults.push(format!("sent although its basis has moved: {moved}"));
    }
    faults.extend(unread::moved_unread(world, row));
    faults.extend(unread::undoes_the_last(world, row));
    match effect {
        Effect::Create(request, _) => {
            let to = step.destination.as_ref().expect("a destination");
            if request.accounts != to.accounts
                || request.entity_erp_id != to.entity_erp_id
                || request.entry != step.entry
            {
                faults.push("sends something else than was approved".to_owned());
            }
        }
        Effect::Post(id) => {
            let draft = world.erp.row(id);
            let same = draft.is_none_or(|draft| {
                Some(draft.transaction_nets()) == step.entry.transaction_nets()
                    && draft.entity.as_str() == step.entity_erp_id().unwrap_or_default()
            });
            if !same {
                faults.push("posts a draft that says something else than was approved".to_owned());
            }
        }
        Effect::Delete(_) | Effect::Customer(_) => {}
    }
    if let Some(reversed) = &step.reverses {
        let was = row.posting.basis.as_ref().and_then(|basis| basis.reversed(reversed));
        let now = world.erp.row(reversed);
        let differs = was.zip(now).map(|(was, now)| was.differences(step, &now)).unwrap_or_default();
        if !differs.is_empty() {
            faults.push(format!("reverses entry {reversed}, which has changed: {}", differs.join(", ")));
        }
    }
    let named = format!("{} on desk {desk}", row.document);
    world.office.faults.extend(faults.into_iter().map(|fault| format!("{named}: {fault}")));
}

/// The judge looks at what is taken for booked: does the ledger hold there what was approved? What this desk
/// sent itself and somebody changed since is told instead. `made` is the entry that the ERP named just now.
pub fn judge_booked(world: &mut World, desk: usize, change: &Change, made: Option<&str>) {
    if world.office.desks.is_empty() {
        return;
    }
    let row = &world.disks[desk].rows[&change.posting];
    let memo = row.memo();
    let known = memo.booked.len();
    let steps = row.posting.steps.iter().skip(known).zip(change.memo.booked.iter().skip(known));
    let other = steps.filter_map(|(step, booked)| {
        let entry = world.erp.row(&booked.erp_id);
        let shown = entry.is_some_and(|entry| step.is_shown_by(&entry));
        let own = memo.is_known_as_ours(&booked.erp_id) || made == Some(&booked.erp_id);
        let told = own && !change.findings.is_empty();
        (!shown && !told)
            .then(|| format!("takes entry {} for booked, which says something else", booked.erp_id))
    });
    let named = format!("{} on desk {desk}", row.document);
    let faults: Vec<String> = other.map(|fault| format!("{named}: {fault}")).collect();
    world.office.faults.extend(faults);
}
