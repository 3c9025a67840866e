//! Sign-off of an account: prepared by one person and reviewed by another, over its figures and the items
//! and versions that they are made of. What moves afterwards suspends it, unless it is clearly trivial: that
//! is listed, and signed once for the whole period at the end.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    ChangeId, Currency, Money, PersonId,
    hash::sha256_hex,
    people::Action,
    said,
    sign_off::{Moved, SignOff},
};
use tieout_duties::{SignOffFacts, Subject};
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState};

use crate::{
    access::{
        action::ActionView,
        actor::{self, Actor},
        judging,
    },
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        said::Said,
        wording,
    },
    close::arithmetic::Books,
    governance::{changes, figures},
};

/// What stands in the place of an account where small movements of the whole period are signed.
pub(crate) const MOVEMENTS: &str = "movements";

/// So many items that moved are told one by one.
const TOLD: usize = 20;

/// An account of a period to sign.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The account; `movements` for what moved since, and is clearly trivial.
    pub account: String,
    /// The hash of what the person saw; who reviews has to give it.
    #[serde(default)]
    pub content: Option<String>,
    /// The instant or date by which timing is judged; now without one.
    #[serde(default)]
    pub as_of: Option<String>,
}

/// How a sign-off stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignState {
    Open,
    Prepared,
    Reviewed,
    Suspended,
}

impl SignState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            SignState::Open => "open",
            SignState::Prepared => "prepared",
            SignState::Reviewed => "reviewed",
            SignState::Suspended => "suspended",
        }
    }
}

/// One item that is otherwise than it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MovedView {
    /// The item; empty where only a figure or the tolerance moved.
    pub item: String,
    /// What moved, in words.
    pub says: String,
    /// By how much, without a sign, major units; `None` where no item moved.
    pub amount: Option<String>,
    /// The currency.
    pub currency: Option<String>,
    /// By whom or from where, as far as it is known.
    pub by: Vec<String>,
    /// Since when, as far as it is known.
    pub since: Option<DateTime<Utc>>,
}

/// How an account's sign-off stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SignOffView {
    /// The account, or `movements`.
    pub account: String,
    /// What the ERP calls it, where its chart was read.
    pub account_name: Option<String>,
    /// How it stands.
    #[ts(as = "closed::SignOffState")]
    pub state: String,
    /// What is open of it, and what is in the way, in words; empty where nothing is.
    pub needs: String,
    /// The same in pieces, for a page.
    pub needs_said: Vec<Said>,
    /// Who prepared it.
    pub prepared_by: Option<String>,
    /// When.
    pub prepared_at: Option<DateTime<Utc>>,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
    /// When.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// The hash of what would be signed now.
    pub hash: String,
    /// The hash of what was signed last.
    pub signed_hash: Option<String>,
    /// The governed change that it is, as which the log has it.
    pub change: Option<String>,
    /// How many items it is signed over.
    pub items: u64,
    /// How many of them are otherwise than they were signed.
    pub moved_count: u64,
    /// The first of them.
    pub moved: Vec<MovedView>,
    /// True where what moved is clearly trivial, so that it stands.
    pub trivial: bool,
    /// What may be done with it now.
    pub actions: Vec<ActionView>,
}

/// A sign-off beside what would be signed now.
pub(crate) struct Signed {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) state: SignState,
    /// Prepared, and not reviewed yet.
    pub(crate) waiting: Option<Change>,
    /// Reviewed.
    pub(crate) in_force: Option<Change>,
    pub(crate) text: String,
    pub(crate) hash: String,
    pub(crate) moved: Vec<MovedView>,
    pub(crate) moved_count: usize,
    pub(crate) trivial: bool,
    pub(crate) items: usize,
    /// What would be signed now; none of small movements.
    now: Option<SignOff>,
    /// The items' names as the tie-out knows them.
    names: BTreeSet<String>,
}

/// Who worked on which item, for one entity.
pub(crate) type Worked = BTreeMap<String, BTreeSet<PersonId>>;

/// Who posted, explained or accepted items of these books, by the items' names.
pub(crate) fn worked(ctx: &Context, books: &Books) -> DeskResult<Worked> {
    let mut worked = Worked::new();
    let found = ctx.store().worked_on_items(&books.entity.code)?;
    for (name, person) in found {
        worked.entry(name).or_default().insert(person);
    }
    for item in &books.items {
        let Some(note) = books.notes.iter().find(|note| Some(&note.change.id) == item.note.as_ref()) else {
            continue;
        };
        let people = worked.entry(item.name.clone()).or_default();
        people.extend(note.change.author.parse::<PersonId>());
        people.extend(note.change.decided_by.clone());
    }
    Ok(worked)
}

pub(crate) fn name_of(books: &Books, account: &str) -> String {
    format!("{}/{}/{account}", books.entity.code, books.period)
}

/// The newest of a name that waits for its review, and the one that is in force.
fn kept(ctx: &Context, name: &str) -> DeskResult<(Option<Change>, Option<Change>)> {
    let filter = ChangeFilter {
        kind: Some(ChangeKind::SignOff),
        name: Some(name.to_owned()),
        state: Some(ChangeState::Inert),
    };
    let waiting = ctx.store().changes(&filter)?.into_iter().next();
    Ok((waiting, ctx.store().change_in_force_named(ChangeKind::SignOff, name)?))
}

/// How the sign-off of an account stands beside the account as it is.
///
/// # Errors
/// A database error.
pub(crate) fn signed(ctx: &Context, books: &Books, worked: &Worked, account: &str) -> DeskResult<Signed> {
    let name = name_of(books, account);
    let (waiting, in_force) = kept(ctx, &name)?;
    let (now, names) = books.sign_off(ctx, account)?;
    let text = now.to_string();
    let (mut state, mut moved, mut moved_count, mut trivial) = match (&waiting, &in_force) {
        (Some(_), _) => (SignState::Prepared, Vec::new(), 0, false),
        (None, Some(_)) => (SignState::Reviewed, Vec::new(), 0, false),
        (None, None) => (SignState::Open, Vec::new(), 0, false),
    };
    if let Some(before) = waiting.as_ref().or(in_force.as_ref()).filter(|change| change.content != text) {
        let was = SignOff::parse(&before.content).ok_or_else(|| {
            DeskError::new(Code::StoreCorrupt, format!("{} is no sign-off: run tieout verify", before.id))
        })?;
        let items = was.moved(&now);
        trivial = state == SignState::Reviewed && is_trivial(books, &items);
        moved_count = items.len().max(1);
        moved = told(ctx, books, worked, (&was, &now), &items)?;
        if !trivial {
            state = SignState::Suspended;
        }
    }
    Ok(Signed {
        hash: sha256_hex(text.as_bytes()),
        account: account.to_owned(),
        items: now.items.len(),
        now: Some(now),
        name,
        state,
        waiting,
        in_force,
        text,
        moved,
        moved_count,
        trivial,
        names,
    })
}

/// True where items moved, and together, without their signs, no more than is clearly trivial. What moves
/// no item (a tolerance, what earlier periods left) never is.
fn is_trivial(books: &Books, items: &[Moved<'_>]) -> bool {
    let functional = books.entity.functional_currency;
    let limit = books.entity.close.clearly_trivial.as_ref().and_then(|amount| amount.of(functional).ok());
    let Some(limit) = limit.filter(|_| !items.is_empty()) else { return false };
    let sum = items
        .iter()
        .try_fold(0_u128, |sum, item| sum.checked_add(books.functional(item.gross(), item.currency()?)?));
    sum.is_some_and(|sum| sum <= u128::from(limit.minor().unsigned_abs()))
}

/// What moved, each with by whom and since when, as far as it is known.
fn told(
    ctx: &Context,
    books: &Books,
    worked: &Worked,
    (was, now): (&SignOff, &SignOff),
    items: &[Moved<'_>],
) -> DeskResult<Vec<MovedView>> {
    if items.is_empty() {
        let gone: Vec<&str> =
            was.figures.iter().filter(|one| !now.figures.contains(one)).map(String::as_str).collect();
        let come: Vec<&str> =
            now.figures.iter().filter(|one| !was.figures.contains(one)).map(String::as_str).collect();
        let says = format!(
            "no item moved, but the figures are \"{}\"; they were \"{}\"",
            come.join("; "),
            gone.join("; ")
        );
        return Ok(vec![MovedView {
            item: String::new(),
            says,
            amount: None,
            currency: None,
            by: Vec::new(),
            since: None,
        }]);
    }
    let names = actor::names(ctx)?;
    let mut views = Vec::new();
    for one in items.iter().take(TOLD) {
        let raw = raw_name(one.name());
        let mut by: Vec<String> = Vec::new();
        let mut since = None;
        let note =
            books.items.iter().find(|item| item.shown == one.name()).and_then(|item| item.note.clone());
        let note = books.notes.iter().find(|kept| Some(&kept.change.id) == note.as_ref());
        let from = ctx.store().arrived(raw)?;
        for arrived in from {
            by.push(arrived.connection);
            since = since.max(Some(arrived.at));
        }
        if let Some(note) = note {
            by.push(format!("explained by {}", names.of(&note.change.author)));
            since = since.max(note.change.decided_at);
        }
        by.extend(worked.get(raw).into_iter().flatten().map(|person| names.of(person.as_str())));
        by.dedup();
        views.push(MovedView {
            item: one.name().to_owned(),
            says: one.says(),
            amount: one.currency().map(|currency| gross_text(one.gross(), currency)),
            currency: one.currency().map(|currency| currency.code().to_owned()),
            by,
            since,
        });
    }
    Ok(views)
}

fn gross_text(minor: u128, currency: Currency) -> String {
    i128::try_from(minor).map_or_else(|_| minor.to_string(), |minor| wording::wide_text(minor, currency))
}

/// An item's name as the tie-out knows it, of how it is signed: an entry without a reference stands under its
/// number with its id beside.
fn raw_name(shown: &str) -> &str {
    let own = shown.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")).map(|(_, id)| id);
    own.filter(|id| id.starts_with("ent_")).unwrap_or(shown)
}

/// The facts by which whoever signs is judged.
fn facts(books: &Books, worked: &Worked, one: &Signed) -> Subject {
    let of_items = one.names.iter().filter_map(|name| worked.get(name)).flatten().cloned();
    Subject::SignOff(SignOffFacts {
        id: one.waiting.as_ref().map_or_else(|| ChangeId::derive(&[&one.name]), |change| change.id.clone()),
        entity: books.entity.code.clone(),
        preparer: one.waiting.as_ref().and_then(|change| change.author.parse().ok()),
        worked_on_items: of_items.collect(),
    })
}

/// Why an account cannot be prepared now, whoever asks.
fn in_the_way(books: &Books, one: &Signed) -> Option<DeskError> {
    let message = match one.state {
        SignState::Prepared => {
            format!("{} is prepared with these very figures: it waits for its review", one.name)
        }
        SignState::Reviewed => format!("{} is reviewed with these very figures", one.name),
        SignState::Open | SignState::Suspended if one.account == MOVEMENTS => {
            return one.text.is_empty().then(|| {
                let message = "no small movement waits to be signed".to_owned();
                DeskError::new(Code::NothingToDecide, message)
            });
        }
        SignState::Open | SignState::Suspended => {
            return books.is_over(&one.account).then(|| {
                let message =
                    format!("{}: {}; book or explain it first", one.name, open_words(books, &one.account));
                DeskError::new(Code::AccountOverTolerance, message)
            });
        }
    };
    Some(DeskError::new(Code::NothingToDecide, message))
}

/// What is open of an account, beside its tolerance, as a sentence of the core ([`tieout_domain::said`]).
pub(crate) fn open_words(books: &Books, account: &str) -> String {
    let limit = said::amount(books.tolerance(account));
    let currency = books.entity.functional_currency;
    match books.open_of(account) {
        Some(open) => format!(
            "{} to book and unexplained together, over the tolerance of {limit}",
            said::amount_text(&gross_text(open, currency), currency),
        ),
        None => format!("what is open cannot be held against the tolerance of {limit}: a rate is missing"),
    }
}

/// Why nothing can be reviewed now, whoever asks.
fn not_reviewable(one: &Signed) -> Option<DeskError> {
    match (&one.waiting, one.state) {
        (None, _) => {
            let message = format!("{} is not prepared: somebody else prepares it first", one.name);
            Some(DeskError::new(Code::NothingToDecide, message))
        }
        (Some(_), SignState::Suspended) => {
            let moved: Vec<&str> = one.moved.iter().take(3).map(|moved| moved.says.as_str()).collect();
            let message =
                format!("{} moved since it was prepared: {}; prepare it again", one.name, moved.join("; "));
            Some(DeskError::new(Code::FiguresMoved, message))
        }
        (Some(_), _) => None,
    }
}

/// The account as a screen shows it.
pub(crate) fn view(ctx: &Context, books: &Books, worked: &Worked, one: &Signed) -> DeskResult<SignOffView> {
    let names = actor::names(ctx)?;
    let last = one.waiting.as_ref().or(one.in_force.as_ref());
    let reviewed = one.in_force.as_ref().filter(|_| one.waiting.is_none());
    let may = |action, blocked: Option<DeskError>| match blocked {
        Some(refusal) => ActionView::of(action, Some(refusal)),
        None => judging::may(ctx, action, facts(books, worked, one), &one.name),
    };
    let needs = match one.state {
        SignState::Reviewed => String::new(),
        SignState::Prepared => "waits for its review by another person".to_owned(),
        SignState::Suspended => "prepare and review it again".to_owned(),
        SignState::Open => match in_the_way(books, one) {
            Some(_) if one.account != MOVEMENTS => open_words(books, &one.account),
            _ => "ready to be prepared".to_owned(),
        },
    };
    Ok(SignOffView {
        account: one.account.clone(),
        account_name: None,
        state: one.state.as_str().to_owned(),
        needs_said: Said::of(&needs),
        needs: said::plain(&needs),
        prepared_by: last.map(|change| names.of(&change.author)),
        prepared_at: last.map(|change| change.proposed_at),
        reviewed_by: reviewed.and_then(|c| c.decided_by.as_ref()).map(|person| names.of(person.as_str())),
        reviewed_at: reviewed.and_then(|change| change.decided_at),
        hash: one.hash.clone(),
        signed_hash: last.map(|change| change.hash.clone()),
        change: last.map(|change| change.id.to_string()),
        items: one.items as u64,
        moved_count: one.moved_count as u64,
        moved: one.moved.clone(),
        trivial: one.trivial,
        actions: vec![
            may(Action::PrepareSignOff, in_the_way(books, one)),
            may(Action::ReviewSignOff, not_reviewable(one)),
        ],
    })
}

/// Small movements of all accounts as they are signed at the end; without a text where there are none.
pub(crate) fn movements(ctx: &Context, books: &Books, all: &[Signed]) -> DeskResult<Signed> {
    let name = name_of(books, MOVEMENTS);
    let (waiting, in_force) = kept(ctx, &name)?;
    let mut text = String::new();
    let (mut items, mut names) = (0, BTreeSet::new());
    for one in all.iter().filter(|one| one.trivial) {
        let Some((before, now)) = one.in_force.as_ref().zip(one.now.as_ref()) else { continue };
        let Some(was) = SignOff::parse(&before.content) else { continue };
        text.push_str(&format!("Account {}, signed as {}, is {}\n", one.account, before.hash, one.hash));
        for moved in was.moved(now) {
            let gross = moved.currency().map_or_else(String::new, |c| gross_text(moved.gross(), c));
            text.push_str(&format!("Moved {gross}: {}\n", moved.says()));
            items += 1;
        }
        names.extend(one.names.iter().cloned());
    }
    if !text.is_empty() {
        text = format!("Small movements of {}, {}\n{text}", books.entity.code, books.period);
    }
    let same = |change: &Option<Change>| change.as_ref().is_some_and(|change| change.content == text);
    let state = match (&waiting, &in_force) {
        (Some(_), _) if same(&waiting) => SignState::Prepared,
        (_, Some(_)) if same(&in_force) => SignState::Reviewed,
        (Some(_), _) => SignState::Suspended,
        _ => SignState::Open,
    };
    Ok(Signed {
        hash: sha256_hex(text.as_bytes()),
        account: MOVEMENTS.to_owned(),
        moved: Vec::new(),
        moved_count: 0,
        trivial: false,
        now: None,
        name,
        state,
        waiting,
        in_force,
        text,
        items,
        names,
    })
}

/// One sign-off, of an account or of small movements.
fn one(ctx: &Context, books: &Books, worked: &Worked, account: &str) -> DeskResult<Signed> {
    let accounts = books.accounts();
    if account == MOVEMENTS {
        let all = accounts.iter().map(|account| signed(ctx, books, worked, account));
        return movements(ctx, books, &all.collect::<DeskResult<Vec<_>>>()?);
    }
    if !accounts.iter().any(|known| known == account) {
        let message = format!(
            "{} has no account {account} to sign in {}; it has {}",
            books.entity.code,
            books.period,
            accounts.join(", ")
        );
        return Err(DeskError::new(Code::NotFound, message));
    }
    signed(ctx, books, worked, account)
}

/// Signs an account as prepared: it waits for another person's review.
///
/// # Errors
/// A refusal, `not_found`, `account_over_tolerance`, `nothing_to_decide`, `content_changed`.
pub fn close_prepare(ctx: &Context, request: &SignRequest) -> DeskResult<SignOffView> {
    let actor = actor::actor(ctx)?;
    let books = Books::of(ctx, (&request.entity, &request.period), request.as_of.as_deref())?;
    let worked = worked(ctx, &books)?;
    let before = one(ctx, &books, &worked, &request.account)?;
    actor::judge(ctx, &actor, Action::PrepareSignOff, facts(&books, &worked, &before), &before.name)?;
    if let Some(refusal) = in_the_way(&books, &before) {
        return Err(refusal);
    }
    if request.content.is_some() {
        figures::check_shown(&before.name, &before.hash, request.content.as_deref())?;
    }
    replace(ctx, &actor, before.waiting.as_ref())?;
    let kind = (ChangeKind::SignOff, before.name.as_str());
    changes::keep_signed(ctx, &actor, kind, &before.text, "sign_off_prepared")?;
    let after = one(ctx, &books, &worked, &request.account)?;
    view(ctx, &books, &worked, &after)
}

/// What was prepared, and has moved, makes room for what is prepared now.
fn replace(ctx: &Context, actor: &Actor, waiting: Option<&Change>) -> DeskResult<()> {
    if let Some(before) = waiting {
        let reason = Some("prepared again");
        changes::decide_signed(ctx, actor, before, (false, "sign_off_replaced"), reason)?;
    }
    Ok(())
}

/// Signs what another person prepared as reviewed.
///
/// # Errors
/// A refusal, `not_found`, `nothing_to_decide`, `figures_moved`, `content_not_shown`, `content_changed`.
pub fn close_review(ctx: &Context, request: &SignRequest) -> DeskResult<SignOffView> {
    let actor = actor::actor(ctx)?;
    let books = Books::of(ctx, (&request.entity, &request.period), request.as_of.as_deref())?;
    let worked = worked(ctx, &books)?;
    let before = one(ctx, &books, &worked, &request.account)?;
    actor::judge(ctx, &actor, Action::ReviewSignOff, facts(&books, &worked, &before), &before.name)?;
    if let Some(refusal) = not_reviewable(&before) {
        return Err(refusal);
    }
    let Some(waiting) = &before.waiting else { return view(ctx, &books, &worked, &before) };
    figures::check_shown(&before.name, &waiting.hash, request.content.as_deref())?;
    changes::decide_signed(ctx, &actor, waiting, (true, "sign_off_reviewed"), None)?;
    let after = one(ctx, &books, &worked, &request.account)?;
    view(ctx, &books, &worked, &after)
}

/// What would be signed of an account, as its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SignTextView {
    /// How it stands.
    pub sign_off: SignOffView,
    /// The text that is signed: its figures, and its items with their versions.
    pub text: String,
}

/// Shows what would be signed of an account.
///
/// # Errors
/// `not_found`, a database error.
pub fn close_text(ctx: &Context, request: &SignRequest) -> DeskResult<SignTextView> {
    let books = Books::of(ctx, (&request.entity, &request.period), request.as_of.as_deref())?;
    let worked = worked(ctx, &books)?;
    let one = one(ctx, &books, &worked, &request.account)?;
    Ok(SignTextView { sign_off: view(ctx, &books, &worked, &one)?, text: one.text })
}

/// An amount in the functional currency of these books, as decimal text.
pub(crate) fn functional_text(amount: Money) -> String {
    decimal_text(amount.minor(), amount.currency().code())
}

#[cfg(test)]
mod tests {
    use super::raw_name;

    #[test]
    fn an_entry_without_a_reference_is_found_again_by_its_id() {
        assert_eq!(raw_name("JE 17 (ent_0a1b)"), "ent_0a1b");
        assert_eq!(raw_name("INV-1"), "INV-1");
        assert_eq!(raw_name("Refund (partly)"), "Refund (partly)");
    }
}
