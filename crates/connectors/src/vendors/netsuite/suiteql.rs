//! The queries, as texts.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use tieout_domain::AccountCode;

use super::client::quoted;
use crate::traits::{LedgerScope, Lookup, patterns_of};

/// How times are written in queries and their answers.
pub(super) const TIME: &str = "YYYY-MM-DD HH24:MI:SS";
/// The same for chrono.
pub(super) const CHRONO_TIME: &str = "%Y-%m-%d %H:%M:%S";
/// Entries of one page at most: their rows mostly fit one answer.
pub(super) const CHUNK: usize = 200;

/// The types of records in which a document's name can stand, whatever accounts they touch: what a billing
/// connector, an integration or a person makes of documents. All of these are read.
const NAMED: [&str; 9] =
    ["Journal", "CustInvc", "CustCred", "CustPymt", "CustRfnd", "CustDep", "DepAppl", "CashSale", "CashRfnd"];

/// What an account has, as far as queries depend on it: a table or column that it lacks is not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Features {
    /// Subsidiaries (OneWorld).
    pub(super) one_world: bool,
    /// Multiple Currencies.
    pub(super) currencies: bool,
}

/// How entries are read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// What the account has.
    pub(super) features: Features,
    /// Fields of the customer's own that hold names, by their ids.
    pub(super) fields: &'a [String],
}

/// Which transactions are the population.
#[derive(Clone, Copy)]
pub(super) struct Population<'a>(pub(super) &'a LedgerScope);

impl Population<'_> {
    /// What is posted, of any type, and touches an account in scope or is of a type in which a document's
    /// name can stand. A journal that waits for approval is none of the books, and still has to be seen.
    fn condition(self) -> String {
        let posted = "(NVL(t.posting, 'F') = 'T' OR t.type = 'Journal')";
        let Some(accounts) = &self.0.accounts else { return posted.to_owned() };
        let mut of = format!("t.type IN ({})", NAMED.map(quoted).join(", "));
        if !accounts.is_empty() {
            of.push_str(&format!(
                " OR EXISTS (SELECT 1 FROM transactionaccountingline s JOIN account sa ON sa.id = s.account \
                 WHERE s.transaction = t.id AND s.accountingbook = 1 AND {})",
                accounts_in("sa", accounts)
            ));
        }
        format!("{posted} AND ({of})")
    }
}

fn accounts_in(alias: &str, accounts: &BTreeSet<AccountCode>) -> String {
    let codes: Vec<String> = accounts.iter().map(|code| quoted(code.as_str())).collect();
    format!("NVL({alias}.acctnumber, {alias}.fullname) IN ({})", codes.join(", "))
}

/// Which entries, by rising id.
pub(super) struct Span<'a> {
    /// Of these.
    pub(super) population: Population<'a>,
    /// Ids above this.
    pub(super) after: i64,
    /// Ids up to this, included.
    pub(super) last: Option<i64>,
    /// Changed at or after.
    pub(super) changed: Option<&'a str>,
    /// Created at or after.
    pub(super) created: Option<&'a str>,
}

impl Span<'_> {
    fn condition(&self) -> String {
        let mut text = format!("{} AND t.id > {}", self.population.condition(), self.after);
        if let Some(last) = self.last {
            text.push_str(&format!(" AND t.id <= {last}"));
        }
        if let Some(changed) = self.changed {
            text.push_str(&format!(" AND t.lastmodifieddate >= {}", to_date(changed)));
        }
        if let Some(created) = self.created {
            text.push_str(&format!(" AND t.createddate >= {}", to_date(created)));
        }
        text
    }
}

/// When anything of a table last changed: the account's own time, taken before a scan.
pub(super) fn newest(table: &str) -> String {
    format!("SELECT TO_CHAR(MAX(t.lastmodifieddate), '{TIME}') AS newest FROM {table} t")
}

/// Ids of the span, in order.
pub(super) fn entry_ids(span: &Span<'_>) -> String {
    format!("SELECT t.id FROM transaction t WHERE {} ORDER BY t.id ASC", span.condition())
}

/// What changed at or after a time and is none of the population (any more), above an id.
pub(super) fn outside_since(population: Population<'_>, changed: &str, after: i64) -> String {
    format!(
        "SELECT t.id FROM transaction t WHERE t.lastmodifieddate >= {} AND t.id > {after} AND NOT ({}) \
         ORDER BY t.id ASC",
        to_date(changed),
        population.condition()
    )
}

/// The entries of the span with their lines, one row per line.
pub(super) fn entries(span: &Span<'_>, reading: Reading<'_>) -> String {
    entry_rows(&span.condition(), reading)
}

/// The lines above `line` of one entry, one row per line.
pub(super) fn lines_of(entry: i64, line: i64, reading: Reading<'_>) -> String {
    entry_rows(&format!("t.id = {entry} AND tl.id > {line}"), reading)
}

/// Entries of any type, above an id, with their lines, one row per line.
pub(super) fn entries_of(entries: &[i64], after: i64, reading: Reading<'_>) -> String {
    entry_rows(&format!("t.id > {after} AND t.id IN ({})", listed(entries)), reading)
}

/// When an entry was last changed.
pub(super) fn changed_at(entry: i64) -> String {
    format!(
        "SELECT t.id, TO_CHAR(t.lastmodifieddate, '{TIME}') AS changed FROM transaction t \
         WHERE t.id = {entry} ORDER BY t.id ASC"
    )
}

/// Entries of any type above an id with one of our external ids, or with one of the names as external id,
/// number, other reference, field of the connection's list, or in their memo. `LIKE` finds too much (an
/// underscore matches anything, some accounts ignore case, a name may stand within a word): the adapter
/// compares again.
pub(super) fn entries_like(lookups: &[Lookup], after: i64, reading: Reading<'_>) -> String {
    let keys: Vec<String> = lookups.iter().map(|lookup| quoted(lookup.key.as_str())).collect();
    let mut any = format!("t.externalid IN ({})", keys.join(", "));
    let names: BTreeSet<&str> = lookups.iter().flat_map(Lookup::all_names).collect();
    for name in names {
        let exact = quoted(name);
        let columns = ["externalid", "tranid", "otherrefnum"].into_iter();
        for column in columns.chain(reading.fields.iter().map(String::as_str)) {
            any.push_str(&format!(" OR t.{column} = {exact}"));
        }
        for pattern in patterns_of(&name.replace('%', "_")) {
            any.push_str(&format!(" OR t.memo LIKE {}", quoted(&pattern)));
        }
    }
    let everything = LedgerScope::default();
    let posted = Population(&everything).condition();
    entry_rows(&format!("{posted} AND t.id > {after} AND ({any})"), reading)
}

fn entry_rows(condition: &str, reading: Reading<'_>) -> String {
    let mut columns = String::new();
    for field in reading.fields {
        columns.push_str(&format!("t.{field}, "));
    }
    if reading.features.one_world {
        columns.push_str("tl.subsidiary, ");
    }
    if reading.features.currencies {
        columns.push_str("t.currency, t.exchangerate, tl.foreignamount, ");
    }
    format!(
        "SELECT t.id, t.type, t.tranid, t.externalid, t.otherrefnum, t.memo, \
         TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, t.postingperiod, t.posting, t.approvalstatus, \
         t.voided, t.isreversal, t.entity, TO_CHAR(t.createddate, '{TIME}') AS created, \
         TO_CHAR(t.lastmodifieddate, '{TIME}') AS changed, {columns}tl.id AS line, tl.entity AS lineentity, \
         tl.memo AS linememo, tal.amount, a.accttype, NVL(a.acctnumber, a.fullname) AS account \
         FROM transaction t JOIN transactionline tl ON tl.transaction = t.id \
         JOIN transactionaccountingline tal ON tal.transaction = tl.transaction \
         AND tal.transactionline = tl.id \
         JOIN account a ON a.id = tal.account \
         WHERE tal.accountingbook = 1 AND (NVL(tal.posting, 'F') = 'T' OR NVL(t.posting, 'F') = 'F') \
         AND {condition} ORDER BY t.id ASC, tl.id ASC"
    )
}

/// The sums of what is posted on these accounts: one row per account, period and subsidiary, above an account
/// and, of that account, above a period.
pub(super) fn balances(
    accounts: &BTreeSet<AccountCode>,
    (account, period): (i64, i64),
    features: Features,
) -> String {
    let subsidiary = if features.one_world { ", tl.subsidiary" } else { "" };
    let order = if features.one_world { ", tl.subsidiary ASC" } else { "" };
    format!(
        "SELECT tal.account AS id, t.postingperiod AS period{subsidiary}, \
         NVL(a.acctnumber, a.fullname) AS account, SUM(NVL(tal.debit, 0)) AS debits, \
         SUM(NVL(tal.credit, 0)) AS credits \
         FROM transactionaccountingline tal JOIN transactionline tl ON tl.transaction = tal.transaction \
         AND tl.id = tal.transactionline JOIN transaction t ON t.id = tal.transaction \
         JOIN account a ON a.id = tal.account \
         WHERE tal.accountingbook = 1 AND tal.posting = 'T' AND t.posting = 'T' AND {} \
         AND (tal.account > {account} OR (tal.account = {account} AND t.postingperiod > {period})) \
         GROUP BY tal.account, t.postingperiod{subsidiary}, NVL(a.acctnumber, a.fullname) \
         ORDER BY tal.account ASC, t.postingperiod ASC{order}",
        accounts_in("a", accounts)
    )
}

/// What the entries of these ids reverse, above an id.
pub(super) fn reversed_by(ids: &[i64], after: i64) -> String {
    format!(
        "SELECT t.id, t.reversal FROM transaction t WHERE t.id > {after} AND t.reversal IN ({}) \
         ORDER BY t.id ASC",
        listed(ids)
    )
}

/// The records, of whatever kind, that were deleted at or after a time, above an id.
pub(super) fn deleted_since(time: &str, after: i64) -> String {
    format!(
        "SELECT d.recordid AS id FROM deletedrecord d WHERE d.deleteddate >= {} AND d.recordid > {after} \
         ORDER BY d.recordid ASC",
        to_date(time)
    )
}

/// Those of these ids that are transactions of any kind.
pub(super) fn standing(ids: &[i64]) -> String {
    format!("SELECT t.id FROM transaction t WHERE t.id IN ({}) ORDER BY t.id ASC", listed(ids))
}

fn listed(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// Customers above an id.
pub(super) fn customers(after: i64, changed: Option<&str>) -> String {
    let changed =
        changed.map_or(String::new(), |from| format!(" AND t.lastmodifieddate >= {}", to_date(from)));
    format!(
        "SELECT t.id, t.externalid, t.entityid, t.companyname, t.altname FROM customer t \
         WHERE t.id > {after}{changed} ORDER BY t.id ASC"
    )
}

/// Accounting periods above an id that are neither quarters nor years; those that hold `date` where one is
/// given.
pub(super) fn periods(dates: &[NaiveDate], after: i64) -> String {
    let holds = |date: &NaiveDate| {
        let day = format!("TO_DATE('{date}', 'YYYY-MM-DD')");
        format!("(p.startdate <= {day} AND p.enddate >= {day})")
    };
    let holding = match dates {
        [] => String::new(),
        some => format!(" AND ({})", some.iter().map(holds).collect::<Vec<_>>().join(" OR ")),
    };
    format!(
        "SELECT p.id, p.periodname, p.closed, p.alllocked, p.arlocked, p.aplocked, p.isadjust, \
         TO_CHAR(p.startdate, 'YYYY-MM-DD') AS starts, TO_CHAR(p.enddate, 'YYYY-MM-DD') AS ends, \
         TO_CHAR(p.closedondate, '{TIME}') AS closedon FROM accountingperiod p \
         WHERE p.isyear = 'F' AND p.isquarter = 'F' AND p.id > {after}{holding} ORDER BY p.id ASC"
    )
}

/// The chart of accounts above an id, by the field that has names without numbers and without the parents'
/// names.
pub(super) fn accounts(after: i64) -> String {
    format!(
        "SELECT a.id, NVL(a.acctnumber, a.fullname) AS account, \
         NVL(a.accountsearchdisplaynamecopy, a.fullname) AS name, a.accttype, a.isinactive \
         FROM account a WHERE a.id > {after} ORDER BY a.id ASC"
    )
}

/// Whether lines have subsidiaries, where the list of them cannot be seen: fails where they have none.
pub(super) fn any_subsidiary() -> String {
    "SELECT tl.id, tl.subsidiary FROM transactionline tl WHERE tl.transaction = 0 ORDER BY tl.id ASC"
        .to_owned()
}

/// Whether transactions have currencies, where the list of them cannot be seen: fails where they have none.
pub(super) fn any_currency() -> String {
    "SELECT t.id, t.currency FROM transaction t WHERE t.id = 0 ORDER BY t.id ASC".to_owned()
}

/// The newest journal.
pub(super) fn newest_journal() -> String {
    "SELECT MAX(t.id) AS id FROM transaction t WHERE t.type = 'Journal'".to_owned()
}

/// Currencies above an id.
pub(super) fn currencies(after: i64) -> String {
    format!("SELECT c.id, c.symbol FROM currency c WHERE c.id > {after} ORDER BY c.id ASC")
}

/// Subsidiaries above an id, with their names and their currencies' symbols.
pub(super) fn subsidiaries(after: i64, currencies: bool) -> String {
    if !currencies {
        return format!("SELECT s.id, s.name FROM subsidiary s WHERE s.id > {after} ORDER BY s.id ASC");
    }
    format!(
        "SELECT s.id, s.name, c.symbol FROM subsidiary s JOIN currency c ON c.id = s.currency \
         WHERE s.id > {after} ORDER BY s.id ASC"
    )
}

/// The customer with this external id.
pub(super) fn customers_of(externals: &[String], after: i64) -> String {
    let quoted: Vec<String> = externals.iter().map(|external| quoted(external)).collect();
    format!(
        "SELECT t.id, t.externalid FROM customer t WHERE t.id > {after} AND t.externalid IN ({}) \
         ORDER BY t.id ASC",
        quoted.join(", ")
    )
}

fn to_date(time: &str) -> String {
    format!("TO_DATE({}, '{TIME}')", quoted(time))
}

/// Ten minutes before a time as queries write it: a change may become visible a little after its own time.
pub(super) fn with_overlap(time: &str) -> Option<String> {
    let time = NaiveDateTime::parse_from_str(time, CHRONO_TIME).ok()?;
    Some((time - chrono::Duration::minutes(10)).format(CHRONO_TIME).to_string())
}
