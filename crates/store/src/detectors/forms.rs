//! What names are compared by under the rules of the mapping (`[[names]]`), kept for the documents and
//! entries of the work. Where there is no rule nothing is done: a name must be equal.

use rusqlite::params;
use tieout_domain::naming::NameRule;

use crate::{db::Tx, error::Result, table::name_rule};

/// Brings the forms of the work up to date and adds the entries that could be named by one to those whose
/// names are looked at. `all`: of everything.
pub(super) fn run(tx: &Tx<'_>, all: bool) -> Result<()> {
    let rules = name_rule::all(tx)?;
    if rules.is_empty() {
        return Ok(());
    }
    if all {
        tx.execute_batch("DELETE FROM document_form; DELETE FROM entry_form")?;
    }
    for (seq, rule) in &rules {
        of_documents(tx, *seq, rule)?;
        of_entries(tx, *seq, rule)?;
    }
    for sql in SCOPE {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

/// Entries that a rule is about and that are of the work, or whose form a document of the work has.
const SCOPE: [&str; 2] = [
    "INSERT INTO work_naming (entry_seq)
     SELECT e.seq FROM work_reference w CROSS JOIN entry e CROSS JOIN entry_form f
     WHERE e.reference = w.reference AND f.entry_seq = e.seq ON CONFLICT DO NOTHING",
    "INSERT INTO work_naming (entry_seq)
     SELECT f.entry_seq
     FROM work_reference w CROSS JOIN document d CROSS JOIN document_form g CROSS JOIN entry_form f
     WHERE d.reference = w.reference AND g.document_seq = d.seq AND f.rule_seq = g.rule_seq
         AND f.form = g.form ON CONFLICT DO NOTHING",
];

/// What a rule gives the documents of the names, as (rule, name of the entry, document).
pub(super) const NAMED: &str = "
    SELECT s.entry_seq, d.seq, d.reference, d.kind, d.total_minor
    FROM scope s CROSS JOIN entry_form f CROSS JOIN document_form g CROSS JOIN document d
    WHERE f.entry_seq = s.entry_seq AND g.rule_seq = f.rule_seq AND g.form = f.form
        AND d.seq = g.document_seq AND d.status <> 'draft'";

fn of_documents(tx: &Tx<'_>, seq: i64, rule: &NameRule) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM document_form WHERE rule_seq = ?1 AND document_seq IN (
             SELECT d.seq FROM work_reference w CROSS JOIN document d WHERE d.reference = w.reference)",
    )?
    .execute([seq])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO document_form (rule_seq, form, document_seq) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    let mut statement = tx.prepare_cached(
        "SELECT d.seq, d.reference FROM work_reference w CROSS JOIN document d
         WHERE d.reference = w.reference",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (document, reference): (i64, String) = (row.get(0)?, row.get(1)?);
        if let Some(form) = rule.of_document(&reference) {
            insert.execute(params![seq, form, document])?;
        }
    }
    Ok(())
}

/// Names of the entries of the work of the rule's connection: what the ERP itself says, never what detection
/// found.
const NAMES: &str = "
    WITH own AS (
        SELECT e.seq, CASE WHEN e.renamed = 1 THEN e.said_reference ELSE e.reference END AS said,
            e.external_id
        FROM work_reference w CROSS JOIN entry e
        WHERE e.reference = w.reference
            AND e.connection_seq IN (SELECT c.seq FROM connection c WHERE c.name = ?1)
        UNION
        SELECT e.seq, e.said_reference, e.external_id FROM work_entry w CROSS JOIN entry e
        WHERE e.seq = w.entry_seq
            AND e.connection_seq IN (SELECT c.seq FROM connection c WHERE c.name = ?1))
    SELECT o.seq, o.said FROM own o WHERE o.said IS NOT NULL
    UNION SELECT o.seq, o.external_id FROM own o WHERE o.external_id IS NOT NULL
    UNION SELECT o.seq, n.name FROM own o CROSS JOIN entry_name n WHERE n.entry_seq = o.seq";

fn of_entries(tx: &Tx<'_>, seq: i64, rule: &NameRule) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM entry_form WHERE rule_seq = ?1 AND entry_seq IN (
             SELECT e.seq FROM work_reference w CROSS JOIN entry e WHERE e.reference = w.reference
             UNION ALL SELECT entry_seq FROM work_entry)",
    )?
    .execute([seq])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO entry_form (rule_seq, form, entry_seq) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    let mut statement = tx.prepare_cached(NAMES)?;
    let mut rows = statement.query([&rule.connection])?;
    while let Some(row) = rows.next()? {
        let (entry, name): (i64, String) = (row.get(0)?, row.get(1)?);
        insert.execute(params![seq, rule.of_entry(&name), entry])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tieout_domain::naming::{Difference, NameRule};

    use crate::{
        db::Tx,
        detectors::{
            DetectInput,
            fixture::{Books, NOW, at, booked, doc},
            run_from_scratch,
        },
        table::name_rule,
    };

    fn rules(books: &Books, rules: &[NameRule]) {
        let tx = Tx::begin(&books.db).unwrap();
        if name_rule::keep(&tx, rules).unwrap() {
            crate::detectors::state::judge_all_again(&tx).unwrap();
        }
        crate::table::log::commit(tx).unwrap();
    }

    fn country() -> NameRule {
        NameRule {
            connection: "netsuite-2".to_owned(),
            strip_prefix: vec!["GB".to_owned(), "IE".to_owned()],
            strip_suffix: Vec::new(),
            add_prefix: None,
            leading_zeros: Difference::Ignored,
            case: Difference::Counts,
        }
    }

    #[track_caller]
    fn open_is(books: &Books, want: &str) {
        books.detect();
        assert_eq!(books.open(), want);
        let tx = Tx::begin(&books.db).unwrap();
        run_from_scratch(&tx, &DetectInput { as_of: at(NOW), now: at(NOW) }).unwrap();
        crate::table::log::commit(tx).unwrap();
        assert_eq!(books.open(), want, "step by step and at once");
    }

    #[test]
    fn names_that_differ_by_the_rule_tie_and_others_do_not() {
        let docs = [doc("1000", 9), doc("1001", 9), doc("1002", 9)];
        let books = Books::with(&docs, &[booked("GB1000", 9), booked("IE01001", 9), booked("FR1002", 9)]);
        let all = "1000 unposted, 1001 unposted, 1002 unposted, FR1002 orphan_journal, \
                   GB1000 orphan_journal, IE01001 orphan_journal";
        open_is(&books, all);
        rules(&books, &[country()]);
        open_is(&books, "1002 unposted, FR1002 orphan_journal");
        rules(&books, &[NameRule { connection: "other".to_owned(), ..country() }]);
        open_is(&books, all);
    }

    #[test]
    fn whichever_side_comes_first() {
        let books = Books::new();
        rules(&books, &[country()]);
        books.book(&booked("GB7", 9));
        open_is(&books, "");
        books.put(&doc("7", 9));
        open_is(&books, "");
        books.put(&doc("8", 9));
        open_is(&books, "8 unposted");
        books.book(&booked("IE008", 9));
        open_is(&books, "");
    }
}
