//! Where a draft's steps go, under which keys, and what the draft rests on: all that is approved beside the
//! entries themselves. And whether that still holds.

use std::collections::{BTreeMap, BTreeSet};

use tieout_connectors::sheet::FormField;
use tieout_domain::{
    AccountCode, EntityCode,
    accounts::{AccountMapping, LegalEntity},
    basis::{Basis, BasisMove, BasisMoved, DocumentBasis, KeptEntry, ReversedEntry},
    destination::{Customer, Destination},
    document::DocumentStatus,
    entry::{EntryDraft, JournalEntry},
    key::{KeyScope, PostingKey, Slot},
    ledger::{EntryStatus, LedgerEntry},
    posting::{Posting, PostingStep},
    standing::free_key,
};
use tieout_store::{Connection, PostingFilter, PostingRow, Store, StoreError, StoredDocument};

use crate::{
    base::{
        code::Code,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        wording,
    },
    intake::settings::Settings,
    settlement::{
        ground::{self, Ground},
        plan::StepDraft,
    },
};

/// What the resolution reads: the ERP, the document, and the mapping by which names become the ERP's ids.
pub(crate) struct Resolving<'a> {
    pub(crate) store: &'a Store,
    pub(crate) connection: &'a Connection,
    pub(crate) reference: &'a str,
    pub(crate) document: Option<&'a StoredDocument>,
    pub(crate) mapping: &'a AccountMapping,
    /// Entries that are undone already, whether the ledger's sync shows it yet or not.
    pub(crate) undone: BTreeSet<String>,
    /// Of a difference, what it rests on.
    pub(crate) within: Option<&'a Ground>,
}

impl Resolving<'_> {
    /// The steps with their keys and destinations.
    ///
    /// # Errors
    /// `entity_unmapped`, `account_not_in_chart`, `already_in_ledger`, `already_reversed`, a database error.
    pub(crate) fn steps(&self, drafts: &[StepDraft]) -> DeskResult<Vec<PostingStep>> {
        let ledger = self.ledger()?;
        let known = reversals_of(self.store, self.reference)?;
        let accounts = self.store.account_ids(&self.connection.id)?;
        let mut undone_first = self.undone.clone();
        let mut steps = Vec::with_capacity(drafts.len());
        for (number, draft) in (1_u32..).zip(drafts) {
            let destination = self.destination(draft, &accounts)?;
            let slot = match (&draft.reverses, self.within, self.document) {
                (Some(erp_id), ..) => Slot::Reverse { erp_id: erp_id.clone() },
                (None, Some(ground), _) => Slot::Difference { beside: ground.beside.clone() },
                (None, None, Some(document)) => Slot::of(document.document.kind),
                (None, None, None) => Slot::Raise,
            };
            let key = self.key(&destination, &slot, &ledger, &known, &undone_first)?;
            undone_first.extend(draft.reverses.clone());
            steps.push(PostingStep {
                number,
                key,
                entry: naming(&draft.entry, &destination)?,
                reverses: draft.reverses.clone(),
                destination: Some(destination),
            });
        }
        Ok(steps)
    }

    /// What the steps rest on, and what is to `stay` beside what they undo.
    ///
    /// # Errors
    /// A database error.
    pub(crate) fn basis(&self, steps: &[PostingStep], stay: &[String]) -> DeskResult<Basis> {
        let document = match self.document {
            Some(document) => Some(DocumentBasis {
                id: document.id.clone(),
                version: self.store.document_basis(&document.id)?,
            }),
            None => None,
        };
        let ledger = self.ledger()?;
        let targets = steps.iter().filter_map(|step| step.reverses.as_deref());
        let reversed = targets.filter_map(|id| ledger.iter().find(|entry| entry.erp_id == id));
        let reversed = reversed.map(ReversedEntry::of).collect();
        let stays = ledger.iter().filter(|entry| stay.contains(&entry.erp_id)).map(KeptEntry::of);
        let kept = self.within.map_or_else(|| stays.collect(), |ground| ground.kept.clone());
        let within = self.within.map(|ground| ground.within.clone());
        Ok(Basis { document, reversed, kept, within, ..Basis::default() })
    }

    /// What the ledger is known to hold under the reference. What was deleted there is not in it: a desk that
    /// never knew of it derives the same keys.
    fn ledger(&self) -> DeskResult<Vec<LedgerEntry>> {
        let entries = self.store.entries_by_reference(self.reference)?;
        let own = entries
            .into_iter()
            .filter(|entry| entry.connection == self.connection.id && entry.removed.is_none());
        Ok(own.map(|stored| stored.entry).collect())
    }

    fn key(
        &self,
        destination: &Destination,
        slot: &Slot,
        ledger: &[LedgerEntry],
        known: &BTreeMap<String, String>,
        undone_first: &BTreeSet<String>,
    ) -> DeskResult<PostingKey> {
        let scope = KeyScope {
            tenant: &self.connection.tenant,
            entity_erp_id: &destination.entity_erp_id,
            reference: self.reference,
        };
        free_key(scope, slot, ledger, known, undone_first).map_err(|taken| {
            let (code, what) = match slot {
                Slot::Reverse { erp_id } => (Code::AlreadyReversed, format!("entry {erp_id} is undone")),
                Slot::Raise | Slot::Settle | Slot::Difference { .. } => {
                    (Code::AlreadyInLedger, format!("{} is booked", self.reference))
                }
            };
            DeskError::new(code, format!("{what} already, by entry {}: nothing is to be sent", taken.erp_id))
        })
    }

    /// A step that was kept without its destination, with all that is sent of it, under the key that was
    /// kept.
    ///
    /// # Errors
    /// `entity_unmapped`, `account_not_in_chart`, what the entry refuses, a database error.
    pub(crate) fn placed(&self, step: &PostingStep) -> DeskResult<PostingStep> {
        let planned = StepDraft { entry: step.entry.clone(), reverses: step.reverses.clone() };
        let destination = self.destination(&planned, &self.store.account_ids(&self.connection.id)?)?;
        let entry = naming(&step.entry, &destination)?;
        Ok(PostingStep { entry, destination: Some(destination), ..step.clone() })
    }

    fn destination(
        &self,
        draft: &StepDraft,
        accounts: &BTreeMap<AccountCode, String>,
    ) -> DeskResult<Destination> {
        let entity = draft.entry.entity();
        let mapped = self.mapping.entity(entity);
        // A ledger that is read from files knows entities and accounts as its files name them.
        let in_files = self.connection.is_files();
        let as_named = || in_files.then(|| entity.to_string());
        let entity_erp_id = mapped.and_then(|e| e.erp_id.clone()).or_else(as_named).ok_or_else(|| {
            DeskError::new(
                Code::EntityUnmapped,
                format!(
                    "entity {entity} has no erp_id in the mapping: import one that names its company in \
                     the ERP"
                ),
            )
        })?;
        let mut own = BTreeMap::new();
        for line in draft.entry.lines() {
            let as_named = || in_files.then(|| line.account.to_string());
            let erp_id = accounts.get(&line.account).cloned().or_else(as_named).ok_or_else(|| {
                DeskError::new(
                    Code::AccountNotInChart,
                    format!(
                        "account {} is not in the chart of {} as last read, or two accounts there have its \
                         code: sync, or correct the mapping",
                        line.account, self.connection.name
                    ),
                )
            })?;
            own.insert(line.account.clone(), erp_id);
        }
        let customer = self.customer(entity)?;
        let mut options = options(self.connection)?;
        if let Some(entity) = mapped.filter(|_| !in_files) {
            let on: BTreeSet<&AccountCode> = draft.entry.lines().iter().map(|line| &line.account).collect();
            add_segments(&mut options, self.connection, (self.mapping, entity), &on)?;
        }
        Ok(Destination { entity_erp_id, accounts: own, customer, options })
    }

    /// The customer that is named: the ERP's own where it has it, else one that is made first.
    fn customer(&self, entity: &EntityCode) -> DeskResult<Option<Customer>> {
        let Some((external_id, name)) = self.named(entity)? else { return Ok(None) };
        Ok(Some(match self.store.erp_customer(&self.connection.id, &external_id)? {
            Some(erp_id) => Customer::Known { erp_id },
            None if makes_customers(self.connection)? => Customer::New { external_id, name },
            None => {
                return Err(DeskError::new(
                    Code::CustomerMissing,
                    format!(
                        "{} has no customer with the external id {external_id} ({name}), and this connection \
                         makes none: give the customer that it has this external id there and sync, or set \
                         customers to create in the connection",
                        self.connection.name
                    ),
                ));
            }
        }))
    }

    /// The customer that billing names, else the entity's sundry customer: its external id and its name.
    fn named(&self, entity: &EntityCode) -> DeskResult<Option<(String, String)>> {
        let Some(document) = self.document else { return Ok(None) };
        if let Some(external_id) = &document.document.customer {
            let account = self.store.customer(&document.connection, external_id)?;
            let name = account.and_then(|account| account.name);
            let name = name.unwrap_or_else(|| format!("Customer {external_id}"));
            return Ok(Some((external_id.clone(), name)));
        }
        let sundry = self.mapping.entity(entity).and_then(|e| Some((e.sundry_customer.clone()?, &e.code)));
        Ok(sundry.map(|(external_id, code)| (external_id, format!("Sundry customers {code}"))))
    }

    /// Whether what was prepared goes to this destination. One that was new then and is known now is the same
    /// customer all the same: the ERP has it under the very external id that was approved.
    fn is_the_same(&self, was: &Destination, now: &Destination, entity: &EntityCode) -> DeskResult<bool> {
        let made = match &was.customer {
            Some(Customer::New { external_id, name }) => Some((external_id.clone(), name.clone())),
            Some(Customer::Known { .. }) | None => None,
        };
        let same_customer = was.customer == now.customer || (made.is_some() && made == self.named(entity)?);
        let customer = if same_customer { was.customer.clone() } else { now.customer.clone() };
        Ok(*was == Destination { customer, ..now.clone() })
    }
}

/// The entry, which names the customer where the ERP is known to have it.
fn naming(entry: &JournalEntry, to: &Destination) -> DeskResult<JournalEntry> {
    let customer = match &to.customer {
        Some(Customer::Known { erp_id }) => Some(erp_id.clone()),
        Some(Customer::New { .. }) | None => None,
    };
    Ok(JournalEntry::new(EntryDraft { customer, ..entry.clone().into_draft() })?)
}

/// Whether a customer that the ERP does not know is made, as part of what is approved: always, but where the
/// connection's settings say otherwise.
fn makes_customers(connection: &Connection) -> DeskResult<bool> {
    if connection.is_files() {
        return Ok(true);
    }
    let settings = Settings::of(connection)?;
    Ok(settings.more.get("customers").is_none_or(|customers| customers == "create"))
}

/// What the connection's settings add to what is sent, as they are now.
fn options(connection: &Connection) -> DeskResult<BTreeMap<String, String>> {
    if connection.is_files() {
        return Ok(BTreeMap::new());
    }
    let settings = Settings::of(connection)?;
    let sheet = settings.sheet(connection);
    let sent = sheet.into_iter().flat_map(|sheet| sheet.form).filter(|field| field.sent);
    let value = |field: &FormField| settings.more.get(field.name).map(String::as_str).or(field.usual);
    Ok(sent.filter_map(|field| Some((field.name.to_owned(), value(field)?.to_owned()))).collect())
}

/// The segments that the mapping gives an entity's entries: before those of the connection, and of an account
/// (`department:4000`) before those of every line. An ERP that takes no such segment refuses them here.
fn add_segments(
    options: &mut BTreeMap<String, String>,
    connection: &Connection,
    (mapping, entity): (&AccountMapping, &LegalEntity),
    accounts: &BTreeSet<&AccountCode>,
) -> DeskResult<()> {
    let settings = Settings::of(connection)?;
    let form = settings.sheet(connection).map_or(&[][..], |sheet| sheet.form);
    let taken = |name: &str| form.iter().any(|field| field.sent && field.name == name);
    let check = |name: &String| match taken(name) {
        true => Ok(()),
        false => Err(DeskError::new(
            Code::ConnectionUnfit,
            format!(
                "the mapping gives entity {} a {name}, which {} does not take: leave it out there",
                entity.code, connection.name
            ),
        )),
    };
    for (name, id) in &entity.segments.every {
        check(name)?;
        options.insert(name.clone(), id.clone());
    }
    for account in accounts {
        let role = mapping.role_of(entity, account);
        let ids = role.and_then(|role| entity.segments.of_role.get(&role));
        for (name, id) in ids.into_iter().flatten() {
            check(name)?;
            options.insert(format!("{name}:{account}"), id.clone());
        }
    }
    Ok(())
}

/// Reversals that this desk prepared for a reference: the key of each, and the ERP's id of what it undoes.
pub(crate) fn reversals_of(store: &Store, reference: &str) -> Result<BTreeMap<String, String>, StoreError> {
    let filter = PostingFilter { reference: Some(reference.to_owned()), ..PostingFilter::default() };
    let siblings = store.postings(&filter)?;
    let steps = siblings.iter().flat_map(|sibling| &sibling.posting.steps);
    Ok(steps.filter_map(|step| Some((step.key.to_string(), step.reverses.clone()?))).collect())
}

/// Whether what a posting rests on still is as it was when it was prepared. Only what changes what is sent
/// counts: another version of the mapping that sends the same leaves the posting as it is.
///
/// # Errors
/// What cannot be read, in words.
pub(crate) fn basis_moves(
    store: &Store,
    row: &PostingRow,
    mapping: Option<&AccountMapping>,
) -> Result<Option<BasisMoved>, String> {
    let posting = &row.posting;
    let booked = row.steps.iter().filter(|step| step.booked_at.is_some()).count();
    let Some(basis) = posting.basis.as_ref().filter(|_| posting.is_whole(booked)) else {
        return Ok(Some(BasisMoved::by(BasisMove::EarlierVersion)));
    };
    let words = |error: StoreError| error.to_string();
    let mut moves = Vec::new();
    let mut current = None;
    if let Some(rests_on) = &basis.document {
        let stored = store.document(&rests_on.id).map_err(words)?;
        let version = store.document_basis(&rests_on.id).map_err(words)?;
        if version != rests_on.version {
            moves.push(document_move(row, rests_on, &stored));
        }
        let changed = store.match_changed_since(&rests_on.id, posting.proposed_at).map_err(words)?;
        moves.extend(changed.map(|(name, state, at)| BasisMove::Ledger {
            words: format!("{name} of this document was {} on {}", state.as_str(), wording::instant(at)),
        }));
        current = Some(stored);
    }
    moves.extend(ledger_move(store, row, basis, booked).map_err(words)?);
    if let Some(mapping) = mapping
        && let Some(moved) = mapping_move(store, posting, current.as_ref(), mapping, booked)?
    {
        moves.push(moved);
    }
    Ok((!moves.is_empty()).then_some(BasisMoved { moves }))
}

fn document_move(row: &PostingRow, rests_on: &DocumentBasis, stored: &StoredDocument) -> BasisMove {
    let document = &stored.document;
    let status = document.status.as_str();
    if matches!(document.status, DocumentStatus::Void | DocumentStatus::Draft | DocumentStatus::Failed) {
        return BasisMove::DocumentGone { words: format!("it is {status} in billing") };
    }
    let was = |part: usize| rests_on.version.split('/').nth(part).unwrap_or_default().to_owned();
    let currency = document.currency();
    let currency = currency.code();
    let mut words = Vec::new();
    if was(0) != document.content_hash() {
        let now = document.total.to_decimal();
        let then = decimal_text(row.amount_minor, row.currency.code());
        let before = match row.amount_minor == document.total.minor() {
            true => String::new(),
            false => format!("prepared over {then} {}, ", row.currency.code()),
        };
        words.push(format!(
            "{before}it is {status} over {now} {currency} there now (version {})",
            stored.version
        ));
    }
    let facts = stored.facts;
    if was(1) != facts.fee_minor.to_string() {
        words.push(format!("its fee is {} {currency} now", decimal_text(facts.fee_minor, currency)));
    }
    if was(2) != i64::from(facts.disputed).to_string() {
        words.push(match facts.disputed {
            true => "a dispute has withdrawn its funds".to_owned(),
            false => "no dispute withdraws its funds any more".to_owned(),
        });
    }
    let said = |text: String| if text.is_empty() { "0".to_owned() } else { text };
    if said(was(3)) != facts.fee_tax_minor.to_string()
        || said(was(4)) != i64::from(facts.converted).to_string()
    {
        words.push("the processor settles or taxes it otherwise now".to_owned());
    }
    BasisMove::DocumentChanged { words: words.join("; ") }
}

/// Of the ledger as it was last read: an entry that is still to be undone, or one that is to stay, is not as
/// it was.
fn ledger_move(
    store: &Store,
    row: &PostingRow,
    basis: &Basis,
    booked: usize,
) -> Result<Option<BasisMove>, StoreError> {
    let posting = &row.posting;
    if let Some(within) = basis.within.as_ref().filter(|_| booked == 0) {
        return Ok(ground::moved(store, row, within)?.map(|words| BasisMove::Ledger { words }));
    }
    let mut undoing = posting.steps.iter().skip(booked).filter(|step| step.reverses.is_some()).peekable();
    if undoing.peek().is_none() {
        return Ok(None);
    }
    let mut entries = store.entries_by_reference(&posting.reference)?;
    entries.retain(|entry| entry.connection == posting.connection);
    let find = |erp_id: &str| entries.iter().find(|entry| entry.entry.erp_id == erp_id);
    let stands = |erp_id: &str| {
        find(erp_id).is_some_and(|found| found.entry.status == EntryStatus::Booked && !found.netted)
    };
    let kept = basis.kept.iter().find_map(|kept| {
        let now = find(&kept.erp_id).map(|found| &found.entry);
        kept.lost(now, stands)
    });
    let reversed = || {
        undoing.find_map(|step| {
            let erp_id = step.reverses.as_deref()?;
            let found = find(erp_id)?;
            let differences = basis.reversed(erp_id)?.differences(step, &found.entry);
            if !differences.is_empty() {
                return Some(format!("entry {erp_id}, which is to be undone: {}", differences.join("; ")));
            }
            found.netted.then(|| format!("entry {erp_id}, which is to be undone, is undone already"))
        })
    };
    Ok(kept.or_else(reversed).map(|words| BasisMove::Ledger { words }))
}

/// What the mapping in force would send elsewhere, of the steps that are still to be sent.
fn mapping_move(
    store: &Store,
    posting: &Posting,
    document: Option<&StoredDocument>,
    mapping: &AccountMapping,
    booked: usize,
) -> Result<Option<BasisMove>, String> {
    let connection = store.connection(&posting.connection).map_err(|e| e.to_string())?;
    let accounts = store.account_ids(&posting.connection).map_err(|e| e.to_string())?;
    let reference = posting.reference.as_str();
    let undone = BTreeSet::new();
    let within = None;
    let connection = &connection;
    let resolving = Resolving { store, connection, reference, document, mapping, undone, within };
    for step in posting.steps.iter().skip(booked) {
        let draft = StepDraft { entry: step.entry.clone(), reverses: step.reverses.clone() };
        let moved = |words: String| Ok(Some(BasisMove::Mapping { words }));
        match resolving.destination(&draft, &accounts) {
            Ok(now) => {
                let to = step.destination.as_ref();
                let same = to.map(|to| resolving.is_the_same(to, &now, step.entry.entity())).transpose();
                if same.map_err(|error| error.message)? == Some(true) {
                    continue;
                }
                let was = step.entity_erp_id().unwrap_or_default();
                return moved(match was == now.entity_erp_id {
                    true => format!("step {}: an account or the customer has another id there", step.number),
                    false => format!("step {}: company {was} was, {} is", step.number, now.entity_erp_id),
                });
            }
            Err(error) => return moved(error.message),
        }
    }
    Ok(None)
}
