//! Tables `house_cutover`, `house_tolerance`, `house_rule`, `house_rule_account`, `house_clearing` and
//! `role_account`: what the mapping in force says that detection and the tie-out go by, taken over as it is.

use chrono::NaiveDate;
use rusqlite::params;
use tieout_domain::{AccountCode, Currency, EntityCode, mapping::AccountRange};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::stored_enum,
    table::schedule,
};

/// `kinds` and `customers` stand between commas; empty ones ask for nothing.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 7,
        sql: "CREATE TABLE house_cutover (entity TEXT PRIMARY KEY, books_from TEXT NOT NULL) WITHOUT ROWID;
          CREATE TABLE house_tolerance (entity TEXT NOT NULL, currency TEXT NOT NULL, minor INTEGER NOT NULL,
            PRIMARY KEY (entity, currency)) WITHOUT ROWID;
          CREATE TABLE house_rule (seq INTEGER PRIMARY KEY, what TEXT NOT NULL, name TEXT NOT NULL UNIQUE,
            category TEXT, connection TEXT, entity TEXT, kinds TEXT NOT NULL, begins_with TEXT,
            customers TEXT NOT NULL);
          CREATE TABLE house_rule_account (rule_seq INTEGER NOT NULL, from_code TEXT NOT NULL,
            to_code TEXT NOT NULL, PRIMARY KEY (rule_seq, from_code, to_code)) WITHOUT ROWID;
          CREATE TABLE role_account (entity TEXT NOT NULL, from_code TEXT NOT NULL, to_code TEXT NOT NULL,
            account TEXT NOT NULL, PRIMARY KEY (entity, from_code, to_code)) WITHOUT ROWID;",
    },
    Migration {
        version: 8,
        sql: "CREATE TABLE house_clearing (entity TEXT NOT NULL, account TEXT NOT NULL,
                PRIMARY KEY (entity, account)) WITHOUT ROWID;",
    },
];

stored_enum! {
    /// Why an entry that no document explains is no exception.
    Apart {
        /// A signed note explains it.
        Noted => "noted",
        /// It is none of this billing's business, by a rule.
        NotOurs => "not_ours",
        /// A rule explains it.
        Explained => "explained",
        /// It was booked before the entity's books began here.
        Before => "before",
        /// It books an opening item after the cutover.
        Opening => "opening",
        /// It releases deferred revenue, and is held against the schedules.
        Released => "released",
    }
}

/// A rule about entries that no document explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseRule {
    /// What it says of them.
    pub what: Apart,
    /// Its name, unique.
    pub name: String,
    /// Under what it explains them.
    pub category: Option<String>,
    /// Only entries of the connection of this name.
    pub connection: Option<String>,
    /// Only entries of this entity.
    pub entity: Option<EntityCode>,
    /// Only entries of these kinds, by their names; empty for all.
    pub kinds: Vec<String>,
    /// Only entries whose reference, number, external id or text begins so.
    pub begins_with: Option<String>,
    /// Only entries of these customers, by the ERP's id; empty for all.
    pub customers: Vec<String>,
    /// Only entries with a line on one of these accounts; empty for all.
    pub accounts: Vec<AccountRange>,
}

/// What the mapping in force says that detection and the tie-out go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HouseRules {
    /// From which day on an entity's books are kept here.
    pub cutovers: Vec<(EntityCode, NaiveDate)>,
    /// Up to which difference an amount of an entity is taken as equal, minor units.
    pub tolerances: Vec<(EntityCode, Currency, i64)>,
    /// Clearing accounts of entities that are judged: what stands there must be the processor's balance.
    pub clearing: Vec<(EntityCode, AccountCode)>,
    /// Deferred revenue accounts that are held against schedules.
    pub schedules: Vec<(EntityCode, AccountCode)>,
    /// Rules about entries, in the order in which they are asked.
    pub rules: Vec<HouseRule>,
    /// Accounts of an entity that stand for another one: the further ones of a role for its first.
    pub roles: Vec<(EntityCode, AccountRange, AccountCode)>,
}

/// Everything that is kept, as texts in an order, to see whether it changes.
fn texts(db: &Db) -> Result<Vec<String>> {
    let sql = "SELECT 'c ' || entity || ' ' || books_from AS line FROM house_cutover
        UNION ALL SELECT 't ' || entity || ' ' || currency || ' ' || minor FROM house_tolerance
        UNION ALL SELECT 'r ' || entity || ' ' || from_code || ' ' || to_code || ' ' || account
            FROM role_account
        UNION ALL SELECT 'e ' || r.seq || ' ' || r.what || ' ' || r.name || ' ' || coalesce(r.category, '-')
            || ' ' || coalesce(r.connection, '-') || ' ' || coalesce(r.entity, '-') || ' ' || r.kinds || ' '
            || coalesce(r.begins_with, '-') || ' ' || r.customers FROM house_rule r
        UNION ALL SELECT 'k ' || entity || ' ' || account FROM house_clearing
        UNION ALL SELECT 's ' || entity || ' ' || account FROM house_schedule
        UNION ALL SELECT 'a ' || rule_seq || ' ' || from_code || ' ' || to_code FROM house_rule_account
        ORDER BY line";
    Ok(db.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Takes the rules over; true where anything changed.
pub(crate) fn keep(tx: &Tx<'_>, rules: &HouseRules) -> Result<bool> {
    let before = texts(tx)?;
    if before.is_empty() && *rules == HouseRules::default() {
        return Ok(false);
    }
    tx.execute_batch(
        "DELETE FROM house_cutover; DELETE FROM house_tolerance; DELETE FROM house_rule_account;
         DELETE FROM house_rule; DELETE FROM role_account; DELETE FROM house_clearing;",
    )?;
    for (entity, day) in &rules.cutovers {
        tx.execute(
            "INSERT INTO house_cutover (entity, books_from) VALUES (?1, ?2)",
            params![entity.as_str(), day.to_string()],
        )?;
    }
    for (entity, currency, minor) in &rules.tolerances {
        tx.execute(
            "INSERT INTO house_tolerance (entity, currency, minor) VALUES (?1, ?2, ?3)",
            params![entity.as_str(), currency.code(), minor],
        )?;
    }
    schedule::keep_accounts(tx, &rules.schedules)?;
    for (entity, account) in &rules.clearing {
        tx.execute(
            "INSERT INTO house_clearing (entity, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![entity.as_str(), account.as_str()],
        )?;
    }
    for (entity, range, account) in &rules.roles {
        tx.execute(
            "INSERT INTO role_account (entity, from_code, to_code, account) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
            params![entity.as_str(), range.from().as_str(), range.to().as_str(), account.as_str()],
        )?;
    }
    for (rule, seq) in rules.rules.iter().zip(1_i64..) {
        insert_rule(tx, rule, seq)?;
    }
    Ok(texts(tx)? != before)
}

fn insert_rule(tx: &Tx<'_>, rule: &HouseRule, seq: i64) -> Result<()> {
    let between_commas = |all: &[String]| match all {
        [] => String::new(),
        all => format!(",{},", all.join(",")),
    };
    tx.execute(
        "INSERT INTO house_rule (seq, what, name, category, connection, entity, kinds, begins_with, customers)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            seq,
            rule.what.as_str(),
            rule.name,
            rule.category,
            rule.connection,
            rule.entity.as_ref().map(EntityCode::as_str),
            between_commas(&rule.kinds),
            rule.begins_with,
            between_commas(&rule.customers),
        ],
    )?;
    for range in &rule.accounts {
        tx.execute(
            "INSERT INTO house_rule_account (rule_seq, from_code, to_code) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
            params![seq, range.from().as_str(), range.to().as_str()],
        )?;
    }
    Ok(())
}

/// True where further accounts of a role stand for its first.
pub(crate) fn has_roles(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM role_account)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The lines of entries (`$lines`: `main.entry_line k`, with what comes before it), each on the account that
/// it stands for.
macro_rules! lines_by_role {
    ($lines:literal) => {
        concat!(
            "SELECT k.entry_seq, k.line_no, coalesce((
                SELECT r.account FROM role_account r
                WHERE r.entity = e.entity AND length(r.from_code) = length(k.account)
                    AND k.account BETWEEN r.from_code AND r.to_code
                ORDER BY r.from_code LIMIT 1), k.account) AS account,
            k.transaction_minor, k.functional_minor, k.memo
        FROM ",
            $lines,
            " JOIN main.entry e ON e.seq = k.entry_seq"
        )
    };
}
pub(crate) use lines_by_role;

/// Those of all entries: a common table expression in the place of the table.
pub(crate) const LINES_BY_ROLE: &str = concat!("entry_line AS (", lines_by_role!("main.entry_line k"), ")");

/// A statement without common table expressions of its own, over lines by role where there are such.
pub(crate) fn by_role(db: &Db, sql: &str) -> Result<String> {
    Ok(if has_roles(db)? { format!("WITH {LINES_BY_ROLE} {sql}") } else { sql.to_owned() })
}
