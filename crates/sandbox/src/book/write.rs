//! How entries, approvals and customers get into the book.

use rusqlite::{OptionalExtension, TransactionBehavior, params};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::schema::stamp_date;
use super::{Approval, BookError, Inner, NewCustomer, NewEntry, NewLine, PeriodRule, Record, RecordFacts};

/// The type of accounts that a receivables lock protects.
const RECEIVABLE: &str = "AcctRec";

/// Currency id and its number of decimals.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    currency: i64,
    pub(super) exponent: u32,
}

/// An entry after all checks but the period's, ready to be written.
pub(super) struct Checked<'a> {
    entry: &'a NewEntry,
    unit: Unit,
    pub(super) functional_unit: Unit,
    rate: Decimal,
    /// Per line, functional minor units.
    pub(super) functional: Vec<i64>,
    pub(super) touches_ar: bool,
}

/// When an entry was made, and in which period it is; both are given for seeded history.
pub(super) struct Place {
    pub(super) period: i64,
    /// Stamp.
    pub(super) created: String,
}

impl Inner {
    pub(super) fn commit(&mut self, entry: &NewEntry, rule: PeriodRule) -> Result<i64, BookError> {
        let checked = self.check(entry)?;
        self.refuse_duplicate("b_entry", entry.external_id.as_deref())?;
        let period = self.period_for(entry.date, entry.period, checked.touches_ar, rule)?;
        let place = Place { period, created: self.change_time() };
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = insert(&transaction, &checked, &place)?;
        transaction.commit()?;
        self.version += 1;
        self.keep_entry(id)?;
        Ok(id)
    }

    /// Writes history: no period check, no record, one transaction for all.
    pub(super) fn seed(
        &mut self,
        entries: impl Iterator<Item = Result<(NewEntry, Place, Option<RecordFacts>), BookError>>,
    ) -> Result<(), BookError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut entries = entries;
        let done = entries.try_for_each(|made| {
            let (entry, place, facts) = made?;
            self.saw(&place.created);
            let checked = self.check(&entry)?;
            let id = insert(&self.connection, &checked, &place)?;
            facts.map_or(Ok(()), |facts| self.describe(id, &facts))
        });
        self.connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        self.version += 1;
        done
    }

    /// As [`Inner::check`], of lines that were checked: in their sum they need not balance.
    pub(super) fn unbalanced<'a>(&self, entry: &'a NewEntry) -> Result<Checked<'a>, BookError> {
        let base: i64 = self
            .lookup("SELECT currency FROM b_subsidiary WHERE id = ?", entry.subsidiary)?
            .ok_or_else(|| BookError::unknown("subsidiary", entry.subsidiary))?;
        let functional_unit = self.unit(base)?;
        let unit = self.unit(entry.currency.unwrap_or(base))?;
        let rate = self.rate(entry.rate, unit, functional_unit)?;
        let functional = entry.lines.iter().map(|line| line.functional.unwrap_or_default()).collect();
        Ok(Checked { entry, unit, functional_unit, rate, functional, touches_ar: false })
    }

    pub(super) fn check<'a>(&self, entry: &'a NewEntry) -> Result<Checked<'a>, BookError> {
        let base: i64 = self
            .lookup("SELECT currency FROM b_subsidiary WHERE id = ?", entry.subsidiary)?
            .ok_or_else(|| BookError::unknown("subsidiary", entry.subsidiary))?;
        let functional_unit = self.unit(base)?;
        let unit = self.unit(entry.currency.unwrap_or(base))?;
        let rate = self.rate(entry.rate, unit, functional_unit)?;
        let mut touches_ar = false;
        for line in &entry.lines {
            let kind: String = self
                .lookup("SELECT type FROM b_account WHERE id = ?", line.account)?
                .ok_or_else(|| BookError::unknown("account", line.account))?;
            touches_ar |= kind == RECEIVABLE;
            if let Some(entity) = line.entity {
                self.lookup::<i64>("SELECT id FROM b_customer WHERE id = ?", entity)?
                    .ok_or_else(|| BookError::unknown("entity", entity))?;
            }
        }
        if entry.lines.len() < 2 {
            return Err(BookError::TooFewLines);
        }
        balanced(entry.lines.iter().map(|line| line.amount))?;
        let functional = functional(&entry.lines, unit, functional_unit, rate)?;
        balanced(functional.iter().copied())?;
        Ok(Checked { entry, unit, functional_unit, rate, functional, touches_ar })
    }

    fn unit(&self, currency: i64) -> Result<Unit, BookError> {
        let exponent = self
            .lookup("SELECT exponent FROM b_currency WHERE id = ?", currency)?
            .ok_or_else(|| BookError::unknown("currency", currency))?;
        Ok(Unit { currency, exponent })
    }

    fn rate(&self, given: Option<Decimal>, from: Unit, to: Unit) -> Result<Decimal, BookError> {
        if from.currency == to.currency {
            return match given {
                Some(rate) if rate != Decimal::ONE => {
                    Err(BookError::BadAmount(format!("rate {rate} within one currency")))
                }
                Some(_) | None => Ok(Decimal::ONE),
            };
        }
        if let Some(rate) = given {
            return if rate > Decimal::ZERO {
                Ok(rate)
            } else {
                Err(BookError::BadAmount(format!("rate {rate}")))
            };
        }
        let text: Option<String> = self
            .connection
            .query_row(
                "SELECT rate FROM b_rate WHERE source = ? AND target = ?",
                params![from.currency, to.currency],
                |row| row.get(0),
            )
            .optional()?;
        text.and_then(|text| text.parse().ok())
            .ok_or_else(|| BookError::BadAmount(format!("no rate from {} to {}", from.currency, to.currency)))
    }

    fn lookup<T: rusqlite::types::FromSql>(&self, sql: &str, id: i64) -> Result<Option<T>, BookError> {
        Ok(self.connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?)
    }

    pub(super) fn refuse_duplicate(&self, table: &str, external: Option<&str>) -> Result<(), BookError> {
        let Some(external) = external else { return Ok(()) };
        let sql = format!("SELECT 1 FROM {table} WHERE external = ?");
        if self.connection.prepare_cached(&sql)?.exists([external])? {
            return Err(BookError::DuplicateExternalId(external.to_owned()));
        }
        Ok(())
    }

    pub(super) fn set_approval(&mut self, id: i64, approval: Approval) -> Result<(), BookError> {
        let now = self.change_time();
        let found: Option<(i64, i64, bool)> = self
            .connection
            .query_row(
                "SELECT approval, period, EXISTS (SELECT 1 FROM b_line l JOIN b_account a ON a.id = l.account
                 WHERE l.entry = e.id AND a.type = ?) FROM b_entry e WHERE id = ?",
                params![RECEIVABLE, id],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let (current, period, touches_ar) = found.ok_or_else(|| BookError::unknown("journalEntry", id))?;
        if current == i64::from(approval.id()) {
            return Ok(());
        }
        if current == i64::from(Approval::Approved.id()) {
            return Err(BookError::AlreadyApproved);
        }
        if approval == Approval::Approved && !self.is_open(period, touches_ar)? {
            return Err(BookError::PeriodClosed);
        }
        self.connection.execute(
            "UPDATE b_entry SET approval = ?, modified = ? WHERE id = ?",
            params![approval.id(), now, id],
        )?;
        self.version += 1;
        self.keep(&Record::Approval { id, approval: approval.id() })
    }

    pub(super) fn delete_entry(&mut self, id: i64) -> Result<(), BookError> {
        let found: Option<(i64, bool)> = self
            .connection
            .query_row(
                "SELECT period, EXISTS (SELECT 1 FROM b_line l JOIN b_account a ON a.id = l.account
                 WHERE l.entry = e.id AND a.type = ?) FROM b_entry e WHERE id = ?",
                params![RECEIVABLE, id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let (period, touches_ar) = found.ok_or_else(|| BookError::unknown("journalEntry", id))?;
        if !self.is_open(period, touches_ar)? {
            return Err(BookError::PeriodClosed);
        }
        let now = self.change_time();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE b_entry SET reversed_by = NULL, reversal_date = NULL, modified = ?2
             WHERE reversed_by = ?1",
            params![id, now],
        )?;
        transaction.execute(
            "UPDATE b_entry SET reverses = NULL, modified = ?2 WHERE reverses = ?1",
            params![id, now],
        )?;
        transaction.execute("DELETE FROM b_line WHERE entry = ?", [id])?;
        transaction.execute("DELETE FROM b_entry WHERE id = ?", [id])?;
        transaction.commit()?;
        self.note_deleted("journalentry", id, &format!("Journal #JE{id}"))?;
        self.keep(&Record::Deleted { id })
    }

    pub(super) fn note_deleted(&mut self, kind: &str, id: i64, name: &str) -> Result<(), BookError> {
        let now = self.change_time();
        self.connection.execute(
            "INSERT INTO b_deleted(id, type, name, at) VALUES (?, ?, ?, ?)",
            params![id, kind, name, now],
        )?;
        self.version += 1;
        Ok(())
    }

    pub(super) fn describe(&mut self, id: i64, facts: &RecordFacts) -> Result<(), BookError> {
        self.connection
            .prepare_cached(
                "UPDATE b_entry SET kind = ?2, number = ?3, other_reference = ?4, customer = ?5,
                 billing_id = ?6
                 WHERE id = ?1",
            )?
            .execute(params![
                id,
                facts.kind,
                facts.number,
                facts.other_reference,
                facts.customer,
                facts.billing_id
            ])?;
        self.version += 1;
        Ok(())
    }

    pub(super) fn add_customer(&mut self, customer: &NewCustomer) -> Result<i64, BookError> {
        let now = self.change_time();
        self.lookup::<i64>("SELECT id FROM b_subsidiary WHERE id = ?", customer.subsidiary)?
            .ok_or_else(|| BookError::unknown("subsidiary", customer.subsidiary))?;
        self.refuse_duplicate("b_customer", customer.external_id.as_deref())?;
        self.insert_customer(customer, &now)
    }

    /// `created`: a stamp.
    pub(super) fn insert_customer(
        &mut self,
        customer: &NewCustomer,
        created: &str,
    ) -> Result<i64, BookError> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO b_customer(external, name, email, subsidiary, created, modified)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        )?;
        let external = &customer.external_id;
        statement.execute(params![external, customer.name, customer.email, customer.subsidiary, created])?;
        self.version += 1;
        Ok(self.connection.last_insert_rowid())
    }
}

pub(super) fn balanced(amounts: impl Iterator<Item = i64>) -> Result<(), BookError> {
    match amounts.map(i128::from).sum::<i128>() {
        0 => Ok(()),
        difference => Err(BookError::Unbalanced(difference)),
    }
}

/// Functional amounts per line. Converted amounts are rounded half away from zero, each by itself; what then
/// misses to balance goes onto the line with the largest amount (NetSuite books it as a rounding difference).
fn functional(lines: &[NewLine], unit: Unit, target: Unit, rate: Decimal) -> Result<Vec<i64>, BookError> {
    if lines.iter().any(|line| line.functional.is_some()) {
        let given = lines.iter().map(|line| line.functional);
        return given
            .map(|amount| {
                amount.ok_or_else(|| BookError::BadAmount("functional amounts on some lines only".into()))
            })
            .collect();
    }
    if unit.currency == target.currency {
        return Ok(lines.iter().map(|line| line.amount).collect());
    }
    let mut amounts = Vec::with_capacity(lines.len());
    for line in lines {
        let converted = Decimal::new(line.amount, unit.exponent)
            .checked_mul(rate)
            .and_then(|major| major.checked_mul(Decimal::from(10_i64.pow(target.exponent))))
            .map(|minor| minor.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
            .and_then(|minor| minor.to_i64())
            .ok_or_else(|| BookError::BadAmount(format!("{} at rate {rate}", line.amount)))?;
        amounts.push(converted);
    }
    let rest: i64 = amounts.iter().sum();
    if let Some(largest) = amounts.iter_mut().max_by_key(|amount| amount.unsigned_abs()) {
        *largest -= rest;
    }
    Ok(amounts)
}

pub(super) fn insert(
    sql: &rusqlite::Connection,
    checked: &Checked<'_>,
    place: &Place,
) -> Result<i64, BookError> {
    let entry = checked.entry;
    let reference = entry.memo.split_whitespace().next().unwrap_or_default();
    sql.prepare_cached(
        "INSERT INTO b_entry(external, subsidiary, date, period, approval, memo, reference, currency,
        rate, created,
         modified, reverses) VALUES (?1, ?2, ?3, ?4, ?5, NULLIF(?6, ''), ?7, ?8, ?9, ?10, ?10, ?11)",
    )?
    .execute(params![
        entry.external_id,
        entry.subsidiary,
        stamp_date(entry.date),
        place.period,
        entry.approval.id(),
        entry.memo,
        reference,
        checked.unit.currency,
        checked.rate.normalize().to_string(),
        place.created,
        entry.reverses,
    ])?;
    let id = sql.last_insert_rowid();
    if let Some(reversed) = entry.reverses {
        let changed = sql.execute(
            "UPDATE b_entry SET reversed_by = ?, reversal_date = ?, modified = MAX(modified, ?) WHERE id = ?",
            params![id, stamp_date(entry.date), place.created, reversed],
        )?;
        if changed == 0 {
            return Err(BookError::unknown("journalEntry", reversed));
        }
    }
    let mut statement = sql.prepare_cached(
        "INSERT INTO b_line(entry, seq, account, subsidiary, entity, memo, func, func_exp, txn, txn_exp)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for (seq, (line, functional)) in (0_i64..).zip(entry.lines.iter().zip(&checked.functional)) {
        statement.execute(params![
            id,
            seq,
            line.account,
            entry.subsidiary,
            line.entity,
            line.memo,
            functional,
            checked.functional_unit.exponent,
            line.amount,
            checked.unit.exponent,
        ])?;
    }
    Ok(id)
}
