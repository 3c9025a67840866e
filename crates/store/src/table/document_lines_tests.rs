use rusqlite::Connection;
use tieout_evidence::Value;

use super::*;
use crate::schema;

/// A document of two lines, as a file of before kept them, with the hash that stood in its row then;
/// `meddled` is done to it afterwards. Whether it was taken over as sound, and its lines by then.
fn taken_over(meddled: &str) -> (bool, Vec<DocumentLine>) {
    let db = Db::new(Connection::open_in_memory().unwrap());
    schema::run(&db).unwrap();
    let tx = Tx::begin_unsealed(&db).unwrap();
    tx.execute_batch(MIGRATIONS[0].sql).unwrap();
    let mut hash = LinesHash::of("document_line");
    for (number, text) in [(1, "A"), (2, "B")] {
        let values = [
            Value::Integer(number),
            Value::Null,
            Value::word(text),
            Value::word("1"),
            Value::word("2.50"),
            Value::Integer(250),
            Value::Integer(0),
            Value::Null,
            Value::word("2026-01-01"),
            Value::Null,
        ];
        hash.line(values);
        tx.prepare_cached(
            "INSERT INTO document_line VALUES (1, ?1, NULL, ?2, '1', '2.50', 250, 0, NULL, '2026-01-01',
               NULL)",
        )
        .unwrap()
        .execute(params![number, text])
        .unwrap();
    }
    tx.prepare_cached(
        "INSERT INTO document (seq, id, connection_seq, kind, external_id, reference, status,
           date_local, currency, total_minor, tax_minor, correlation, content_hash, version, page_seq,
           first_seen_at, lines_hash)
         VALUES (1, 'doc_1', 1, 'invoice', 'in_1', 'INV-1', 'final', '2026-01-01', 'GBP', 500, 0, 'c',
           'h', 1, 1, 0, ?1)",
    )
    .unwrap()
    .execute([&hash.finish().unwrap()[..]])
    .unwrap();
    tx.execute_batch(meddled).unwrap();
    let sound = take_over(&tx).unwrap();
    (sound, of_documents(&tx, &[1]).unwrap().remove(&1).unwrap_or_default())
}

#[test]
fn lines_of_before_are_taken_over_as_they_were_and_changed_ones_are_told() {
    let (sound, lines) = taken_over("");
    assert!(sound);
    assert_eq!(lines.iter().map(|l| l.description.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(lines[1].amount_minor, Some(250));
    assert_eq!(lines[1].service_starts.unwrap().to_text(), "2026-01-01");
    for meddled in [
        "UPDATE document_line SET amount_minor = 1 WHERE line_no = 1",
        "UPDATE document_line SET quantity = '1.0' WHERE line_no = 2",
        "DELETE FROM document_line WHERE line_no = 2",
        "DELETE FROM document_line",
    ] {
        assert!(!taken_over(meddled).0, "{meddled}");
    }
    // Of before there were hashes there is nothing to hold them against.
    assert!(taken_over("UPDATE document SET lines_hash = NULL").0);
}
