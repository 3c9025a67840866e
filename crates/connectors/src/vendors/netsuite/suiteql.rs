//! The queries, as texts.

use chrono::{NaiveDate, NaiveDateTime};

use super::client::quoted;

/// How times are written in queries and their answers.
pub(super) const TIME: &str = "YYYY-MM-DD HH24:MI:SS";
/// The same for chrono.
pub(super) const CHRONO_TIME: &str = "%Y-%m-%d %H:%M:%S";
/// Entries of one page at most: their rows mostly fit one answer.
pub(super) const CHUNK: usize = 200;

/// Which entries (only journals), by rising id.
pub(super) struct Span<'a> {
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
        let mut text = format!("t.type = 'Journal' AND t.id > {}", self.after);
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

/// When a journal last changed: the account's own time, taken before a scan.
pub(super) fn newest(table: &str) -> String {
    let only = if table == "transaction" { " WHERE t.type = 'Journal'" } else { "" };
    format!("SELECT TO_CHAR(MAX(t.lastmodifieddate), '{TIME}') AS newest FROM {table} t{only}")
}

/// Ids of the span, in order.
pub(super) fn entry_ids(span: &Span<'_>) -> String {
    format!("SELECT t.id FROM transaction t WHERE {} ORDER BY t.id ASC", span.condition())
}

/// The entries of the span with their lines, one row per line.
pub(super) fn entries(span: &Span<'_>) -> String {
    entry_rows(&span.condition())
}

/// The lines above `line` of one entry, one row per line.
pub(super) fn lines_of(entry: i64, line: i64) -> String {
    entry_rows(&format!("t.id = {entry} AND tl.id > {line}"))
}

/// When an entry was last changed.
pub(super) fn changed_at(entry: i64) -> String {
    format!(
        "SELECT t.id, TO_CHAR(t.lastmodifieddate, '{TIME}') AS changed FROM transaction t \
         WHERE t.id = {entry} ORDER BY t.id ASC"
    )
}

/// Entries above an id with our external id, or whose memo starts with one of the names. `LIKE` finds too
/// much (an underscore matches anything, some accounts ignore case): the adapter compares again.
pub(super) fn entries_like<'a>(key: &str, names: impl Iterator<Item = &'a str>, after: i64) -> String {
    let mut any = format!("t.externalid = {}", quoted(key));
    for name in names {
        let start = quoted(&format!("{} %", name.replace('%', "_")));
        any.push_str(&format!(" OR t.memo = {} OR t.memo LIKE {start}", quoted(name)));
    }
    entry_rows(&format!("t.type = 'Journal' AND t.id > {after} AND ({any})"))
}

fn entry_rows(condition: &str) -> String {
    format!(
        "SELECT t.id, t.tranid, t.externalid, t.memo, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, \
         t.postingperiod, t.posting, t.approvalstatus, t.voided, t.isreversal, t.currency, t.exchangerate, \
         TO_CHAR(t.createddate, '{TIME}') AS created, TO_CHAR(t.lastmodifieddate, '{TIME}') AS changed, \
         tl.id AS line, tl.subsidiary, tl.memo AS linememo, tl.foreignamount, tal.amount, \
         NVL(a.acctnumber, a.fullname) AS account \
         FROM transaction t JOIN transactionline tl ON tl.transaction = t.id \
         JOIN transactionaccountingline tal ON tal.transaction = tl.transaction \
         AND tal.transactionline = tl.id \
         JOIN account a ON a.id = tal.account \
         WHERE tal.accountingbook = 1 AND {condition} ORDER BY t.id ASC, tl.id ASC"
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
pub(super) fn periods(date: Option<NaiveDate>, after: i64) -> String {
    let holding = date.map_or(String::new(), |date| {
        let day = format!("TO_DATE('{date}', 'YYYY-MM-DD')");
        format!(" AND p.startdate <= {day} AND p.enddate >= {day}")
    });
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

/// Currencies above an id.
pub(super) fn currencies(after: i64) -> String {
    format!("SELECT c.id, c.symbol FROM currency c WHERE c.id > {after} ORDER BY c.id ASC")
}

/// Subsidiaries above an id, with their names and their currencies' symbols.
pub(super) fn subsidiaries(after: i64) -> String {
    format!(
        "SELECT s.id, s.name, c.symbol FROM subsidiary s JOIN currency c ON c.id = s.currency \
         WHERE s.id > {after} ORDER BY s.id ASC"
    )
}

/// The customer with this external id.
pub(super) fn customer_of(external: &str) -> String {
    format!("SELECT t.id FROM customer t WHERE t.externalid = {} ORDER BY t.id ASC", quoted(external))
}

fn to_date(time: &str) -> String {
    format!("TO_DATE({}, '{TIME}')", quoted(time))
}

/// Ten minutes before a time as queries write it: a change may become visible a little after its own time.
pub(super) fn with_overlap(time: &str) -> Option<String> {
    let time = NaiveDateTime::parse_from_str(time, CHRONO_TIME).ok()?;
    Some((time - chrono::Duration::minutes(10)).format(CHRONO_TIME).to_string())
}
