//! What one document differs by in entries that book it together with others: a batch of the mapping's
//! rules, or a match that people confirmed. Only that is booked, under the document's own name; the entries
//! that are there stay as they are. The posting rests on all of them, and on what they differ by altogether.
//!
//! What a document differs by is what the lines say that bear its name, where there are such. Else a person
//! says which document it is, or a single one explains all of it: then it is the document's whole where the
//! rest is the whole of another one, and otherwise all that the entries differ by.

use std::collections::{BTreeMap, BTreeSet};

use tieout_domain::{
    AccountCode, PostingId,
    basis::{KeptEntry, Within},
    derive::{Expectation, entry_for},
    key::PostingKey,
    ledger::{LedgerEntry, has_token},
    people::Origin,
    posting::PostingEvent,
    standing::id_order,
};
use tieout_store::{BatchDocument, Connection, ExceptionRow, PostingRow, StoredEntry};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::changes,
    intake::derivation,
    settlement::{
        draft::{self, Draft},
        ground::{Ground, stands},
        plan::{self, HeldEntry, StepDraft},
    },
};

/// Amounts by account, minor units, debit positive, none of them nothing.
type Amounts = BTreeMap<AccountCode, i64>;

/// The most documents of a batch that are named where a person has to choose.
const NAMED: usize = 5;
/// The longest text of an entry that is looked for in the ledger.
const LONGEST: usize = 100;

/// The draft that books what one document of a batch differs by.
///
/// # Errors
/// `batch_document_needed` where nobody can tell which document it is, `nothing_to_post`, `not_found`,
/// `propose_needs_mapping`, `no_open_period`, and what the entry refuses.
pub(crate) fn draft_of_one(
    ctx: &Context,
    exception: &ExceptionRow,
    named: Option<&str>,
    reason: Option<&str>,
) -> DeskResult<Draft> {
    let batch = Batch::read(ctx, &exception.external_ref)?;
    if sum(batch.on_control(&batch.difference).into_values())? != exception.variance_minor {
        return Err(DeskError::naming(
            Code::ProposeNeedsMapping,
            &exception.external_ref,
            "a document of it has no account, so that what it differs by is not known: map it, or sync",
        ));
    }
    let chosen = batch.chosen(named)?;
    let difference = batch.difference_of(chosen)?;
    let document = ctx.known().document(&chosen.id)?;
    let expected = derivation::expectation_of(ctx, Some(&document))?.ok_or_else(|| {
        DeskError::new(Code::ProposeNeedsMapping, "nothing is known of what should be booked")
    })?;
    let lines = negated(&difference)?;
    let periods = draft::all_periods(ctx)?;
    let place = plan::place(&periods, &expected.entity, expected.document_date, &expected.period)?;
    let mapping = changes::mapping_needed(ctx)?;
    let missing = Expectation { lines: lines.into_iter().collect(), ..expected };
    let entry = entry_for(&missing, &chosen.reference, None, &mapping.content, place.date, place.period)?;
    draft::same_mode(ctx, &batch.connection, Some(&document))?;
    let ground = batch.ground(ctx, &chosen.reference)?;
    Ok(Draft {
        exception: exception.clone(),
        reference: chosen.reference.clone(),
        document: Some(document),
        connection: batch.connection,
        steps: vec![StepDraft { entry, reverses: None }],
        origin: Origin::Correction,
        reason: reason.map(str::to_owned),
        replaces: None,
        ends: PostingEvent::Cancelled,
        ruled: None,
        within: Some(ground),
    })
}

/// What a stored posting of a difference rests on, as it is now: for one that takes its place.
///
/// # Errors
/// `basis_moved` where the entries do not differ any more as they did.
pub(crate) fn ground_of(ctx: &Context, row: &PostingRow) -> DeskResult<Option<Ground>> {
    let basis = row.posting.basis.as_ref();
    let Some(within) = basis.and_then(|basis| basis.within.as_ref()) else { return Ok(None) };
    let batch = Batch::read(ctx, &within.name)?;
    if batch.difference != within.difference {
        let words = format!("{} differs otherwise by now: cancel this, and propose it again", within.name);
        return Err(DeskError::new(Code::BasisMoved, words));
    }
    batch.ground(ctx, &row.posting.reference).map(Some)
}

/// The entries that a posting of a difference has booked and that stand, to be undone.
///
/// # Errors
/// A database error.
pub(crate) fn booked_by(ctx: &Context, row: &PostingRow) -> DeskResult<Vec<HeldEntry>> {
    let own = |stored: &&StoredEntry| {
        let key = stored.entry.external_id.as_deref();
        row.posting.steps.iter().any(|step| key == Some(step.key.as_str()))
    };
    let entries = ctx.known().entries_by_reference(&row.posting.reference)?;
    let standing = entries.iter().filter(|stored| stands(stored, &row.posting.connection)).filter(own);
    standing.map(draft::held_entry).collect()
}

/// The posting of this id, where it books a difference.
///
/// # Errors
/// A database error.
pub(crate) fn posting_of_difference(ctx: &Context, id: &str) -> DeskResult<Option<PostingRow>> {
    let Ok(id) = id.parse::<PostingId>() else { return Ok(None) };
    let row = ctx.known().posting(&id)?;
    let within = row.posting.basis.as_ref().is_some_and(|basis| basis.within.is_some());
    Ok(within.then_some(row))
}

/// A batch as the last detection left it.
struct Batch {
    name: String,
    connection: Connection,
    entries: Vec<StoredEntry>,
    documents: Vec<BatchDocument>,
    difference: Amounts,
}

impl Batch {
    fn read(ctx: &Context, name: &str) -> DeskResult<Self> {
        let store = ctx.store();
        let (members, _) = store.batch_members(name)?;
        let mut entries = store.entries_by_reference(name)?;
        entries.retain(|stored| members.contains(&stored.id));
        let documents = store.batch_documents(name)?;
        let difference = store.batch_difference(name)?;
        let nothing = |words: &str| Err(DeskError::naming(Code::NothingToPost, name, words));
        let Some(first) = entries.first().filter(|_| !documents.is_empty()) else {
            return nothing("its documents are not booked together any more: sync, and look again");
        };
        if entries.iter().any(|stored| stored.connection != first.connection) {
            return nothing("its entries stand in several ledgers: what differs is booked there by hand");
        }
        if difference.is_empty() {
            return nothing("its entries book what its documents expect by now: sync, and look again");
        }
        let connection = store.connection(&first.connection)?;
        drop(store);
        Ok(Self { name: name.to_owned(), connection, entries, documents, difference })
    }

    /// True for the accounts on which its documents are compared.
    fn is_control(&self, account: &AccountCode) -> bool {
        self.documents.iter().any(|one| one.control.as_ref() == Some(account))
    }

    /// These amounts, as far as they are on control accounts.
    fn on_control(&self, amounts: &Amounts) -> Amounts {
        let on = amounts.iter().filter(|(account, _)| self.is_control(account));
        on.map(|(account, minor)| (account.clone(), *minor)).collect()
    }

    /// The document that a person named, or else the only one that can be meant.
    fn chosen(&self, named: Option<&str>) -> DeskResult<&BatchDocument> {
        if let Some(name) = named {
            let of_name = |one: &&BatchDocument| one.reference == name || one.id.as_str() == name;
            let found: Vec<&BatchDocument> = self.documents.iter().filter(of_name).collect();
            return match found.as_slice() {
                [one] => Ok(one),
                [] => {
                    Err(DeskError::naming(Code::NotFound, name, &format!("is no document of {}", self.name)))
                }
                _ => Err(DeskError::naming(
                    Code::BatchDocumentNeeded,
                    name,
                    "is the number of several documents there: name it by its id",
                )),
            };
        }
        let mut candidates: Vec<&BatchDocument> = Vec::new();
        for one in &self.documents {
            let differs = match self.by_lines(one)? {
                Some(difference) => !difference.is_empty(),
                None => self.is_whole(one, &self.difference),
            };
            candidates.extend(differs.then_some(one));
        }
        match candidates.as_slice() {
            [one] => Ok(one),
            some => {
                let names: Vec<&str> = some.iter().take(NAMED).map(|one| one.reference.as_str()).collect();
                let which = match names.is_empty() {
                    true => "none of its documents explains it alone".to_owned(),
                    false => format!("it could be {}", names.join(" or ")),
                };
                let words = format!("{which}: say which document it is (propose … --document NUMBER)");
                Err(DeskError::naming(Code::BatchDocumentNeeded, &self.name, &words))
            }
        }
    }

    /// What the entries book too much of this document, by account.
    fn difference_of(&self, one: &BatchDocument) -> DeskResult<Amounts> {
        if let Some(difference) = self.by_lines(one)? {
            return match difference.is_empty() {
                false => Ok(difference),
                true => Err(DeskError::naming(
                    Code::NothingToPost,
                    &one.reference,
                    &format!("is booked in {} with its amount: another document is wrong there", self.name),
                )),
            };
        }
        // Of two documents that explain it together, each is corrected by its own whole.
        for whole in [one.expected.clone(), negated(&one.expected)?] {
            let rest = less(&self.difference, &whole)?;
            let other = |two: &&BatchDocument| two.id != one.id && self.is_whole(two, &rest);
            if !whole.is_empty() && !rest.is_empty() && self.documents.iter().any(|two| other(&two)) {
                return Ok(whole);
            }
        }
        Ok(self.difference.clone())
    }

    /// True where the amounts are all that the document expects, or all of it taken back.
    fn is_whole(&self, one: &BatchDocument, amounts: &Amounts) -> bool {
        !one.expected.is_empty()
            && (one.expected == *amounts || negated(&one.expected).is_ok_and(|back| back == *amounts))
    }

    /// What the lines that bear the document's name, and its own entries, book more than it expects; `None`
    /// where no line on a control account bears its name.
    fn by_lines(&self, one: &BatchDocument) -> DeskResult<Option<Amounts>> {
        let mut named = Amounts::new();
        let mut says = false;
        for stored in &self.entries {
            let own = stored.entry.reference.as_deref() == Some(one.reference.as_str());
            for line in &stored.entry.lines {
                let of_line = line.memo.as_deref().is_some_and(|memo| has_token(memo, &one.reference));
                if own || of_line {
                    says |= of_line && !own && self.is_control(&line.account);
                    add(&mut named, &line.account, line.transaction_minor)?;
                }
            }
        }
        if !says {
            return Ok(None);
        }
        let difference = less(&named, &one.expected)?;
        if sum(named.values().copied())? == 0 {
            return Ok(Some(difference));
        }
        // Only its line on the control account has its name. The rest is on the one account that the document
        // has besides, or all that the entries differ by is this document's.
        let on_control = self.on_control(&difference);
        if on_control.is_empty() {
            return Ok(Some(Amounts::new()));
        }
        if self.on_control(&self.difference) == on_control {
            return Ok(Some(self.difference.clone()));
        }
        let mut others = one.expected.keys().filter(|account| !self.is_control(account));
        match (others.next(), others.next()) {
            (Some(only), None) => {
                let mut whole = on_control;
                let back = sum(whole.values().copied())?.checked_neg().ok_or_else(too_large)?;
                add(&mut whole, only, back)?;
                Ok(Some(whole))
            }
            _ => Err(DeskError::naming(
                Code::NothingToPost,
                &one.reference,
                "differs there on its control account, and nothing says on which others: book it by hand",
            )),
        }
    }

    /// What the difference of a document rests on: all entries of the batch, and what stands under its name.
    fn ground(&self, ctx: &Context, reference: &str) -> DeskResult<Ground> {
        let store = ctx.store();
        let mut own = store.entries_by_reference(reference)?;
        own.extend(store.entries_settling(reference)?);
        own.retain(|stored| stands(stored, &self.connection.id));
        let is_difference =
            |entry: &LedgerEntry| entry.external_id.as_deref().is_some_and(PostingKey::is_of_a_difference);
        let of_its = own.iter().map(|stored| &stored.entry).filter(|entry| is_difference(entry));
        let mut beside: Vec<String> = of_its.map(|entry| entry.erp_id.clone()).collect();
        beside.sort_by(|a, b| id_order(a).cmp(&id_order(b)));
        beside.dedup();
        let mut kept: Vec<KeptEntry> = Vec::new();
        for stored in self.entries.iter().chain(&own) {
            if kept.iter().all(|known| known.erp_id != stored.entry.erp_id) {
                kept.push(KeptEntry::of(&stored.entry));
            }
        }
        let ours = |entry: &LedgerEntry| entry.external_id.as_deref().is_some_and(PostingKey::is_ours);
        let texts = self.entries.iter().filter(|stored| !ours(&stored.entry));
        let names: BTreeSet<String> = texts.filter_map(|stored| text_of(&stored.entry)).collect();
        let (name, difference) = (self.name.clone(), self.difference.clone());
        let within = Within { name, difference, names: names.into_iter().collect() };
        Ok(Ground { within, kept, beside })
    }
}

/// The text by which an entry is told from those of other days: only one with a figure does that.
fn text_of(entry: &LedgerEntry) -> Option<String> {
    let texts = [entry.memo.as_deref(), entry.reference.as_deref()];
    let tells = |text: &&str| text.len() <= LONGEST && text.bytes().any(|byte| byte.is_ascii_digit());
    texts.into_iter().flatten().map(str::trim).find(tells).map(str::to_owned)
}

fn too_large() -> DeskError {
    DeskError::new(Code::MoneyOverflow, "its amounts cannot be added up")
}

fn sum(mut minors: impl Iterator<Item = i64>) -> DeskResult<i64> {
    minors.try_fold(0_i64, i64::checked_add).ok_or_else(too_large)
}

fn add(amounts: &mut Amounts, account: &AccountCode, minor: i64) -> DeskResult<()> {
    let sum = amounts.get(account).copied().unwrap_or_default().checked_add(minor).ok_or_else(too_large)?;
    match sum {
        0 => _ = amounts.remove(account),
        sum => _ = amounts.insert(account.clone(), sum),
    }
    Ok(())
}

fn negated(amounts: &Amounts) -> DeskResult<Amounts> {
    less(&Amounts::new(), amounts)
}

fn less(amounts: &Amounts, by: &Amounts) -> DeskResult<Amounts> {
    let mut left = amounts.clone();
    for (account, minor) in by {
        add(&mut left, account, minor.checked_neg().ok_or_else(too_large)?)?;
    }
    Ok(left)
}
