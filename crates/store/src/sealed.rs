//! Which tables are evidence. Every table of the schema stands in one of three lists here, and a test fails
//! on one that does not: [`SEALED`], whose rows the log seals; [`BOUND`], whose rows a sealed row holds the
//! hash of; [`NOT_EVIDENTIAL`], each with the reason.

/// Of which rows the log says what they hold, beside the hash of the whole table: then a check can name the
/// row that is not as it was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Of none: there may be millions.
    None,
    /// Of all.
    All,
    /// Of all but those where this column has this text.
    Unless(&'static str, &'static str),
}

/// A table whose rows the log seals: all their columns, those of later versions too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// Its name.
    pub table: &'static str,
    /// The columns by which a row is named.
    pub key: &'static [&'static str],
    /// What is said of rows.
    pub said: Said,
    /// Columns that are left out, each with the reason.
    pub without: &'static [(&'static str, &'static str)],
}

const fn said(table: &'static str, key: &'static [&'static str]) -> Sealed {
    Sealed { table, key, said: Said::All, without: &[] }
}

const fn counted(table: &'static str, key: &'static [&'static str]) -> Sealed {
    Sealed { table, key, said: Said::None, without: &[] }
}

/// The tables that the log seals.
pub(crate) const SEALED: &[Sealed] = &[
    // What people and the worker did.
    said("workspace", &["id"]),
    said("person", &["id"]),
    said("person_key", &["person", "log_number"]),
    said("enrolment", &["person"]),
    said("secret_try", &["person"]),
    said("connection", &["id"]),
    said("change", &["id"]),
    said("change_approval", &["seq"]),
    said("posting", &["id"]),
    said("posting_step", &["posting_seq", "number"]),
    said("posting_edit", &["seq"]),
    said("decision", &["log_number"]),
    said("attempt", &["id"]),
    said("outbox", &["posting_seq"]),
    said("handover", &["id"]),
    said("handover_posting", &["handover_seq", "posting_seq"]),
    said("booked_elsewhere", &["seq"]),
    said("matching", &["id"]),
    said("matching_entry", &["matching_seq", "entry_seq"]),
    said("matching_document", &["matching_seq", "document_seq"]),
    Sealed { said: Said::Unless("actor", "desk"), ..counted("exception_event", &["exception_seq", "seq"]) },
    Sealed {
        without: &[(
            "cell",
            "where the lists find it: made of the other columns, and counted again by the file's check",
        )],
        ..counted("exception", &["id"])
    },
    said("attachment", &["id"]),
    said("known_roster", &["workspace"]),
    said("person_card", &["person"]),
    said("packet", &["id"]),
    said("packet_entry", &["packet", "number"]),
    said("import", &["id"]),
    counted("import_before", &["import_seq", "what", "key"]),
    // What came from outside.
    Sealed {
        without: &[(
            "zstd",
            "the bytes are bound by their hash, which a check works out again, however they are compressed",
        )],
        ..counted("payload", &["hash"])
    },
    counted("page", &["seq"]),
    counted("rejected_item", &["seq"]),
    counted("rejected_concern", &["rejected_seq", "what", "value"]),
    counted("removal", &["seq"]),
    counted("full_read", &["connection_seq", "resource"]),
    counted("held_weight", &["side"]),
    counted("sync_state", &["connection_seq", "resource"]),
    counted("customer", &["id"]),
    counted("subscription", &["id"]),
    counted("usage_summary", &["id"]),
    counted("dispute", &["connection_seq", "external_id"]),
    counted("payment_fee", &["connection_seq", "payment"]),
    counted("movement", &["connection_seq", "external_id"]),
    counted("document", &["id"]),
    counted("document_version", &["document_seq", "version"]),
    counted("entry", &["id"]),
    counted("entry_name", &["name", "entry_seq", "source"]),
    counted("entry_token", &["entry_seq", "token"]),
    counted("ledger_customer", &["connection_seq", "erp_id"]),
    counted("trial_balance", &["connection_seq", "entity", "account", "period"]),
    counted("trial_balance_account", &["connection_seq", "account"]),
    counted("ledger_account", &["connection_seq", "erp_id"]),
    said("bank_account", &["seq"]),
    counted("bank_statement", &["seq"]),
    counted("bank_line", &["seq"]),
    Sealed {
        without: &[(
            "read_at",
            "moves with every sync; the sealed page beside it says when the period was read",
        )],
        ..said("period", &["entity", "key"])
    },
    said("period_history", &["seq"]),
    // What was worked out from it, and what detection rests on from one run to the next.
    counted("expectation", &["document_seq"]),
    counted("schedule_line", &["document_seq", "what", "revenue", "period"]),
    counted("detection_state", &["one"]),
    counted("control_account", &["account"]),
    counted("detection_horizon", &["entity"]),
    counted("ledger_entity", &["entity", "connection_seq"]),
    counted("netted_pair", &["entry_seq"]),
    counted("settlement", &["entry_seq"]),
    counted("batch_rule", &["name"]),
    counted("name_rule", &["connection"]),
    counted("flow_limit", &["seq"]),
    counted("entity_rule", &["entity"]),
    counted("batch_document", &["document_seq"]),
    counted("batch_entry", &["entry_seq"]),
    counted("unread_reference", &["side", "reference"]),
    counted("house_cutover", &["entity"]),
    counted("house_tolerance", &["entity", "currency"]),
    counted("house_clearing", &["entity", "account"]),
    counted("house_schedule", &["entity", "account"]),
    counted("house_rule", &["seq"]),
    counted("house_rule_account", &["rule_seq", "from_code", "to_code"]),
    counted("role_account", &["entity", "from_code", "to_code"]),
    counted("set_apart", &["entry_seq"]),
    counted("tolerated", &["name"]),
    counted("payout_receipt", &["document_seq"]),
    counted("payout_line", &["document_seq", "line_seq"]),
    counted("explained_entry", &["change_id", "entry_seq"]),
];

/// A table of rows that belong to one row of a sealed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// Its name. Its first column names the row that it belongs to, and its key begins with it.
    pub table: &'static str,
    /// The column that names whose row it is.
    pub of: &'static str,
    /// The sealed table, whose `lines_hash` is the hash of the rows.
    pub parent: &'static str,
    /// The internal key there.
    pub parent_key: &'static str,
}

/// The tables whose rows a sealed row holds the hash of: one hash for all lines of a document costs an import
/// far less than one for each.
pub(crate) const BOUND: &[Bound] = &[
    Bound { table: "document_lines", of: "document_seq", parent: "document", parent_key: "seq" },
    Bound { table: "entry_line", of: "entry_seq", parent: "entry", parent_key: "seq" },
    Bound { table: "expected_line", of: "document_seq", parent: "expectation", parent_key: "document_seq" },
];

/// The tables that are no evidence, each with the reason.
#[cfg_attr(not(test), allow(dead_code))]
pub(crate) const NOT_EVIDENTIAL: &[(&str, &str)] = &[
    ("log", "it is what seals the others; its own chain, its signatures and the anchor prove it"),
    ("seal", "the sums by which the log's hashes are kept up; a check works them out from the rows instead"),
    (
        "dirty_document",
        "what is to be derived again: emptied within the command that fills it, and a check finds a document \
         that was neither derived nor waits for it",
    ),
    ("dirty_reference", "what is to be compared again: emptied by the detection of the same command"),
    (
        "full_read_item",
        "what a read under way has seen so far: emptied when it ends, and the sealed pages and removals say \
         what it found",
    ),
    ("exception_cell", "counts and sums of sealed exceptions; the file's own check counts them again"),
    ("exception_customer", "counts and sums of sealed exceptions; the file's own check counts them again"),
    ("tie_out_cell", "sums of sealed rows; the file's own check works them out again"),
    ("tie_out_kept", "that such sums are kept: without it they are worked out when they are asked for"),
    ("tie_out_stale", "which of them are out of date: the file's own check takes none for right that is not"),
    ("tie_out_touched", "the same by name"),
    ("exception_revision", "a counter by which a list sees that it is out of date"),
    ("exception_search", "an index over references of sealed exceptions: it finds, and nothing rests on it"),
    ("exception_search_config", "of the same index"),
    ("exception_search_data", "of the same index"),
    ("exception_search_docsize", "of the same index"),
    ("exception_search_idx", "of the same index"),
    (
        "unmatched_entry",
        "which entries of the sealed tables name no document: where suggestions are looked for, and nothing \
         rests on it but what a person then signs",
    ),
    ("document_form", "what names of sealed documents are compared by under a sealed rule: made of both"),
    ("entry_form", "the same of the names of entries"),
    ("unmatched_document", "the same of the other side"),
    ("saved_view", "how people like to look at the queues: it hides nothing from anybody else"),
];

/// Tables whose rows are only ever added. The file has triggers for this too, against other tools; in our own
/// connections no trigger of the file runs.
pub(crate) const APPEND_ONLY: &[(&str, &str)] =
    &[("log", "the log is append-only"), ("decision", "decisions are append-only")];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use rusqlite::Connection;

    use super::*;
    use crate::{db::Db, insert::TOLD, schema, sealing::Layout};

    fn file() -> Db {
        let db = Db::new(Connection::open_in_memory().unwrap());
        schema::run(&db).unwrap();
        db
    }

    fn texts(db: &Db, sql: &str) -> Vec<String> {
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_table_of_the_schema_stands_in_one_of_the_lists() {
        let tables = texts(
            &file(),
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             ORDER BY name",
        );
        let mut listed: Vec<&str> = SEALED.iter().map(|sealed| sealed.table).collect();
        listed.extend(BOUND.iter().map(|bound| bound.table));
        listed.extend(NOT_EVIDENTIAL.iter().map(|(table, _)| *table));
        listed.sort_unstable();
        assert_eq!(listed, tables, "put a new table into one of the lists of sealed.rs");
    }

    #[test]
    fn a_sealed_table_is_named_by_columns_that_it_has_and_leaves_out_such_with_a_reason() {
        let db = file();
        for sealed in SEALED {
            let columns = texts(&db, &format!("SELECT name FROM pragma_table_info('{}')", sealed.table));
            let has = |name: &str| columns.iter().any(|column| column == name);
            assert!(!sealed.key.is_empty() && sealed.key.iter().all(|name| has(name)), "{}", sealed.table);
            for (name, reason) in sealed.without {
                assert!(has(name) && reason.len() > 20, "{}.{name}", sealed.table);
                assert!(!sealed.key.contains(name), "{}.{name}", sealed.table);
            }
            if let Said::Unless(name, _) = sealed.said {
                assert!(has(name), "{}.{name}", sealed.table);
            }
            let layout = Layout::of(db.raw(), sealed).unwrap().unwrap();
            assert_eq!(layout.columns.len() + sealed.without.len(), columns.len(), "{}", sealed.table);
        }
        for (table, reason) in NOT_EVIDENTIAL {
            assert!(reason.len() > 15, "{table}");
        }
    }

    #[test]
    fn a_bound_table_is_bound_by_a_sealed_column() {
        let db = file();
        for bound in BOUND {
            let parent = SEALED.iter().find(|sealed| sealed.table == bound.parent).unwrap();
            assert!(parent.without.iter().all(|(name, _)| *name != "lines_hash"), "{}", bound.table);
            let columns = texts(&db, &format!("SELECT name FROM pragma_table_info('{}')", bound.table));
            assert_eq!(columns[0], bound.of, "{}", bound.table);
            let parents = texts(&db, &format!("SELECT name FROM pragma_table_info('{}')", bound.parent));
            assert!(parents.iter().any(|name| name == "lines_hash"), "{}", bound.parent);
            assert!(parents.iter().any(|name| name == bound.parent_key), "{}", bound.parent);
        }
    }

    /// Every source of ours, with its text.
    fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
        for one in fs::read_dir(folder).unwrap() {
            match one.unwrap().path() {
                path if path.is_dir() => sources(&path, found),
                path => found.push((path.display().to_string(), fs::read_to_string(path).unwrap())),
            }
        }
    }

    #[test]
    fn what_its_writer_tells_of_is_inserted_by_no_other_statement() {
        let mut all = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        for insert in TOLD {
            let statement = format!("INTO {} (", insert.table);
            for (path, text) in
                all.iter().filter(|(path, _)| !path.contains("test") && !path.ends_with("fixture.rs"))
            {
                let times = text.matches(&statement).count();
                assert_eq!(times, usize::from(path.ends_with("/insert.rs")), "{path}: {statement}");
            }
        }
    }

    #[test]
    fn it_is_told_of_every_sealed_column() {
        let db = file();
        for insert in TOLD {
            let list = "SELECT name FROM pragma_table_info(?1) WHERE name IS NOT ?2 ORDER BY name";
            let mut statement = db.prepare(list).unwrap();
            let columns = statement.query_map((insert.table, insert.key), |row| row.get::<_, String>(0));
            let columns: Vec<String> = columns.unwrap().map(|name| name.unwrap()).collect();
            let mut told = insert.columns.to_vec();
            told.sort_unstable();
            assert_eq!(told, columns, "{}", insert.table);
        }
    }
}
