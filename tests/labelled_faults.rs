//! The labelled faults of the generated company, synced over HTTP by the real binary, are found exactly: no
//! miss and no false alarm, and what changes in billing afterwards opens and closes exceptions as it should.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::collections::{BTreeMap, BTreeSet};

use binary::{Bench, text};
use company::{ONE_APPROVER, Served, as_of, desk};
use serde_json::Value;
use tieout_sandbox::{
    company::{
        Account, ChargeStatus, Company, DEFAULT_AS_OF, InvoiceStatus, LedgerEntry, Reference, Spec, generate,
    },
    stripe::Command,
};

type Finding = (String, String, String, String, i64);

fn found(bench: &Bench, as_of: &str) -> Vec<Finding> {
    let entity = |e: &Value| e["entity"].as_str().unwrap_or_default().to_owned();
    let one = |e: &Value| {
        let amount = e["amount_minor"].as_i64().expect("an amount");
        (text(e, "external_ref"), text(e, "kind"), entity(e), text(e, "currency"), amount)
    };
    bench.exceptions(as_of).iter().map(one).collect()
}

fn labels(company: &Company) -> Vec<Finding> {
    let one = |l: &tieout_sandbox::company::Label| {
        let entity = company.entities[usize::from(l.entity)].code;
        (
            l.external_ref.clone(),
            l.kind.word().to_owned(),
            entity.to_owned(),
            l.currency.code().to_owned(),
            l.amount_minor,
        )
    };
    company.labels.iter().map(one).collect()
}

#[track_caller]
fn same(found: &[Finding], wanted: &[Finding]) {
    let (f, w): (BTreeSet<_>, BTreeSet<_>) = (found.iter().collect(), wanted.iter().collect());
    let missed: Vec<_> = w.difference(&f).collect();
    let false_alarms: Vec<_> = f.difference(&w).collect();
    assert!(
        missed.is_empty() && false_alarms.is_empty(),
        "{} missed, {} false alarms\nmissed: {:#?}\nfalse alarms: {:#?}",
        missed.len(),
        false_alarms.len(),
        &missed[..missed.len().min(30)],
        &false_alarms[..false_alarms.len().min(30)],
    );
    assert_eq!(found.len(), wanted.len(), "one exception per document and cause");
}

fn size() -> u32 {
    if std::env::var_os("TIEOUT_FULL").is_some() { 100_000 } else { 5_000 }
}

#[test]
fn every_labelled_fault_is_found_and_nothing_else() {
    for seed in [1, 20_261_120] {
        let spec = Spec { seed, invoices: size(), as_of: DEFAULT_AS_OF, ..Spec::default() };
        let company = generate(&spec);
        let wanted = labels(&company);
        assert!(wanted.len() > 100, "only {} labels", wanted.len());
        let served = Served::start(company);
        let bench = desk(&served, &[], ONE_APPROVER);
        same(&found(&bench, &as_of()), &wanted);
        bench.run(None, ["sync", "--as-of", &as_of()]).ok();
        same(&found(&bench, &as_of()), &wanted);
    }
}

/// The company's present as the servers have it now.
fn present(served: &Served) -> String {
    company::instant(served.sandbox.stripe.control().now())
}

/// Reference and kind of what is open, after a sync as of the company's present.
fn kinds(bench: &Bench, served: &Served) -> Vec<(String, String)> {
    let now = present(served);
    bench.run(None, ["sync", "--as-of", &now]).ok();
    let mut all: Vec<_> =
        bench.exceptions(&now).iter().map(|e| (text(e, "external_ref"), text(e, "kind"))).collect();
    all.sort();
    all
}

/// Ids and references of settled documents that can be changed: open invoices, then a taken payment.
fn changeable(company: &Company) -> (Vec<(String, String)>, String) {
    let settled = company.now - 10 * 86_400;
    let charged: BTreeSet<u32> = company.charges.iter().map(|c| c.invoice).collect();
    let plain = |(position, i): &(u32, &tieout_sandbox::company::Invoice)| {
        i.status == InvoiceStatus::Open
            && i.finalized_at.is_some_and(|at| at < settled)
            && i.total() > 0
            && i.credit_notes == 0
            && i.revises.is_none()
            && !charged.contains(position)
    };
    let invoices = (0..).zip(&company.invoices).filter(plain);
    let named = |(_, i): (u32, &tieout_sandbox::company::Invoice)| {
        (i.id.to_string(), company.invoice_number(i).expect("it is no draft"))
    };
    let taken = company.charges.iter().rfind(|c| {
        c.status == ChargeStatus::Succeeded && c.refunded == 0 && c.dispute.is_none() && c.created < settled
    });
    (invoices.map(named).collect(), taken.expect("a payment").id.to_string())
}

#[test]
fn what_changes_in_billing_after_booking_opens_and_closes_with_its_history() {
    let spec = Spec { seed: 4, invoices: 800, as_of: DEFAULT_AS_OF, fault_rate: 0 };
    let served = Served::start(generate(&spec));
    let bench = desk(&served, &[], ONE_APPROVER);
    assert_eq!(kinds(&bench, &served), [], "a company without faults has no exceptions");

    let control = served.sandbox.stripe.control();
    let (invoices, charge) = control.read(changeable);
    assert!(invoices.len() >= 4, "only {} open invoices", invoices.len());
    let [voided, written_off, amended, paid] = [0, 1, 2, 3].map(|at| invoices[at].clone());
    control.run(Command::VoidInvoice { invoice: voided.0 }).unwrap();
    control.run(Command::WriteOffInvoice { invoice: written_off.0 }).unwrap();
    control.run(Command::AmendInvoice { invoice: amended.0.clone(), by: 500 }).unwrap();
    control.run(Command::PayInvoice { invoice: paid.0, succeeds: true }).unwrap();
    let dispute = control.run(Command::DisputeCharge { charge }).unwrap();
    let payment = control.read(|c| c.charges.last().expect("it was just made").id.to_string());

    let changed = |reference: &str| (reference.to_owned(), "changed_after_posting".to_owned());
    let mut wanted = vec![changed(&voided.1), changed(&written_off.1), changed(&amended.1)];
    wanted.sort();
    assert_eq!(kinds(&bench, &served), wanted, "the new payment and the dispute are still inside their time");

    // Time passes, and nobody books the payment, nor what the dispute took back.
    control.run(Command::Advance { seconds: 2 * 86_400 }).unwrap();
    let disputed = (dispute.to_string(), "unposted".to_owned());
    assert!(kinds(&bench, &served).contains(&disputed), "a dispute is a document of its own");
    // The dispute is won, and the invoice is set back.
    control.run(Command::CloseDispute { dispute: dispute.to_string(), won: true }).unwrap();
    control.run(Command::AmendInvoice { invoice: amended.0.clone(), by: -500 }).unwrap();
    let before = id_of(&bench, &served, &amended.1);
    let unposted = (payment, "unposted".to_owned());
    // What was still on its way is late now too: the integration of this company has stopped.
    let on_their_way: Vec<_> = kinds(&bench, &served).into_iter().filter(|k| *k != unposted).collect();
    let on_their_way = on_their_way.into_iter().filter(|(_, kind)| kind == "unposted").collect::<Vec<_>>();
    let mut wanted = vec![changed(&voided.1), changed(&written_off.1), unposted.clone()];
    wanted.extend(on_their_way.clone());
    wanted.sort();
    assert_eq!(kinds(&bench, &served), wanted);
    assert!(on_their_way.len() < 5, "{on_their_way:?}");
    let closed = bench.run(None, ["exceptions", "--state", "closed", "--as-of", &present(&served)]).ok();
    let closed: BTreeSet<String> = closed.lines().iter().map(|e| text(e, "external_ref")).collect();
    assert_eq!(closed, [amended.1.clone(), dispute.to_string()].into());

    // The same cause again is the same exception again, with all that happened to it.
    control.run(Command::AmendInvoice { invoice: amended.0, by: 500 }).unwrap();
    let mut wanted = vec![changed(&voided.1), changed(&written_off.1), changed(&amended.1), unposted];
    wanted.extend(on_their_way);
    wanted.sort();
    assert_eq!(kinds(&bench, &served), wanted);
    assert_eq!(id_of(&bench, &served, &amended.1), before);
    let shown = bench.run(None, ["show", &before]).ok().stdout;
    for word in ["opened", "closed", "reopened"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    unexplained_is_what_never_touched_receivables(&bench, &served);
}

/// Journals that touch no receivables (bank charges, say) are nobody's exception, and the tie-out of the
/// other accounts shows exactly them; everything else is explained to the last minor unit.
fn unexplained_is_what_never_touched_receivables(bench: &Bench, served: &Served) {
    let mut foreign: BTreeMap<(String, String), i64> = BTreeMap::new();
    served.sandbox.stripe.control().read(|company| {
        // What billing knows as a payout or a fee is no foreign journal.
        let untouched = |e: &&LedgerEntry| {
            matches!(e.reference, Reference::Text(_))
                && e.lines.iter().all(|l| l.account != Account::Receivable)
        };
        for entry in company.ledger.iter().filter(untouched) {
            let entity = company.entities[usize::from(entry.entity)].code;
            for line in &entry.lines {
                let cell = (entity.to_owned(), line.account.number().to_string());
                *foreign.entry(cell).or_default() += line.amount;
            }
        }
    });
    assert!(!foreign.is_empty(), "the company has bank charges");
    for cell in bench.run(None, ["tie-out", "--as-of", &present(served)]).ok().lines() {
        let unexplained = cell["unexplained_minor"].as_i64().expect("an amount");
        let at = (text(&cell, "entity"), text(&cell, "account"));
        assert!(unexplained == 0 || foreign.contains_key(&at), "{cell}");
        if unexplained != 0 {
            *foreign.get_mut(&at).expect("seen above") -= unexplained;
        }
    }
    assert!(foreign.values().all(|left| *left == 0), "not shown: {foreign:?}");
}

fn id_of(bench: &Bench, served: &Served, reference: &str) -> String {
    let all = bench.run(None, ["exceptions", "--state", "all", "--as-of", &present(served)]).ok().lines();
    let found = all.iter().find(|e| e["external_ref"] == reference);
    text(found.expect("the exception is listed"), "id")
}
