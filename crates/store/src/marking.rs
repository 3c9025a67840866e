//! Which writes put cells of the tie-out out of date that are kept (`tieout/kept.rs`): temporary triggers of
//! our own connections, as [`crate::sealing`] has them, so that nobody who writes has to think of it. They
//! mark the place that an entry, an expectation or what is released leaves, and what an exception stands on
//! whose state changes. Where things come to is known by what the next detection looks at.

/// The place that an expectation leaves, and those of what its document releases.
macro_rules! expectation_leaves {
    ($name:literal, $verb:literal) => {
        concat!(
            "
    CREATE TEMP TRIGGER tie_out_expectation_",
            $name,
            " AFTER ",
            $verb,
            " ON main.expectation
    WHEN OLD.entity IS NOT NULL AND EXISTS (SELECT 1 FROM tie_out_kept) BEGIN
        INSERT INTO tie_out_stale (entity, period)
        SELECT OLD.entity, OLD.period WHERE OLD.period IS NOT NULL ON CONFLICT DO NOTHING;
        INSERT INTO tie_out_stale (entity, period)
        SELECT OLD.entity, l.period FROM schedule_line l WHERE l.document_seq = OLD.document_seq
        ON CONFLICT DO NOTHING;
    END;"
        )
    };
}

/// What an exception stands on: a document, a name, what has no name on clearing, a place (what its schedules
/// release).
macro_rules! exception_stands {
    ($row:literal, $name:literal, $verb:literal) => {
        concat!(
            "
    CREATE TEMP TRIGGER tie_out_exception_",
            $name,
            " AFTER ",
            $verb,
            " ON main.exception
    WHEN EXISTS (SELECT 1 FROM tie_out_kept) BEGIN
        INSERT INTO tie_out_touched (name)
        SELECT d.reference FROM document d WHERE d.seq = ",
            $row,
            ".document_seq ON CONFLICT DO NOTHING;
        INSERT INTO tie_out_touched (name)
        SELECT ",
            $row,
            ".subject WHERE ",
            $row,
            ".subject_kind = 'reference' ON CONFLICT DO NOTHING;
        INSERT INTO tie_out_touched (name)
        SELECT coalesce(e.reference, e.id) FROM unmatched_entry u CROSS JOIN entry e
        WHERE ",
            $row,
            ".kind = 'clearing_mismatch' AND u.entity = ",
            $row,
            ".entity AND u.currency = ",
            $row,
            ".currency AND e.seq = u.entry_seq ON CONFLICT DO NOTHING;
        INSERT INTO tie_out_stale (entity, period)
        SELECT ",
            $row,
            ".entity, ",
            $row,
            ".period WHERE ",
            $row,
            ".subject_kind = 'connection' AND ",
            $row,
            ".entity IS NOT NULL AND ",
            $row,
            ".period IS NOT NULL ON CONFLICT DO NOTHING;
    END;"
        )
    };
}

/// The triggers.
pub(crate) const MARKS: &str = concat!(
    "
    CREATE TEMP TRIGGER tie_out_entry_moves AFTER UPDATE OF entity, period ON main.entry
    WHEN EXISTS (SELECT 1 FROM tie_out_kept) BEGIN
        INSERT INTO tie_out_stale (entity, period) VALUES (OLD.entity, OLD.period) ON CONFLICT DO NOTHING;
    END;
    CREATE TEMP TRIGGER tie_out_entry_goes AFTER DELETE ON main.entry
    WHEN EXISTS (SELECT 1 FROM tie_out_kept) BEGIN
        INSERT INTO tie_out_stale (entity, period) VALUES (OLD.entity, OLD.period) ON CONFLICT DO NOTHING;
    END;",
    expectation_leaves!("moves", "UPDATE OF entity, period"),
    expectation_leaves!("goes", "DELETE"),
    "
    CREATE TEMP TRIGGER tie_out_schedule_goes AFTER DELETE ON main.schedule_line
    WHEN EXISTS (SELECT 1 FROM tie_out_kept) BEGIN
        INSERT INTO tie_out_stale (entity, period)
        SELECT x.entity, OLD.period FROM expectation x
        WHERE x.document_seq = OLD.document_seq AND x.entity IS NOT NULL
        ON CONFLICT DO NOTHING;
    END;",
    exception_stands!("NEW", "comes", "INSERT"),
    exception_stands!("NEW", "changes", "UPDATE OF state"),
    exception_stands!("OLD", "goes", "DELETE")
);
