//! Entries whose names are nobody's and whose memo says whom they are about: "Payment received INV-0101". The
//! words of it that could be a document's name (`domain::memo`) are kept in `entry_token`, for entries on a
//! control account alone, so that a document which comes later finds its entry.

use std::collections::BTreeSet;

use tieout_domain::memo;

use crate::{
    db::{Db, Tx},
    error::Result,
};

/// Entries that no name tied to a document. Their own reference may be the memo's first word.
const NAMELESS: &str = "
    SELECT e.seq, e.memo
    FROM work_naming n CROSS JOIN entry e
    WHERE e.seq = n.entry_seq AND e.status = 'booked'
        AND NOT EXISTS (SELECT 1 FROM work_named w WHERE w.entry_seq = n.entry_seq)
        AND NOT EXISTS (
            SELECT 1 FROM document d
            WHERE d.reference = CASE WHEN e.renamed = 1 THEN e.said_reference ELSE e.reference END
                AND d.status <> 'draft')
        AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.key = e.external_id)
        AND EXISTS (
            SELECT 1 FROM entry_line l
            WHERE l.entry_seq = e.seq AND l.account IN (SELECT account FROM control_account))
    ORDER BY e.seq";

/// The entries of the work that have words, whether or not they still should.
const KEPT: &str = "
    SELECT n.entry_seq, t.token FROM work_naming n CROSS JOIN entry_token t
    WHERE t.entry_seq = n.entry_seq ORDER BY n.entry_seq, t.token";

/// The names that the words of `entry_token` are of, as (entry, name), for `naming::found`.
pub(super) const WORDS: &str = "
    SELECT t.entry_seq, t.token AS name
    FROM scope s CROSS JOIN entry_token t WHERE t.entry_seq = s.entry_seq";

/// Keeps the words of the entries of the work that no name ties to a document, and drops those of the others.
pub(super) fn keep(tx: &Tx<'_>) -> Result<()> {
    let wanted = words(tx)?;
    let kept: BTreeSet<(i64, String)> = {
        let mut statement = tx.prepare_cached(KEPT)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut drop = tx.prepare_cached("DELETE FROM entry_token WHERE entry_seq = ?1 AND token = ?2")?;
    for (entry, token) in kept.difference(&wanted) {
        drop.execute((entry, token))?;
    }
    let mut insert = tx.prepare_cached("INSERT INTO entry_token (entry_seq, token) VALUES (?1, ?2)")?;
    for (entry, token) in wanted.difference(&kept) {
        insert.execute((entry, token))?;
    }
    Ok(())
}

fn words(db: &Db) -> Result<BTreeSet<(i64, String)>> {
    let mut found = BTreeSet::new();
    let mut lines = db.prepare_cached(
        "SELECT DISTINCT l.memo FROM entry_line l WHERE l.entry_seq = ?1 AND l.memo IS NOT NULL",
    )?;
    let mut statement = db.prepare_cached(NAMELESS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let entry: i64 = row.get(0)?;
        let memo: Option<String> = row.get(1)?;
        let mut texts: Vec<String> = memo.into_iter().collect();
        let of_lines = lines.query_map([entry], |row| row.get::<_, String>(0))?;
        texts.extend(of_lines.collect::<rusqlite::Result<Vec<_>>>()?);
        for text in texts {
            found.extend(memo::names(&text).into_iter().map(|name| (entry, name)));
        }
    }
    Ok(found)
}
