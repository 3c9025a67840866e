//! Documents that could be booked together: those of a day, of a customer, of a payout, by what they come to.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use tieout_domain::Currency;

use super::pool::{self, UnmatchedDocument, UnmatchedEntry};
use crate::{
    db::Db,
    error::Result,
    sql::{Where, text},
    table::matching::MatchRule,
};

/// More than so many documents are no deposit that a person could look through.
const MOST: i64 = 500;

/// Documents of one day, customer or payout on one account, and how they are found again.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub rule: MatchRule,
    /// The day, the customer or the payout, as people call it.
    pub called: String,
    conditions: Vec<(&'static str, Value)>,
}

/// The groups of an entity, currency and account, by their sum.
pub(super) type Groups = BTreeMap<(String, Currency, String), BTreeMap<i64, Vec<Group>>>;

/// What stands for the sort of a document: money goes with money, invoices with credit notes.
const SORT: &str = "CASE WHEN d.kind IN ('invoice', 'credit_note') THEN 'sales'
    WHEN d.kind IN ('payment', 'refund', 'dispute') THEN 'money' ELSE d.kind END";

const BY_DAY: &str = "SELECT u.entity, u.currency, u.account, sum(u.minor) AS minor, u.day AS called,
        u.day AS one, {SORT} AS other
    FROM unmatched_document u JOIN document d ON d.seq = u.document_seq
    GROUP BY u.entity, u.currency, u.account, u.day, 7 HAVING count(*) BETWEEN 2 AND ?1";

const BY_CUSTOMER: &str = "SELECT u.entity, u.currency, u.account, sum(u.minor) AS minor,
        coalesce((SELECT k.name FROM customer k
            WHERE k.connection_seq = d.connection_seq AND k.external_id = d.customer), d.customer) AS called,
        d.customer AS one, d.connection_seq AS other
    FROM unmatched_document u JOIN document d ON d.seq = u.document_seq
    WHERE d.customer IS NOT NULL
    GROUP BY u.entity, u.currency, u.account, d.customer, d.connection_seq
    HAVING count(*) BETWEEN 2 AND ?1";

/// Every group of documents that nothing ties.
pub(super) fn all(db: &Db) -> Result<Groups> {
    let mut groups = Groups::new();
    let by_day = BY_DAY.replace("{SORT}", SORT);
    for (rule, sql) in [(MatchRule::Customer, BY_CUSTOMER), (MatchRule::Day, by_day.as_str())] {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([MOST])?;
        while let Some(row) = rows.next()? {
            let place = (row.get("entity")?, text(row, "currency")?, row.get("account")?);
            let (one, other): (Value, Value) = (row.get("one")?, row.get("other")?);
            let conditions = match rule {
                MatchRule::Customer => vec![("d.customer = ?", one), ("d.connection_seq = ?", other)],
                _ => vec![("u.day = ?", one), (OF_SORT, other)],
            };
            let group = Group { rule, called: row.get("called")?, conditions };
            groups.entry(place).or_default().entry(row.get("minor")?).or_default().push(group);
        }
    }
    Ok(groups)
}

const OF_SORT: &str = "CASE WHEN d.kind IN ('invoice', 'credit_note') THEN 'sales'
    WHEN d.kind IN ('payment', 'refund', 'dispute') THEN 'money' ELSE d.kind END = ?";

/// The documents of a group on the entry's account.
pub(super) fn members(db: &Db, group: &Group, entry: &UnmatchedEntry) -> Result<Vec<UnmatchedDocument>> {
    let mut wanted = Where::default();
    wanted.and("u.entity = ?", entry.entity.clone());
    wanted.and("u.currency = ?", entry.currency.code().to_owned());
    wanted.and("u.account = ?", entry.account.clone());
    for (part, value) in &group.conditions {
        wanted.and(part, value.clone());
    }
    pool::documents(db, &wanted, "u.day", (0, u32::try_from(MOST).unwrap_or(u32::MAX)))
}
