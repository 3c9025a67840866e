//! The book's tables (exact integers), and the views by which NetSuite's dialect reads them.
//!
//! Dates and instants are text `<mark>YYYY-MM-DD HH:MM:SS` (UTC). The mark is a control character that no
//! other text of the book can hold; it lets the answer of a query tell a date from a text, through any
//! expression.

use chrono::{DateTime, NaiveDate, Utc};

/// First character of every date in the book's tables.
pub const DATE_MARK: char = '\u{1}';

/// An instant as the book stores it, to the second.
#[must_use]
pub fn stamp(instant: DateTime<Utc>) -> String {
    format!("{DATE_MARK}{}", instant.format("%Y-%m-%d %H:%M:%S"))
}

/// A date as the book stores it.
#[must_use]
pub fn stamp_date(date: NaiveDate) -> String {
    format!("{DATE_MARK}{date} 00:00:00")
}

/// The text of a stored date or instant without its mark.
#[must_use]
pub fn unmarked(stored: &str) -> &str {
    stored.strip_prefix(DATE_MARK).unwrap_or(stored)
}

/// The tables. Amounts are signed minor units, debit positive; `*_exp` is the currency's number of decimals,
/// kept on the line so that the views need no further join.
pub const TABLES: &str = r"
CREATE TABLE b_currency(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, symbol TEXT NOT NULL UNIQUE, exponent INTEGER NOT NULL);
CREATE TABLE b_rate(
  source INTEGER NOT NULL, target INTEGER NOT NULL, rate TEXT NOT NULL, PRIMARY KEY(source,
  target)) WITHOUT ROWID;
CREATE TABLE b_subsidiary(
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, currency INTEGER NOT NULL,
  country TEXT NOT NULL);
CREATE TABLE b_account(
  id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, name TEXT NOT NULL, type TEXT NOT NULL);
CREATE TABLE b_period(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL CHECK(kind IN ('month', 'quarter', 'year')),
  first TEXT NOT NULL, last TEXT NOT NULL, parent INTEGER,
  closed INTEGER NOT NULL DEFAULT 0, all_locked INTEGER NOT NULL DEFAULT 0,
  ar_locked INTEGER NOT NULL DEFAULT 0,
  ap_locked INTEGER NOT NULL DEFAULT 0, closed_on TEXT, modified TEXT NOT NULL);
CREATE TABLE b_customer(
  id INTEGER PRIMARY KEY, external TEXT UNIQUE, name TEXT NOT NULL, email TEXT, subsidiary INTEGER NOT NULL,
  created TEXT NOT NULL, modified TEXT NOT NULL);
CREATE TABLE b_entry(
  id INTEGER PRIMARY KEY AUTOINCREMENT, external TEXT UNIQUE, subsidiary INTEGER NOT NULL, date TEXT NOT NULL,
  period INTEGER NOT NULL, approval INTEGER NOT NULL, memo TEXT, reference TEXT NOT NULL,
  currency INTEGER NOT NULL,
  rate TEXT NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL, reverses INTEGER, reversed_by INTEGER,
  reversal_date TEXT, kind TEXT NOT NULL DEFAULT 'Journal', number TEXT, other_reference TEXT,
  customer INTEGER, billing_id TEXT);
CREATE TABLE b_feature(name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE b_deleted(
  id INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX b_entry_reference ON b_entry(reference);
CREATE INDEX b_entry_memo ON b_entry(memo);
CREATE INDEX b_entry_modified ON b_entry(modified, id);
CREATE INDEX b_entry_unapproved ON b_entry(id) WHERE approval <> 2;
CREATE TABLE b_line(
  entry INTEGER NOT NULL, seq INTEGER NOT NULL, account INTEGER NOT NULL, subsidiary INTEGER NOT NULL,
  entity INTEGER, memo TEXT, func INTEGER NOT NULL, func_exp INTEGER NOT NULL, txn INTEGER NOT NULL,
  txn_exp INTEGER NOT NULL, PRIMARY KEY(entry, seq)) WITHOUT ROWID;
";

/// The views with NetSuite's table and column names. Only these may be named in SuiteQL.
pub const VIEWS: &str = r#"
CREATE VIEW "transaction" AS SELECT e.id AS id, e.kind AS type,
  CASE e.kind WHEN 'Journal' THEN 'journalentry' ELSE lower(e.kind) END AS recordtype,
  'GENJRNL' AS abbrevtype, COALESCE(e.number, CASE e.kind WHEN 'Journal' THEN 'JE' ELSE '' END || e.id)
  AS tranid, e.other_reference AS otherrefnum, e.billing_id AS custbody_billing_id,
  e.id AS transactionnumber, e.external AS externalid,
  e.date AS trandate, e.period AS postingperiod, CASE e.approval WHEN 2 THEN 'T' ELSE 'F' END AS posting,
  CASE WHEN e.kind <> 'Journal' OR EXISTS (SELECT 1 FROM b_feature WHERE name = 'legacy_approvals') THEN NULL
  ELSE e.approval END AS approvalstatus,
  CASE e.approval WHEN 2 THEN 'B' WHEN 3 THEN 'R' ELSE 'A' END AS status,
  'F' AS voided, 'F' AS void, e.reversed_by AS reversal,
  CASE WHEN e.reverses IS NULL THEN 'F' ELSE 'T' END AS isreversal, e.reversal_date AS reversaldate,
  e.memo AS memo, e.currency AS currency, CAST(e.rate AS NUMERIC) AS exchangerate, e.customer AS entity,
  e.created AS createddate, e.modified AS lastmodifieddate, 'Journal #JE' || e.id AS trandisplayname
  FROM b_entry e;
CREATE VIEW transactionline AS SELECT l.entry AS "transaction", l.seq AS id, l.seq AS linesequencenumber,
  l.entry * 1000 + l.seq AS uniquekey, l.subsidiary AS subsidiary, l.entity AS entity, l.memo AS memo,
  major(l.txn, l.txn_exp) AS foreignamount,
  CASE WHEN l.txn >= 0 THEN major(l.txn, l.txn_exp) END AS debitforeignamount,
  CASE WHEN l.txn < 0 THEN major(-l.txn, l.txn_exp) END AS creditforeignamount,
  major(l.func, l.func_exp) AS netamount, l.account AS expenseaccount, 'F' AS mainline, 'F' AS isclosed
  FROM b_line l;
CREATE VIEW transactionaccountingline AS SELECT l.entry AS "transaction", l.seq AS transactionline,
  l.account AS account, 1 AS accountingbook,
  CASE WHEN l.func >= 0 THEN major(l.func, l.func_exp) END AS debit,
  CASE WHEN l.func < 0 THEN major(-l.func, l.func_exp) END AS credit,
  major(l.func, l.func_exp) AS amount, major(l.func, l.func_exp) AS netamount,
  CASE e.approval WHEN 2 THEN 'T' ELSE 'F' END AS posting, CAST(e.rate AS NUMERIC) AS exchangerate
  FROM b_line l JOIN b_entry e ON e.id = l.entry;
CREATE VIEW account AS SELECT a.id AS id, a.number AS acctnumber, a.name AS fullname,
  a.number || ' ' || a.name AS accountsearchdisplayname, a.name AS accountsearchdisplaynamecopy,
  a.number || ' ' || a.name AS displaynamewithhierarchy, a.type AS accttype, 'F' AS isinactive,
  NULL AS externalid
  FROM b_account a;
CREATE VIEW accountingperiod AS SELECT p.id AS id, p.name AS periodname, p.first AS startdate,
  p.last AS enddate,
  CASE p.closed WHEN 0 THEN 'F' ELSE 'T' END AS closed, CASE p.all_locked WHEN 0 THEN 'F' ELSE 'T' END AS
  alllocked,
  CASE p.ar_locked WHEN 0 THEN 'F' ELSE 'T' END AS arlocked,
  CASE p.ap_locked WHEN 0 THEN 'F' ELSE 'T' END AS aplocked,
  CASE p.kind WHEN 'year' THEN 'T' ELSE 'F' END AS isyear,
  CASE p.kind WHEN 'quarter' THEN 'T' ELSE 'F' END AS isquarter, 'F' AS isadjust,
  CASE p.kind WHEN 'month' THEN 'T' ELSE 'F' END AS isposting, 'F' AS isinactive, p.parent AS parent,
  CASE WHEN EXISTS (SELECT 1 FROM b_feature WHERE name = 'closing_dates')
  THEN substr(p.closed_on, 1, 11) || ' 00:00:00' ELSE p.closed_on END AS closedondate,
  p.modified AS lastmodifieddate FROM b_period p;
CREATE VIEW subsidiary AS SELECT s.id AS id, s.name AS name, s.name AS fullname, s.currency AS currency,
  CASE WHEN s.id = 1 THEN NULL ELSE 1 END AS parent, s.country AS country, 'F' AS isinactive,
  'F' AS iselimination,
  s.code AS externalid FROM b_subsidiary s;
CREATE VIEW currency AS SELECT c.id AS id, c.name AS name, c.symbol AS symbol,
  c.exponent AS currencyprecision,
  CAST(COALESCE((SELECT r.rate FROM b_rate r WHERE r.source = c.id AND r.target = 1), '1') AS NUMERIC)
  AS exchangerate, CASE c.id WHEN 1 THEN 'T' ELSE 'F' END AS isbasecurrency,
  'F' AS isinactive FROM b_currency c;
CREATE VIEW deletedrecord AS SELECT d.id AS recordid, d.type AS type, d.name AS name, d.at AS deleteddate,
  'F' AS iscustomrecord, 'F' AS iscustomtransaction FROM b_deleted d;
CREATE VIEW customer AS SELECT c.id AS id, c.external AS entityid, c.external AS externalid,
  c.name AS companyname,
  c.name AS altname, c.email AS email, c.subsidiary AS subsidiary, s.currency AS currency, 'F' AS isperson,
  'F' AS isinactive, c.created AS datecreated, c.modified AS lastmodifieddate
  FROM b_customer c JOIN b_subsidiary s ON s.id = c.subsidiary;
"#;

/// Minor units as a number in major units; replaces `major(minor, exponent)` in [`VIEWS`]. Division by a
/// power of ten gives the number nearest to the decimal, so its shortest text is the decimal again (up to 15
/// digits).
#[must_use]
pub fn views() -> String {
    let mut sql = String::with_capacity(VIEWS.len() * 2);
    let mut rest = VIEWS;
    while let Some((before, after)) = rest.split_once("major(") {
        let (arguments, tail) = after.split_once(')').unwrap_or((after, ""));
        let (minor, exponent) = arguments.split_once(", ").unwrap_or((arguments, "0"));
        sql.push_str(before);
        sql.push_str(&format!(
            "(CASE {exponent} WHEN 0 THEN {minor} WHEN 2 THEN ({minor}) / 100.0 ELSE ({minor}) / 1000.0 END)"
        ));
        rest = tail;
    }
    sql.push_str(rest);
    sql
}
