//! The file's own check: every page, and rows that name others which are not there.

use crate::{db::Db, error::Result, table::worth::Worth, tieout};

impl Db {
    /// Reads every page and every reference: SQLCipher's page authentication, SQLite's own check, and
    /// rows that name others which are not there. An empty list is a sound file.
    ///
    /// # Errors
    /// A database error other than the damage that is looked for.
    pub fn integrity_check(&self) -> Result<Vec<String>> {
        let mut findings = Vec::new();
        for pragma in
            ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check(100)", "PRAGMA foreign_key_check"]
        {
            let read = (|| -> rusqlite::Result<()> {
                let mut statement = self.raw().prepare(pragma)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    match row.get_ref(0)?.as_str() {
                        Ok("ok") => {}
                        Ok(text) => findings.push(text.to_owned()),
                        Err(_) => findings.push(format!("{pragma}: an unreadable answer")),
                    }
                }
                Ok(())
            })();
            if let Err(error) = read {
                findings.push(format!("{pragma} stopped: {error}"));
            }
        }
        if findings.is_empty() {
            check_references(self, &mut findings)?;
        }
        Ok(findings)
    }
}

fn check_references(db: &Db, findings: &mut Vec<String>) -> Result<()> {
    for (what, query) in ORPHANS {
        let count: i64 = db.query_row(query, [], |row| row.get(0))?;
        if count > 0 {
            findings.push(format!("{count} {what}"));
        }
    }
    let misplaced = Worth::misplaced(db)?;
    if misplaced > 0 {
        findings.push(format!("{misplaced} exceptions ordered by what they are not worth"));
    }
    let cells = tieout::misplaced(db)?;
    if cells > 0 {
        findings.push(format!("{cells} cells of the tie-out that are not what the books come to"));
    }
    Ok(())
}

/// Rows that name another row which is not there, by what to call them. The agreed tables carry no
/// `REFERENCES`, because checking each row would slow every import; a check reads them all at once.
const ORPHANS: &[(&str, &str)] = &[
    (
        "document lines without their document",
        "SELECT count(*) FROM document_lines l LEFT JOIN document d ON d.seq = l.document_seq WHERE
          d.seq IS NULL",
    ),
    (
        "entry lines without their entry",
        "SELECT count(*) FROM entry_line l LEFT JOIN entry e ON e.seq = l.entry_seq WHERE e.seq IS NULL",
    ),
    (
        "documents without their page",
        "SELECT count(*) FROM document d LEFT JOIN page p ON p.seq = d.page_seq WHERE p.seq IS NULL",
    ),
    (
        "entries without their page",
        "SELECT count(*) FROM entry e LEFT JOIN page p ON p.seq = e.page_seq WHERE p.seq IS NULL",
    ),
    (
        "pages without their payload",
        "SELECT count(*) FROM page p LEFT JOIN payload b ON b.hash = p.payload_hash WHERE b.hash IS NULL",
    ),
    (
        "posting steps without their posting",
        "SELECT count(*) FROM posting_step s LEFT JOIN posting p ON p.seq = s.posting_seq WHERE p.seq
          IS NULL",
    ),
    (
        "attempts without their posting",
        "SELECT count(*) FROM attempt a LEFT JOIN posting p ON p.seq = a.posting_seq WHERE p.seq IS NULL",
    ),
    (
        "outbox rows without their posting",
        "SELECT count(*) FROM outbox o LEFT JOIN posting p ON p.seq = o.posting_seq WHERE p.seq IS NULL",
    ),
    (
        "decisions without their log entry",
        "SELECT count(*) FROM decision d LEFT JOIN log l ON l.number = d.log_number WHERE l.number IS NULL",
    ),
    (
        "exceptions that are not in the cell of their own facts",
        "SELECT count(*) FROM exception e LEFT JOIN exception_cell c ON c.id = e.cell
         WHERE c.id IS NULL OR c.live <> e.live OR c.state <> e.state OR c.kind <> e.kind
           OR c.blocked <> e.period_blocked OR c.backlog <> e.backlog OR c.entity <> coalesce(e.entity, '')
           OR c.period <> coalesce(e.period, '') OR c.currency <> e.currency
           OR c.assignee <> coalesce(e.assignee, '') OR c.group_key <> e.group_key OR c.flow <> e.flow
           OR c.severity <> CASE e.severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2
             ELSE 3 END",
    ),
    (
        "open exceptions that are taken for backlog or for new against their period's end",
        "SELECT count(*) FROM exception e
         LEFT JOIN period p ON p.entity = e.entity AND p.key = e.period AND p.ar_accepts = 0
         WHERE e.live = 1 AND e.backlog <> CASE
           WHEN p.key IS NULL OR e.kind = 'late_for_closed_period' THEN 0
           WHEN e.since < coalesce(p.closed_at, 9223372036854775807) THEN 1 ELSE 0 END",
    ),
    (
        "cells that count or sum up other exceptions than they hold",
        "SELECT count(*) FROM exception_cell c LEFT JOIN (
           SELECT cell, count(*) AS held, sum(amount_minor >> 32) AS high,
             sum(amount_minor & 4294967295) AS low, sum(abs(amount_minor) >> 32) AS gross_high,
             sum(abs(amount_minor) & 4294967295) AS gross_low
           FROM exception GROUP BY cell) e ON e.cell = c.id
         WHERE c.held <> coalesce(e.held, 0) OR c.high <> coalesce(e.high, 0)
           OR c.low <> coalesce(e.low, 0) OR c.gross_high <> coalesce(e.gross_high, 0)
           OR c.gross_low <> coalesce(e.gross_low, 0)",
    ),
    (
        "customers of whom other exceptions are counted or summed up than there are",
        "SELECT count(*) FROM (SELECT 1 FROM (
           SELECT live, customer, kind, currency, held, high, low, gross_high, gross_low
           FROM exception_customer
           UNION ALL
           SELECT live, customer, kind, currency, 0 - count(*), 0 - sum(amount_minor >> 32),
             0 - sum(amount_minor & 4294967295), 0 - sum(abs(amount_minor) >> 32),
             0 - sum(abs(amount_minor) & 4294967295)
           FROM exception GROUP BY live, customer, kind, currency) s
         GROUP BY live, customer, kind, currency
         HAVING sum(held) <> 0 OR sum(high) <> 0 OR sum(low) <> 0 OR sum(gross_high) <> 0
           OR sum(gross_low) <> 0) x",
    ),
    (
        "exception events without their exception",
        "SELECT count(*) FROM exception_event v LEFT JOIN exception e ON e.seq = v.exception_seq \
         WHERE e.seq IS NULL",
    ),
];
