use super::*;
use crate::document::{DocumentDate, DocumentLine};

const MAPPING: &str = r#"
    schema = 1
    [[entity]]
    code = "GB01"
    functional_currency = "GBP"
    time_zone = "Europe/London"
    [entity.accounts]
    receivable = "1100"
    deferred_revenue = "2400"
    tax_payable = "2200"
    clearing = "1050"
    fees = "6100"
    bad_debt = "6200"
    fx_clearing = "1990"
    [[entity_rule]]
    connection = "stripe-gb"
    entity = "GB01"
    [[revenue]]
    product = "prod_team"
    account = "4000"
    recognition = "over_time"
    [[revenue]]
    product = "prod_usage"
    account = "4010"
    [[rate]]
    from = "USD"
    to = "GBP"
    date = "2025-01-01"
    rate = "0.7777"
"#;

/// What versions before money moves made of [`document`] as a payment of 120.00.
const PAYMENT_HASH: &str = "eaf897c7f3f17e8629d0e5e120ca39fc475fa2bd4505814455cecb8597dfec0f";

fn line(product: &str, minor: i64) -> DocumentLine {
    DocumentLine {
        product: Some(product.into()),
        description: product.into(),
        quantity: Decimal::ONE,
        unit_price: Decimal::ZERO,
        amount_minor: Some(minor),
        tax_minor: 0,
        tax_code: None,
        service_starts: None,
        service_ends: None,
    }
}

fn document(kind: DocumentKind, status: DocumentStatus, total: i64, tax: i64) -> Document {
    Document {
        kind,
        external_id: "x_1".into(),
        reference: "INV-1".into(),
        status,
        // 23:30 UTC on 31 March is already 1 April in London (BST).
        date: DocumentDate::Instant("2026-03-31T23:30:00Z".parse().unwrap()),
        finalized_at: Some("2026-03-31T23:30:00Z".parse().unwrap()),
        changed_at: None,
        total: Money::new(total, Currency::GBP),
        tax_minor: tax,
        lines: vec![],
        customer: None,
        country: None,
        entity: None,
        subscription: None,
        invoice: None,
        payment: None,
        outside: false,
    }
}

fn derived(document: &Document, facts: Facts) -> Result<Expectation, Gap> {
    expect(document, facts, "stripe-gb", &AccountMapping::parse(MAPPING).unwrap(), &[])
}

#[track_caller]
fn check(document: &Document, facts: Facts, want: &[(&str, i64)]) {
    let got = derived(document, facts).unwrap();
    let got: Vec<(&str, i64)> = got.lines.iter().map(|(a, m)| (a.as_str(), *m)).collect();
    assert_eq!(got, want);
}

fn invoice(status: DocumentStatus) -> Document {
    let mut doc = document(DocumentKind::Invoice, status, 12000, 2000);
    doc.lines = vec![line("prod_team", 9000), line("prod_usage", 1000)];
    doc
}

#[test]
fn an_invoice_debits_receivables_and_credits_deferred_revenue_revenue_and_tax() {
    let want = [("1100", 12000), ("2200", -2000), ("2400", -9000), ("4010", -1000)];
    check(&invoice(DocumentStatus::Final), Facts::default(), &want);
}

#[test]
fn a_write_off_moves_the_receivable_to_bad_debt_and_a_void_leaves_nothing() {
    let want = [("2200", -2000), ("2400", -9000), ("4010", -1000), ("6200", 12000)];
    check(&invoice(DocumentStatus::WrittenOff), Facts::default(), &want);
    check(&invoice(DocumentStatus::Void), Facts::default(), &[]);
}

#[test]
fn a_credit_note_reverses_by_its_own_sign() {
    let mut note = document(DocumentKind::CreditNote, DocumentStatus::Final, -1200, -200);
    note.lines = vec![line("prod_usage", -1000)];
    check(&note, Facts::default(), &[("1100", -1200), ("2200", 200), ("4010", 1000)]);
}

#[test]
fn a_payment_debits_clearing_and_fees_and_a_dispute_leaves_only_the_fee() {
    let payment = document(DocumentKind::Payment, DocumentStatus::Final, -12000, 0);
    let fee = Facts { fee_minor: 350, ..Facts::default() };
    check(&payment, fee, &[("1050", 11650), ("1100", -12000), ("6100", 350)]);
    check(&payment, Facts { disputed: true, ..fee }, &[("1050", -350), ("6100", 350)]);
    let failed = document(DocumentKind::Payment, DocumentStatus::Failed, -12000, 0);
    check(&failed, Facts::default(), &[]);
    let refund = document(DocumentKind::Refund, DocumentStatus::Final, 500, 0);
    check(&refund, Facts::default(), &[("1050", -500), ("1100", 500)]);
}

/// The mapping with the accounts of all money moves, for documents in any currency.
fn moving(total: i64, kind: DocumentKind, currency: &str, facts: Facts) -> Vec<(String, i64)> {
    let accounts = "receivable = \"1100\"\n bank = \"1010\"\n fee_tax = \"1576\"\n transfers = \"1060\"\n \
                    reserves = \"1070\"\n adjustments = \"6900\"\n deposits = \"2150\"";
    let text = MAPPING.replace("receivable = \"1100\"", accounts);
    let mut document = document(kind, DocumentStatus::Final, total, 0);
    document.total = Money::new(total, Currency::new(currency).unwrap());
    let got = expect(&document, facts, "stripe-gb", &AccountMapping::parse(&text).unwrap(), &[]).unwrap();
    let sum: i64 = got.lines.iter().map(|(_, minor)| minor).sum();
    assert_eq!(sum, 0, "{kind:?} balances");
    let control = if kind.nature() == Nature::Moves { "1050" } else { "1100" };
    assert_eq!(got.control.as_str(), control);
    got.lines.into_iter().map(|(account, minor)| (account.to_string(), minor)).collect()
}

#[test]
fn every_move_of_money_stands_on_the_accounts_of_its_kind_in_its_own_currency() {
    use DocumentKind::{
        Adjustment, Conversion, CustomerBalance, Dispute, Fee, Movement, Payment, Payout, Refund, Reserve,
        TopUp, Transfer,
    };
    for currency in ["GBP", "JPY", "KWD", "ISK"] {
        let check = |total, kind, fee_minor, want: &[(&str, i64)]| {
            let facts = Facts { fee_minor, ..Facts::default() };
            let got = moving(total, kind, currency, facts);
            let got: Vec<(&str, i64)> =
                got.iter().map(|(account, minor)| (account.as_str(), *minor)).collect();
            assert_eq!(got, want, "{kind:?} in {currency}");
        };
        check(-7_000, Payment, 233, &[("1050", 6_767), ("1100", -7_000), ("6100", 233)]);
        check(10_000, Refund, -320, &[("1050", -9_680), ("1100", 10_000), ("6100", -320)]);
        check(3_000, Dispute, 1_500, &[("1050", -4_500), ("1100", 3_000), ("6100", 1_500)]);
        check(250, Fee, 0, &[("1050", -250), ("6100", 250)]);
        check(7_875, Payout, 79, &[("1010", 7_875), ("1050", -7_954), ("6100", 79)]);
        check(-500, TopUp, 0, &[("1010", -500), ("1050", 500)]);
        check(900, Transfer, 0, &[("1050", -900), ("1060", 900)]);
        check(-40, Reserve, 0, &[("1050", 40), ("1070", -40)]);
        check(-3, Adjustment, 0, &[("1050", 3), ("6900", -3)]);
        check(8, Movement, 0, &[("1050", -8), ("6900", 8)]);
        check(-3_000, CustomerBalance, 0, &[("1100", -3_000), ("2150", 3_000)]);
        check(-3_172, Conversion, 112, &[("1050", 3_060), ("1990", -3_172), ("6100", 112)]);
    }
}

#[test]
fn money_settled_in_another_currency_stands_against_fx_clearing_and_never_bears_its_fee() {
    let converted = Facts { converted: true, ..Facts::default() };
    let payment = document(DocumentKind::Payment, DocumentStatus::Final, -5_000, 0);
    check(&payment, converted, &[("1100", -5_000), ("1990", 5_000)]);
    let dispute = document(DocumentKind::Dispute, DocumentStatus::Final, 5_000, 0);
    check(&dispute, converted, &[("1100", 5_000), ("1990", -5_000)]);
}

#[test]
fn the_tax_on_a_fee_is_a_fee_unless_the_house_deducts_it() {
    let facts = Facts { fee_minor: 120, fee_tax_minor: 20, ..Facts::default() };
    let payment = document(DocumentKind::Payment, DocumentStatus::Final, -1_000, 0);
    check(&payment, facts, &[("1050", 880), ("1100", -1_000), ("6100", 120)]);
    let mut tax = document(DocumentKind::Fee, DocumentStatus::Final, 55, 55);
    check(&tax, Facts::default(), &[("1050", -55), ("6100", 55)]);
    let text = MAPPING.replace("fees = ", "fee_tax = \"1576\"\n fees = ");
    let mapping = AccountMapping::parse(&text).unwrap();
    let lines = |document: &Document, facts| {
        let got = expect(document, facts, "stripe-gb", &mapping, &[]).unwrap();
        got.lines.into_iter().map(|(account, minor)| (account.to_string(), minor)).collect::<Vec<_>>()
    };
    let of = |pairs: &[(&str, i64)]| pairs.iter().map(|(a, m)| ((*a).to_owned(), *m)).collect::<Vec<_>>();
    assert_eq!(lines(&tax, Facts::default()), of(&[("1050", -55), ("1576", 55)]));
    let want = of(&[("1050", 880), ("1100", -1_000), ("1576", 20), ("6100", 100)]);
    assert_eq!(lines(&payment, facts), want);
    tax.tax_minor = 0;
    assert_eq!(lines(&tax, Facts::default()), of(&[("1050", -55), ("6100", 55)]), "a fee is no tax");
}

#[test]
fn what_came_to_nothing_leaves_its_fees() {
    let lost_fee = Facts { fee_minor: 1_500, ..Facts::default() };
    let won = document(DocumentKind::Dispute, DocumentStatus::Void, 10_000, 0);
    check(&won, lost_fee, &[("1050", -1_500), ("6100", 1_500)]);
    let failed = document(DocumentKind::Refund, DocumentStatus::Failed, 4_000, 0);
    check(&failed, Facts::default(), &[]);
    let inquiry = document(DocumentKind::Dispute, DocumentStatus::Pending, 4_000, 0);
    check(&inquiry, Facts::default(), &[]);
    let returned = document(DocumentKind::Payout, DocumentStatus::Failed, 4_000, 0);
    check(&returned, Facts::default(), &[]);
}

#[test]
fn money_outside_of_the_processor_is_the_banks_and_its_missing_account_is_said_once() {
    let mut outside = document(DocumentKind::Payment, DocumentStatus::Final, -10_000, 0);
    outside.outside = true;
    let payout = document(DocumentKind::Payout, DocumentStatus::Final, 7_875, 0);
    let gaps = [&outside, &payout].map(|document| derived(document, Facts::default()).unwrap_err());
    assert_eq!(gaps[0].fingerprint(), gaps[1].fingerprint());
    assert!(gaps[0].fingerprint().starts_with(Gap::ONCE));
    let text = MAPPING.replace("fees = ", "bank = \"1010\"\n fees = ");
    let mapping = AccountMapping::parse(&text).unwrap();
    let got = expect(&outside, Facts::default(), "stripe-gb", &mapping, &[]).unwrap();
    let got: Vec<(&str, i64)> = got.lines.iter().map(|(a, m)| (a.as_str(), *m)).collect();
    assert_eq!(got, [("1010", 10_000), ("1100", -10_000)]);
}

#[test]
fn a_balance_credited_by_hand_is_booked_only_where_the_house_has_an_account_for_it() {
    let credited = document(DocumentKind::CustomerBalance, DocumentStatus::Final, -3_000, 0);
    check(&credited, Facts::default(), &[]);
}

#[test]
fn a_document_of_nothing_may_move_revenue_between_accounts() {
    let mut change = document(DocumentKind::Invoice, DocumentStatus::Final, 0, 0);
    change.lines = vec![line("prod_team", -2_000), line("prod_usage", 2_000)];
    check(&change, Facts::default(), &[("2400", 2_000), ("4010", -2_000)]);
    change.lines = vec![line("prod_unknown", 0)];
    check(&change, Facts::default(), &[]);
}

#[test]
fn a_line_of_nothing_needs_no_account_and_a_tax_of_no_line_is_taken() {
    let mut invoice = invoice(DocumentStatus::Final);
    invoice.lines.push(DocumentLine { tax_minor: 40, ..line("prod_unknown", 0) });
    let want = [("1100", 12000), ("2200", -2000), ("2400", -9000), ("4010", -1000)];
    check(&invoice, Facts::default(), &want);
}

#[test]
fn the_hash_of_a_document_is_what_it_was_unless_it_has_what_is_new() {
    let mut payment = document(DocumentKind::Payment, DocumentStatus::Final, -12000, 0);
    // As versions before money moves hashed it.
    assert_eq!(payment.content_hash(), PAYMENT_HASH);
    payment.outside = true;
    assert_ne!(payment.content_hash(), PAYMENT_HASH);
}

#[test]
fn the_document_date_is_read_in_the_entitys_time_zone() {
    let got = derived(&invoice(DocumentStatus::Final), Facts::default()).unwrap();
    assert_eq!(got.document_date.to_string(), "2026-04-01");
    assert_eq!(got.period.as_str(), "2026-04");
}

#[test]
fn a_product_without_an_account_is_a_gap_with_one_fingerprint() {
    let mut doc = invoice(DocumentStatus::Final);
    doc.lines.push(line("prod_legacy_addon", 1));
    let gap = derived(&doc, Facts::default()).unwrap_err();
    assert_eq!(gap.fingerprint(), "product:GB01:prod_legacy_addon:-");
}

#[test]
fn lines_with_more_digits_than_the_currency_are_rounded_once() {
    let mut doc = document(DocumentKind::Invoice, DocumentStatus::Final, 101, 0);
    doc.lines = (0..3)
        .map(|_| DocumentLine {
            amount_minor: None,
            unit_price: "0.335".parse().unwrap(),
            ..line("prod_usage", 0)
        })
        .collect();
    // 3 × 0.335 = 1.005: half to even gives 1.00, the document says 1.01; the document's total wins.
    check(&doc, Facts::default(), &[("1100", 101), ("4010", -101)]);
}

#[test]
fn a_late_arrival_belongs_to_the_first_period_that_was_not_closed_when_it_came() {
    let period = |key: &str, from: &str, to: &str, closed: Option<&str>| Period {
        entity: "GB01".parse().unwrap(),
        key: PeriodKey::new(key),
        starts: from.parse().unwrap(),
        ends: to.parse().unwrap(),
        status: closed.map_or(crate::calendar::PeriodStatus::Open, |_| crate::calendar::PeriodStatus::Closed),
        closed_at: closed.map(|c| c.parse().unwrap()),
    };
    let periods = [
        period("2026-04", "2026-04-01", "2026-04-30", Some("2026-05-07T17:00:00Z")),
        period("2026-05", "2026-05-01", "2026-05-31", Some("2026-06-05T17:00:00Z")),
    ];
    let mut doc = invoice(DocumentStatus::Final);
    doc.finalized_at = Some("2026-05-20T00:00:00Z".parse().unwrap());
    let mapping = AccountMapping::parse(MAPPING).unwrap();
    let got = expect(&doc, Facts::default(), "stripe-gb", &mapping, &periods).unwrap();
    assert!(got.late);
    assert_eq!(got.period.as_str(), "2026-05");
}

#[test]
fn an_entry_in_another_currency_balances_in_both() {
    let mut doc = invoice(DocumentStatus::Final);
    doc.total = Money::new(12001, Currency::USD);
    let mapping = AccountMapping::parse(MAPPING).unwrap();
    let expected = derived(&doc, Facts::default()).unwrap();
    let day = expected.document_date;
    let entry = entry_for(&expected, "INV-1", None, &mapping, day, PeriodKey::month(day)).unwrap();
    assert_eq!(entry.functional_currency(), Currency::GBP);
    assert_eq!(entry.net_on(&"1100".parse().unwrap()), 12001);
    assert_eq!(entry.rate().unwrap().to_string(), "0.7777");
}

#[test]
fn a_document_that_moves_nothing_needs_no_posting_and_no_mapping_and_one_that_totals_zero_may_need_both() {
    let mut doc = document(DocumentKind::Invoice, DocumentStatus::Final, 0, 0);
    doc.lines = vec![line("prod_legacy_addon", 0), line("prod_team", 0)];
    check(&doc, Facts::default(), &[]);
    doc.lines = vec![line("prod_legacy_addon", 100), line("prod_team", -100)];
    let gap = derived(&doc, Facts::default()).unwrap_err();
    assert_eq!(gap.fingerprint(), "product:GB01:prod_legacy_addon:-");
}

#[test]
fn amounts_that_cannot_be_added_up_are_said_and_never_cut_off() {
    let too_large = |doc: &Document| {
        assert_eq!(derived(doc, Facts::default()).unwrap_err(), Gap::Amount, "{:?}", doc.lines);
    };
    let mut priced = document(DocumentKind::Invoice, DocumentStatus::Final, 101, 0);
    let line = DocumentLine { amount_minor: None, unit_price: Decimal::MAX, ..line("prod_usage", 0) };
    priced.lines = vec![DocumentLine { quantity: Decimal::TEN, ..line.clone() }];
    too_large(&priced);
    priced.lines = vec![line.clone(), line.clone()];
    too_large(&priced);
    priced.lines = vec![line.clone()];
    too_large(&priced);
    let mut lowest = document(DocumentKind::Invoice, DocumentStatus::Final, i64::MIN, 0);
    lowest.lines = vec![DocumentLine { unit_price: Decimal::ONE, ..line }];
    too_large(&lowest);
}

#[test]
fn a_line_that_minor_units_cannot_hold_weighs_as_much_as_is_rounded_up() {
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let texts =
        ["0", "0.00", "1", "-1", "3", "0.005", "-0.125", "12.5", "999999.99", "10.625", "0.0000000001"];
    for (quantity, price) in texts.iter().flat_map(|a| texts.iter().map(move |b| (decimal(a), decimal(b)))) {
        let mut one = invoice(DocumentStatus::Final);
        (one.total, one.tax_minor) = (Money::zero(one.currency()), 0);
        one.lines = vec![DocumentLine { quantity, unit_price: price, amount_minor: None, ..line("a", 0) }];
        let minor = (quantity * price * Decimal::ONE_HUNDRED).abs().ceil();
        assert_eq!(Decimal::from(one.weight()), minor, "{quantity} x {price}");
    }
    let mut much = invoice(DocumentStatus::Final);
    much.lines = vec![DocumentLine {
        quantity: Decimal::MAX,
        unit_price: Decimal::MAX,
        amount_minor: None,
        ..line("a", 0)
    }];
    assert_eq!(much.weight(), i128::MAX);
}
