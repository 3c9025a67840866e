//! The generated company with its books kept in other ways than by a journal per document: as records of the
//! vendor's connector, by people, by a nightly job that books a day's sales together, and each entity in a
//! way of its own. Books that are right give no exception and a tie-out without an unexplained cell; what is
//! wrong in them is told, exactly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::collections::{BTreeMap, BTreeSet};

use binary::{Bench, root, text};
use company::{ONE_APPROVER, Served, as_of, connect};
use serde_json::Value;
use tieout_sandbox::{
    book::{Keeper, Told, told},
    company::{Account, Company, DEFAULT_AS_OF, Reference, Spec, generate},
    serve::Options,
};

fn size() -> u32 {
    if std::env::var_os("TIEOUT_FULL").is_some() { 100_000 } else { 5_000 }
}

/// Which entities' sales are booked by the day.
fn by_the_day(keeper: Keeper) -> &'static [&'static str] {
    match keeper {
        Keeper::Summaries => &["US01", "GB01", "DE01", "JP01"],
        Keeper::Mixed => &["DE01"],
        Keeper::Journals | Keeper::Records | Keeper::ByHand => &[],
    }
}

fn rule_of(entity: &str) -> String {
    format!("sales {}", entity.to_ascii_lowercase())
}

/// The company's mapping, with what this keeper books together.
fn mapping(keeper: Keeper) -> String {
    let mut mapping = std::fs::read_to_string(root().join("fixtures/company/mapping.toml")).unwrap();
    for entity in by_the_day(keeper) {
        mapping.push_str(&format!(
            "\n[[batch]]\nname = \"{}\"\nconnection = \"stripe-{}\"\nby = \"day\"\nentity = \"{entity}\"\n\
             begins_with = \"Daily sales\"\n",
            rule_of(entity),
            entity.to_ascii_lowercase()
        ));
    }
    mapping
}

fn desk(served: &Served, keeper: Keeper) -> Bench {
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller"), ("aud", "auditor")]);
    connect(&bench, served, &["name_fields=custbody_billing_id"]);
    let policy = bench.file("policy.toml", ONE_APPROVER);
    let mapping = bench.file("mapping.toml", &mapping(keeper));
    bench.govern("carl", &mapping, &policy);
    bench.run(None, ["sync", "--as-of", &as_of()]).ok();
    bench
}

/// Reference, kind, entity, currency, and the amount where it is a document's own.
type Finding = (String, String, String, String, Option<i64>);

fn wanted(company: &Company, keeper: Keeper) -> BTreeSet<Finding> {
    let code = |entity: u8| company.entities[usize::from(entity)].code;
    let one = |told: &Told| match told {
        Told::Of(label) => (
            label.external_ref.clone(),
            label.kind.word().to_owned(),
            code(label.entity).to_owned(),
            label.currency.code().to_owned(),
            Some(label.amount_minor),
        ),
        Told::Day(day) => {
            let (entity, currency) = (code(day.entity), day.currency.code());
            let name = format!("{} {} {entity} {currency}", rule_of(entity), day.date);
            (name, "batch_mismatch".to_owned(), entity.to_owned(), currency.to_owned(), None)
        }
    };
    told(company, keeper).iter().map(one).collect()
}

fn found(bench: &Bench) -> BTreeSet<Finding> {
    let one = |e: &Value| {
        let kind = text(e, "kind");
        let amount = (kind != "batch_mismatch").then(|| e["amount_minor"].as_i64().expect("an amount"));
        let entity = e["entity"].as_str().unwrap_or_default().to_owned();
        (text(e, "external_ref"), kind, entity, text(e, "currency"), amount)
    };
    bench.exceptions(&as_of()).iter().map(one).collect()
}

#[track_caller]
fn same(bench: &Bench, wanted: &BTreeSet<Finding>) {
    let found = &found(bench);
    let missed: Vec<_> = wanted.difference(found).collect();
    let false_alarms: Vec<_> = found.difference(wanted).collect();
    for (reference, kind, ..) in false_alarms.iter().take(8) {
        let all = bench.exceptions(&as_of());
        let one = all.iter().find(|e| text(e, "external_ref") == *reference && text(e, "kind") == *kind);
        eprintln!("{}", text(one.unwrap(), "why"));
    }
    assert!(
        missed.is_empty() && false_alarms.is_empty(),
        "{} missed, {} false alarms\nmissed: {:#?}\nfalse alarms: {:#?}",
        missed.len(),
        false_alarms.len(),
        &missed[..missed.len().min(20)],
        &false_alarms[..false_alarms.len().min(20)],
    );
}

/// What stands unexplained in the tie-out is what nobody can know from billing: bank charges.
#[track_caller]
fn ties_out(bench: &Bench, served: &Served) {
    let mut foreign: BTreeMap<(String, String), i64> = BTreeMap::new();
    served.sandbox.stripe.control().read(|company| {
        for entry in company.ledger.iter().filter(|entry| matches!(entry.reference, Reference::Text(_))) {
            assert!(entry.lines.iter().all(|line| line.account != Account::Receivable), "no orphans here");
            let entity = company.entities[usize::from(entry.entity)].code;
            for line in &entry.lines {
                let cell = (entity.to_owned(), line.account.number().to_string());
                *foreign.entry(cell).or_default() += line.amount;
            }
        }
    });
    for cell in bench.run(None, ["tie-out", "--as-of", &as_of()]).ok().lines() {
        let unexplained = cell["unexplained_minor"].as_i64().expect("an amount");
        let at = (text(&cell, "entity"), text(&cell, "account"));
        assert!(unexplained == 0 || foreign.contains_key(&at), "{cell}");
        if unexplained != 0 {
            *foreign.get_mut(&at).expect("seen above") -= unexplained;
        }
    }
    assert!(foreign.values().all(|left| *left == 0), "not shown: {foreign:?}");
}

/// Right books of a keeper, then wrong ones.
fn check(keeper: Keeper) {
    for (seed, fault_rate) in [(11, 0), (12, 250), (20_261_129, 250)] {
        let spec = Spec { seed, invoices: size(), as_of: DEFAULT_AS_OF, fault_rate };
        let company = generate(&spec);
        let wanted = wanted(&company, keeper);
        assert!((fault_rate == 0) == wanted.is_empty(), "{} labels", wanted.len());
        let served = Served::start_with(company, Options { keeper, ..Options::default() });
        let bench = desk(&served, keeper);
        same(&bench, &wanted);
        if fault_rate == 0 {
            ties_out(&bench, &served);
        }
    }
}

#[test]
fn records_of_the_vendors_connector_are_matched_by_their_names() {
    check(Keeper::Records);
}

#[test]
fn what_people_book_is_matched_by_the_number_in_the_memo_and_payments_under_the_invoices() {
    check(Keeper::ByHand);
}

#[test]
fn a_days_sales_in_one_journal_are_matched_by_their_sum() {
    check(Keeper::Summaries);
}

#[test]
fn each_entity_may_keep_its_books_in_a_way_of_its_own() {
    check(Keeper::Mixed);
}
