//! A run over what changed gives what a run over everything gives.

use proptest::prelude::*;

use super::{
    DetectInput,
    fixture::{Books, Doc, Entry, at, booked, doc, entry, posting},
};
use crate::db::Tx;

const KEYS: [&str; 3] = ["Taaaaaaaaaaaaaaaaaaa", "Tbbbbbbbbbbbbbbbbbbb", "Tccccccccccccccccccc"];
const REFERENCES: [&str; 4] = ["A", "B", "C", "D"];
const PERIODS: [&str; 2] = ["2026-03", "2026-04"];
const ENTITIES: [&str; 2] = ["GB01", "EU01"];
const ERP_IDS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];
const DAYS: [&str; 4] =
    ["2026-03-05T00:00:00Z", "2026-03-12T00:00:00Z", "2026-04-20T00:00:00Z", "2026-06-30T12:00:00Z"];

#[derive(Clone, Debug)]
enum Step {
    Put(Doc),
    Book(Entry),
    Restate(usize, &'static str),
    Post(usize, usize, &'static str),
    Synced(usize),
    Detect(usize),
}

fn documents() -> impl Strategy<Value = Doc> {
    let place = (0..4_usize, 1..3_i64, 0..2_usize, 0..2_usize, any::<bool>());
    (place, 0..8_u8, prop::bool::weighted(0.2)).prop_map(
        |((name, total, entity, period, late), shape, twin)| {
            let made = doc(REFERENCES[name], total * 100);
            let made = match shape {
                0 => made.nothing("void"),
                1 => made.written_off(),
                2 => made.nothing("draft"),
                3 => made.unmapped("gap"),
                4 => made.taxed(20),
                _ => made,
            };
            made.with(|d| {
                (d.entity, d.period, d.late) = (Some(ENTITIES[entity]), PERIODS[period], late);
                d.connection = if twin { 3 } else { 1 };
            })
        },
    )
}

fn entries() -> impl Strategy<Value = Entry> {
    let place = (0..6_usize, -2..3_i64, 0..2_usize, 0..2_usize);
    let ties = (prop::option::of(0..6_usize), prop::option::weighted(0.2, 0..3_usize), any::<bool>());
    (place, ties).prop_map(|((name, hundreds, entity, period), (reverses, key, booked_now))| {
        let minor = hundreds * 100;
        let made = match REFERENCES.get(name) {
            Some(reference) => booked(reference, minor),
            None if name == 4 => booked("X", minor),
            None => entry("-", &[("1100", minor), ("4000", -minor)]).with(|e| e.reference = None),
        };
        made.with(|e| {
            (e.entity, e.period) = (ENTITIES[entity], PERIODS[period]);
            e.reverses = reverses.filter(|_| hundreds < 0).map(|i| ERP_IDS[i]);
            e.external_id = key.map(|i| KEYS[i].to_owned());
            e.status = if booked_now || hundreds == 1 { "booked" } else { "unbooked" };
        })
    })
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => documents().prop_map(Step::Put),
        6 => entries().prop_map(Step::Book),
        2 => (0..8_usize, prop::sample::select(vec!["booked", "void", "unbooked"]))
            .prop_map(|(entry, status)| Step::Restate(entry, status)),
        1 => (0..4_usize, 0..3_usize, prop::sample::select(vec!["booked", "settled", "in_doubt", "refused"]))
            .prop_map(|(name, key, state)| Step::Post(name, key, state)),
        1 => (0..4_usize).prop_map(Step::Synced),
        4 => (0..4_usize).prop_map(Step::Detect),
    ]
}

/// Plays the steps. `runs` says whether the runs on the way take place.
fn play(steps: &[Step], runs: bool) -> Books {
    let books = Books::new();
    let (mut numbers, mut keys) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Put(doc) => books.put(doc),
            Step::Book(entry) => {
                let erp_id = ERP_IDS.get(numbers.len()).copied();
                numbers.push(books.book(&entry.clone().with(|e| e.erp_id = erp_id)));
            }
            Step::Restate(index, status) => {
                if let Some(number) = numbers.get(*index) {
                    books.restate(*number, status);
                    // Ingest writes the page that told of it.
                    books.run(
                        "UPDATE entry SET page_seq = (SELECT max(seq) + 1 FROM page) WHERE seq = ?1",
                        [number],
                    );
                    books.run(
                        "INSERT INTO page (connection_seq, resource, payload_hash, request, count,
                            sums, received_at)
                         VALUES (2, 'entries', x'00', 'r', 1, '{}', 0)",
                        [],
                    );
                }
            }
            Step::Post(name, key, state) => {
                if !keys.contains(key) {
                    keys.push(*key);
                    books.post(&posting(REFERENCES[*name], state, KEYS[*key]));
                }
            }
            Step::Synced(day) => books.synced(2, "entries", DAYS[*day]),
            Step::Detect(day) => {
                if runs {
                    books.detect_at(DAYS[*day]);
                }
            }
        }
    }
    books
}

/// Everything about the exceptions that does not depend on when they were found.
fn picture(books: &Books) -> String {
    let exceptions = books.list(
        "SELECT '\n' || kind || '|' || cause || '|' || subject || '|' || external_ref || '|'
             || coalesce(entity, '') || '|' || coalesce(period, '') || '|' || currency || '|' ||
                 amount_minor || '|'
             || variance_minor || '|' || severity || '|' || period_blocked || '|' || group_key || '|'
                 || why || '|'
             || since || '|' || due_at
         FROM exception WHERE state <> 'closed' ORDER BY 1",
    );
    let netted = books.list("SELECT seq || ':' || netted FROM entry ORDER BY seq");
    format!("{exceptions}\nnetted {netted}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_run_over_what_changed_gives_what_a_run_over_everything_gives(
        steps in prop::collection::vec(steps(), 1..40), day in 0..4_usize,
    ) {
        let incremental = play(&steps, true);
        incremental.detect_at(DAYS[day]);
        let scratch = play(&steps, false);
        scratch.detect_at(DAYS[day]);
        prop_assert_eq!(picture(&incremental), picture(&scratch));
        crate::tieout::tests::kept_agrees(&incremental);
        let input = DetectInput { as_of: at(DAYS[day]), now: at(DAYS[3]) };
        let tx = Tx::begin(&incremental.db).unwrap();
        super::run_from_scratch(&tx, &input).unwrap();
        crate::table::log::commit(tx).unwrap();
        prop_assert_eq!(picture(&incremental), picture(&scratch), "and once more from scratch");
    }
}
