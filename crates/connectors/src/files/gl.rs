//! General-ledger detail into journals.

use std::{borrow::Cow, collections::HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use tieout_domain::{
    AccountCode, Currency, EntityCode, Money, Rounding,
    calendar::PeriodKey,
    ledger::{EntityRef, EntryKind, EntryStatus, LedgerAccount, LedgerEntry, LedgerLine},
    unread::Concerns,
};

use super::{
    account::{self, AccountRange},
    billing::{agree, instant},
    date::check_day,
    error::FileError,
    group::Assemble,
    map::{ColumnMap, Credits, LedgerRules, LedgerSign, MapEntity, MapRules},
    naming,
    number::{Exact, too_large},
    outgoing,
    role::{MapKind, Role},
    rows::RowView,
};
use crate::{kit::within_limits, traits::Rejection};

/// Assembles journals.
pub struct Ledger<'m> {
    map: &'m ColumnMap,
    rules: &'m LedgerRules,
    currency: Option<Currency>,
    judged_on: NaiveDate,
    dates: HashMap<String, Vec<(EntityCode, NaiveDate)>>,
    periods: HashMap<String, PeriodKey>,
    accounts: HashMap<String, AccountCode>,
    named: Vec<LedgerAccount>,
}

#[derive(PartialEq, Eq)]
struct Head {
    entity: EntityCode,
    date: NaiveDate,
    period: PeriodKey,
    status: EntryStatus,
    currency: Currency,
    functional: Currency,
}

/// A journal under way.
#[derive(Default)]
pub struct Group {
    head: Option<Head>,
    journal: Option<String>,
    reference: Option<String>,
    external_id: Option<String>,
    memo: Option<String>,
    reverses: Option<String>,
    created_at: Option<DateTime<Utc>>,
    rate: Option<Decimal>,
    lines: Vec<LedgerLine>,
}

impl Group {
    /// Our key, where a field that came back has it: an entry that was handed over in a journal file. Two of
    /// them in one journal are nobody's.
    fn own_key(&self) -> Option<String> {
        let memos = self.lines.iter().filter_map(|line| line.memo.as_ref());
        let texts = self.journal.iter().chain(&self.reference).chain(&self.memo).chain(memos);
        let mut keys = texts.filter_map(|text| outgoing::key_in(text));
        let first = keys.next()?;
        keys.all(|other| other == first).then(|| first.to_string())
    }
}

impl<'m> Ledger<'m> {
    /// An assembler by the rules of a general-ledger map.
    ///
    /// # Errors
    /// [`FileError::WrongMap`].
    pub fn new(map: &'m ColumnMap, judged_on: NaiveDate) -> Result<Self, FileError> {
        let MapRules::Gl(rules) = &map.rules else {
            let (wanted, got) = (MapKind::Gl.as_str(), map.kind().as_str());
            return Err(FileError::WrongMap { wanted, got });
        };
        let currency = map.constants.get(&Role::Currency).and_then(|code| Currency::new(code).ok());
        let (dates, periods, accounts) = Default::default();
        Ok(Self { map, rules, currency, judged_on, dates, periods, accounts, named: Vec::new() })
    }

    fn date(&mut self, row: &RowView<'_>, entity: &MapEntity) -> Result<NaiveDate, Rejection> {
        let text = row.need(Role::PostingDate)?;
        // Instants fall on days by the entity's own clock.
        let known = self.dates.get(text.as_ref()).into_iter().flatten();
        if let Some((_, date)) = known.into_iter().find(|(code, _)| *code == entity.code) {
            return Ok(*date);
        }
        let bad = |message| row.reject(Role::PostingDate, "bad_date", message);
        let date = self.map.dates.parse_in(&text, row.zone()).map_err(bad)?.in_zone(entity.time_zone);
        check_day(date, self.judged_on).map_err(bad)?;
        self.dates.entry(text.into_owned()).or_default().push((entity.code.clone(), date));
        Ok(date)
    }

    fn period(&mut self, row: &RowView<'_>, date: NaiveDate) -> Result<PeriodKey, Rejection> {
        if !self.map.columns.contains_key(&Role::Period) {
            return Ok(PeriodKey::month(date));
        }
        let text = row.need(Role::Period)?;
        if let Some(period) = self.periods.get(text.as_ref()) {
            return Ok(period.clone());
        }
        let period = period_named(&text, &self.map.periods)
            .map_err(|message| row.reject(Role::Period, "bad_period", message))?;
        self.periods.insert(text.into_owned(), period.clone());
        Ok(period)
    }

    fn account(&mut self, row: &RowView<'_>) -> Result<AccountCode, Rejection> {
        let text = row.need_name(Role::Account)?;
        let name = row.text(Role::AccountName)?;
        let known = self.named.len();
        let account = self.account_of(row, Role::Account, (text, name))?;
        // The first row of an account says what it is for.
        if let Some(new) = self.named.get_mut(known)
            && let Some(kind) = row.text(Role::AccountType)?
        {
            new.account_type = account::kind(&kind);
        }
        Ok(account)
    }

    fn account_of(
        &mut self,
        row: &RowView<'_>,
        role: Role,
        (text, own_name): (Cow<'_, str>, Option<Cow<'_, str>>),
    ) -> Result<AccountCode, Rejection> {
        if let Some(account) = self.accounts.get(text.as_ref()) {
            return Ok(account.clone());
        }
        let (code, name) = account::read(&text);
        let account: AccountCode = code
            .parse()
            .map_err(|_| row.reject(role, "bad_account", format!("\"{text}\" is not an account code")))?;
        let holds = |(_, ranges): &&(AccountCode, Vec<AccountRange>)| ranges.iter().any(|r| r.holds(code));
        let account = self.rules.roll_up.iter().find(holds).map_or(account, |(into, _)| into.clone());
        if let Some(name) = own_name.or(name.map(Cow::Borrowed)) {
            self.named.push(LedgerAccount::new(account.to_string(), account.clone(), &name));
        }
        self.accounts.insert(text.into_owned(), account.clone());
        Ok(account)
    }

    fn reference<'a>(&self, row: &RowView<'a>) -> Result<Option<Cow<'a, str>>, Rejection> {
        naming::name(&self.map.names, row, (Role::Reference, Role::Reference))
    }

    fn status(&self, row: &RowView<'_>) -> Result<EntryStatus, Rejection> {
        if !self.map.columns.contains_key(&Role::Status) {
            return Ok(EntryStatus::Booked);
        }
        let word = row.need(Role::Status)?;
        self.rules.status.meaning(&word).ok_or_else(|| {
            let message = format!("\"{word}\" is not listed in [status]: {}", self.rules.status.list());
            row.reject(Role::Status, "unknown_status", message)
        })
    }

    fn head(&mut self, row: &RowView<'_>) -> Result<Head, Rejection> {
        let word = row.need(Role::Entity)?;
        let entity = self.map.entity_named(&word).ok_or_else(|| {
            row.reject(Role::Entity, "unknown_entity", format!("no [[entity]] is named \"{word}\""))
        })?;
        let date = self.date(row, entity)?;
        let currency = match self.currency {
            Some(currency) => currency,
            None => Currency::new(&row.need(Role::Currency)?)
                .map_err(|e| row.reject(Role::Currency, "bad_currency", e.to_string()))?,
        };
        Ok(Head {
            entity: entity.code.clone(),
            date,
            period: self.period(row, date)?,
            status: self.status(row)?,
            currency,
            functional: entity.functional_currency,
        })
    }

    /// The text of an amount; `None` where the cell is empty or stands for none.
    fn figure<'a>(&self, row: &RowView<'a>, role: Role) -> Result<Option<Cow<'a, str>>, Rejection> {
        Ok(row.text(role)?.filter(|text| !self.map.numbers.is_nothing(text)))
    }

    fn amount(&self, row: &RowView<'_>, role: Role) -> Result<Exact, Rejection> {
        match self.figure(row, role)? {
            None => Ok(Exact::ZERO),
            Some(text) => self.map.numbers.parse(&text).map_err(|m| row.reject(role, "bad_amount", m)),
        }
    }

    /// Debit minus credit, or the signed amount, in whole minor units.
    fn net(
        &self,
        row: &RowView<'_>,
        [debit, credit, amount]: [Role; 3],
        (currency, account): (Currency, &AccountCode),
    ) -> Result<i64, Rejection> {
        let single = self.map.columns.contains_key(&amount);
        let (role, net) = if single {
            let written = row.need(amount).and_then(|_| self.amount(row, amount))?;
            let flip = match self.rules.sign {
                LedgerSign::DebitPositive | LedgerSign::Functional => false,
                LedgerSign::CreditPositive => true,
                LedgerSign::Natural => self.rules.credit.iter().any(|range| range.holds(account.as_str())),
            };
            let flip = flip != self.is_credit(row)?;
            (amount, Some(if flip { written.negated() } else { written }))
        } else {
            if self.figure(row, debit)?.is_none() && self.figure(row, credit)?.is_none() {
                let message = "neither a debit nor a credit is given".to_owned();
                return Err(row.reject(debit, "missing_value", message));
            }
            let credited = self.amount(row, credit)?;
            let turned = self.rules.credits == Credits::Positive;
            (debit, self.amount(row, debit)?.plus(if turned { credited.negated() } else { credited }))
        };
        let refused = |message| row.reject(role, "amount_out_of_range", message);
        let fits = net.filter(|net| !net.is_too_large(currency.exponent()));
        let net = fits.ok_or_else(|| refused(too_large(currency)))?;
        let digits = || refused(format!("the amount has more digits than {currency} allows"));
        net.minor(currency.exponent()).ok_or_else(digits)
    }

    /// True where the row's flag says that its amount is a credit.
    fn is_credit(&self, row: &RowView<'_>) -> Result<bool, Rejection> {
        if !self.map.columns.contains_key(&Role::Flag) {
            return Ok(false);
        }
        let word = row.need(Role::Flag)?;
        self.rules.flags.meaning(&word).ok_or_else(|| {
            let message = format!("\"{word}\" is not listed in [flags]: {}", self.rules.flags.list());
            row.reject(Role::Flag, "bad_amount", message)
        })
    }

    /// The line's amounts in the transaction's and in the entity's currency.
    fn amounts(
        &self,
        row: &RowView<'_>,
        (head, account): (&Head, &AccountCode),
        rate: Option<Decimal>,
    ) -> Result<(i64, i64), Rejection> {
        let roles = [Role::Debit, Role::Credit, Role::Amount];
        if self.rules.sign != LedgerSign::Functional {
            let transaction = self.net(row, roles, (head.currency, account))?;
            return Ok((transaction, self.functional(row, (head, account), (transaction, rate))?));
        }
        let functional = self.functional(row, (head, account), (0, rate))?;
        if head.currency == head.functional {
            return Ok((functional, functional));
        }
        let written = self.net(row, roles, (head.currency, account))?;
        let turned = (functional < 0) != (written < 0) && functional != 0;
        Ok((if turned { -written } else { written }, functional))
    }

    fn functional(
        &self,
        row: &RowView<'_>,
        (head, account): (&Head, &AccountCode),
        (transaction, rate): (i64, Option<Decimal>),
    ) -> Result<i64, Rejection> {
        if self.gives_functional() {
            let roles = [Role::FunctionalDebit, Role::FunctionalCredit, Role::FunctionalAmount];
            return self.net(row, roles, (head.functional, account));
        }
        if head.currency == head.functional {
            return Ok(transaction);
        }
        let amount = Money::new(transaction, head.currency);
        match rate {
            Some(rate) => {
                let converted = amount.convert(rate, head.functional, Rounding::HalfEven).ok();
                let minor = converted.and_then(|money| within_limits(i128::from(money.minor())));
                minor.ok_or_else(|| row.reject(Role::Rate, "amount_out_of_range", too_large(head.functional)))
            }
            None => {
                let message = format!(
                    "{} is not the currency of {}'s books, and the file gives neither a functional amount \
                     nor a rate",
                    head.currency, head.entity
                );
                Err(row.reject(Role::Currency, "no_functional_amount", message))
            }
        }
    }

    fn gives_functional(&self) -> bool {
        let named = |role: Role| self.map.columns.contains_key(&role);
        named(Role::FunctionalAmount) || named(Role::FunctionalDebit)
    }

    /// What is wrong with the sums of a journal: it has to balance in its own currency, and in the entity's
    /// where the file gives those amounts itself (worked out by a rate, each line is rounded by itself).
    fn unbalanced(&self, name: &str, head: &Head, lines: &[LedgerLine]) -> Option<String> {
        if self.rules.partial {
            return None;
        }
        let told = |of: fn(&LedgerLine) -> i64, currency: Currency| {
            if lines.iter().map(|line| i128::from(of(line))).sum::<i128>() == 0 {
                return None;
            }
            let side = |sign: i128| {
                let amounts = lines.iter().map(|line| i128::from(of(line)) * sign);
                let sum = amounts.filter(|minor| *minor > 0).sum::<i128>();
                match i64::try_from(sum) {
                    Ok(minor) => Money::new(minor, currency).to_string(),
                    Err(_) => format!("{sum} minor units of {currency}"),
                }
            };
            Some(format!(
                "{name} does not balance: its debits are {}, its credits {}. Export it whole; where the file \
                 holds some accounts only, say journals.partial = true in its column map",
                side(1),
                side(-1)
            ))
        };
        told(|line| line.transaction_minor, head.currency).or_else(|| {
            self.gives_functional().then(|| told(|line| line.functional_minor, head.functional))?
        })
    }

    fn rate(&self, row: &RowView<'_>) -> Result<Option<Decimal>, Rejection> {
        let Some(text) = row.text(Role::Rate)? else { return Ok(None) };
        let refused = |m| row.reject(Role::Rate, "bad_amount", m);
        let rate = self.map.numbers.parse(&text).map_err(refused)?.decimal();
        let positive = rate.filter(|r| *r > Decimal::ZERO);
        positive.map(Some).ok_or_else(|| refused(format!("\"{text}\" is not an exchange rate")))
    }
}

/// A period by the map's formats; without formats as it is written.
fn period_named(text: &str, formats: &[String]) -> Result<PeriodKey, String> {
    if formats.is_empty() {
        return Ok(PeriodKey::new(text));
    }
    // A month alone is no date for chrono: the first day is put before it.
    let read =
        |format: &String| NaiveDate::parse_from_str(&format!("1 {text}"), &format!("%d {format}")).ok();
    match formats.iter().find_map(read) {
        Some(first) => Ok(PeriodKey::month(first)),
        None => Err(format!("\"{text}\" is not a period of the form {}", formats.join(" or "))),
    }
}

impl Assemble for Ledger<'_> {
    type Item = LedgerEntry;
    type Group = Group;

    fn accounts(&mut self) -> Vec<LedgerAccount> {
        std::mem::take(&mut self.named)
    }

    fn add(&mut self, group: &mut Group, row: &RowView<'_>) -> Result<(), Rejection> {
        let head = self.head(row)?;
        if let Some(known) = &group.head {
            check_same(known, &head, row)?;
        }
        agree(&mut group.journal, row.name(Role::Journal)?, (Role::Journal, row))?;
        agree(&mut group.reference, self.reference(row)?, (Role::Reference, row))?;
        let external_id = row.name(Role::ExternalId)?.filter(|id| !self.map.names.is_none(id));
        agree(&mut group.external_id, external_id, (Role::ExternalId, row))?;
        agree(&mut group.reverses, row.name(Role::Reverses)?, (Role::Reverses, row))?;
        if group.memo.is_none() {
            group.memo = row.text(Role::Memo)?.map(Cow::into_owned);
        }
        if let Some(text) = row.text(Role::CreatedAt)? {
            let at = instant(&text).map_err(|m| row.reject(Role::CreatedAt, "bad_date", m))?;
            group.created_at = Some(at);
        }
        let rate = self.rate(row)?;
        let account = self.account(row)?;
        let (transaction_minor, functional_minor) = self.amounts(row, (&head, &account), rate)?;
        group.rate = group.rate.or(rate);
        let memo = row.text(Role::LineMemo)?.map(Cow::into_owned);
        if let Some(text) = row.name(Role::ContraAccount)? {
            let account = self.account_of(row, Role::ContraAccount, (text, None))?;
            let (transaction_minor, functional_minor) = (-transaction_minor, -functional_minor);
            group.lines.push(LedgerLine { account, transaction_minor, functional_minor, memo: memo.clone() });
        }
        group.lines.push(LedgerLine { account, transaction_minor, functional_minor, memo });
        group.head.get_or_insert(head);
        Ok(())
    }

    fn about_row(&self, row: &RowView<'_>, concerns: &mut Concerns) {
        let told = |role| row.text(role).ok().flatten();
        let reference = self.reference(row).ok().flatten();
        for name in reference.into_iter().chain(told(Role::ExternalId)) {
            concerns.name(&name);
            concerns.named = true;
        }
        for role in [Role::Journal, Role::Memo, Role::LineMemo] {
            told(role).iter().for_each(|text| concerns.text(text));
        }
        if let Some(date) = told(Role::PostingDate).and_then(|text| self.map.dates.parse(&text).ok()) {
            concerns.day(date.in_zone(chrono_tz::Tz::UTC));
        }
        let own = || told(Role::Currency).and_then(|code| Currency::new(&code).ok());
        let Some(currency) = self.currency.or_else(own) else { return };
        for role in [Role::Debit, Role::Credit, Role::Amount] {
            let amount = told(role).and_then(|text| self.map.numbers.parse(&text).ok());
            if let Some(minor) = amount.and_then(|amount| amount.minor(currency.exponent())) {
                concerns.amount(minor);
            }
        }
    }

    fn about_group(&self, group: &Group, concerns: &mut Concerns) {
        concerns.named |= group.reference.is_some() || group.external_id.is_some();
        group.reference.iter().chain(&group.external_id).for_each(|name| concerns.name(name));
        let memos = group.lines.iter().filter_map(|line| line.memo.as_ref());
        group.journal.iter().chain(&group.memo).chain(memos).for_each(|text| concerns.text(text));
        group.head.iter().for_each(|head| concerns.day(head.date));
        group.lines.iter().for_each(|line| concerns.amount(line.transaction_minor));
    }

    fn about_item(item: &LedgerEntry, concerns: &mut Concerns) {
        concerns.named |= item.reference.is_some() || item.external_id.is_some();
        item.reference.iter().chain(&item.external_id).for_each(|name| concerns.name(name));
        item.memo.iter().for_each(|text| concerns.text(text));
        concerns.day(item.posting_date);
    }

    fn weight(item: &LedgerEntry) -> i128 {
        item.weight()
    }

    fn check(&self, key: &str, group: &Group) -> Result<(), (&'static str, String)> {
        let head = group.head.as_ref();
        match head.and_then(|head| self.unbalanced(key, head, &group.lines)) {
            Some(message) => Err(("journal_unbalanced", message)),
            None => Ok(()),
        }
    }

    fn finish(
        &mut self,
        key: &str,
        group: Group,
    ) -> Result<Vec<(String, LedgerEntry)>, (&'static str, String)> {
        let external_id = group.external_id.clone().or_else(|| group.own_key());
        let Some(head) = group.head else {
            return Err(("missing_value", format!("{key} has no rows that can be read")));
        };
        let entry = LedgerEntry {
            erp_id: key.to_owned(),
            number: group.journal,
            external_id,
            reference: group.reference,
            entity: EntityRef::Code(head.entity),
            posting_date: head.date,
            period: head.period,
            kind: EntryKind::Journal,
            part_of: None,
            status: head.status,
            currency: head.currency,
            functional_currency: head.functional,
            rate: group.rate,
            reverses: group.reverses,
            created_at: group.created_at,
            changed_at: None,
            memo: group.memo,
            names: Vec::new(),
            counterpart: None,
            lines: group.lines,
        };
        Ok(vec![(key.to_owned(), entry)])
    }
}

fn check_same(known: &Head, head: &Head, row: &RowView<'_>) -> Result<(), Rejection> {
    let differs = |role: Role, have: &dyn std::fmt::Display| {
        let message = format!(
            "another row of the journal says {have}: one journal, one {role} (or add {role} to \
             journals.group_by)"
        );
        Err(row.reject(role, "document_inconsistent", message))
    };
    if known.entity != head.entity {
        return differs(Role::Entity, &known.entity);
    }
    if known.date != head.date {
        return differs(Role::PostingDate, &known.date);
    }
    if known.period != head.period {
        return differs(Role::Period, &known.period);
    }
    if known.status != head.status {
        return differs(Role::Status, &known.status.as_str());
    }
    if known.currency != head.currency {
        return differs(Role::Currency, &known.currency);
    }
    Ok(())
}
