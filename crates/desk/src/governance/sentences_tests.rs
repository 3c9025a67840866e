use super::*;
use tieout_domain::accounts::AccountMapping;

/// A mapping with every key of its format.
const WHOLE: &str = r#"
version = 2
reporting_currency = "GBP"
[[entity]]
code = "US01"
name = "Acme Inc."
functional_currency = "USD"
time_zone = "America/New_York"
erp_id = "1"
erp_connection = "netsuite"
sundry_customer = "77"
books_from = "2026-01-01"
rates = "ECB"
tolerance = "0.05"
materiality = "500.00"
receipts_master = "erp"
credit_notes = "required"
calendar = { kind = "4-4-5", month = 2, weekday = 1 }
[entity.accounts]
receivable = ["1100", "1101..1109"]
deferred_revenue = "2400"
tax_payable = "2200"
clearing = "1050"
fees = "6100"
bad_debt = "6200"
fx_clearing = "1990"
bank = "1010"
fee_tax = "2210"
deposits = "2300"
transfers = "1020"
reserves = "1060"
adjustments = "6300"
fx_gains = "7100"
fx_losses = "7200"
[entity.scopes]
clearing = "judged"
"4000..4999" = "listed"
[entity.segments]
department = "3"
[entity.segments.receivable]
class = "9"
[entity.close]
clearly_trivial = "5.00"
[entity.close.tolerance]
receivable = "750.00"
4000 = "25.00"
[[entity_rule]]
connection = "stripe"
country = "US"
currency = "USD"
entity = "US01"
[[revenue]]
product = "plan"
account = "4000"
[[revenue]]
entity = "US01"
product = "meter"
tax_code = "txcd_1"
account = "4010"
recognition = "over_time"
[[rate]]
from = "EUR"
to = "USD"
date = "2026-01-02"
rate = "1.0321"
source = "ECB"
[[batch]]
name = "daily invoices"
connection = "stripe"
kinds = ["invoice"]
by = "day"
entity = "US01"
begins_with = "Stripe"
[[not_ours]]
name = "payroll"
connection = "netsuite"
entity = "US01"
kinds = ["journal"]
begins_with = "PAY"
customers = ["12"]
accounts = ["6000"]
[[explanation]]
name = "bank charges"
category = "charges"
accounts = ["6500"]
[[names]]
connection = "netsuite"
strip_prefix = ["US-"]
strip_suffix = ["/A"]
add_prefix = "INV-"
leading_zeros = "ignored"
case = "ignored"
[[alias]]
connection = "stripe"
customer = "cus_1"
called = "Big Corp"
"#;

fn table(text: &str) -> MappingTable {
    MappingTable::of(&AccountMapping::parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"))).unwrap()
}

fn called(code: &str) -> String {
    match code {
        "4000" => "4000 Subscriptions".to_owned(),
        "4010" => "4010 Usage".to_owned(),
        other => other.to_owned(),
    }
}

fn said(before: &str, after: &str) -> Vec<String> {
    of_mapping(Some(&table(before)), &table(after), &called)
}

#[track_caller]
fn one(from: &str, to: &str, sentence: &str) {
    assert!(WHOLE.contains(from), "{from}");
    assert_eq!(said(WHOLE, &WHOLE.replacen(from, to, 1)), [sentence], "{from} -> {to}");
}

#[test]
fn what_is_changed_is_said_in_a_sentence() {
    one(
        "account = \"4000\"",
        "account = \"4010\"",
        "Revenue of product plan goes to 4010 Usage instead of 4000 Subscriptions",
    );
    one(
        "account = \"4010\"",
        "account = \"4000\"",
        "Revenue of product meter with tax code txcd_1 goes to 4000 Subscriptions instead of 4010 Usage in \
         US01, earned over time",
    );
    one(
        "recognition = \"over_time\"",
        "",
        "Revenue of product meter with tax code txcd_1 goes to 4010 Usage in US01 at once instead \
         of over time",
    );
    one("tax_payable = \"2200\"", "tax_payable = \"2201\"", "Tax payable of US01 is 2201 instead of 2200");
    one(
        "[\"1100\", \"1101..1109\"]",
        "\"1100\"",
        "The receivable of US01 is 1100 instead of 1100 and 1101..1109",
    );
    one(
        "tolerance = \"0.05\"",
        "tolerance = { USD = \"1.00\" }",
        "Differences in US01 are taken as equal up to 1.00 USD instead of 0.05 USD",
    );
    one("books_from = \"2026-01-01\"\n", "", "No longer: the books of US01 begin here on 2026-01-01");
    one(
        "rate = \"1.0321\"",
        "rate = \"1.04\"",
        "From 2026-01-02 on, 1 EUR is 1.04 instead of 1.0321 USD (ECB)",
    );
    one(
        "clearing = \"judged\"",
        "clearing = \"listed\"",
        "Clearing of US01 is read whole, so that it can be proven (listed) instead of judged",
    );
    assert_eq!(
        said(WHOLE, &WHOLE.replacen("country = \"US\"\n", "", 1)),
        ["No longer: documents of stripe from US in USD are US01's", "Documents of stripe in USD are US01's"]
    );
}

#[test]
fn no_key_of_the_format_comes_goes_or_changes_in_silence() {
    let mut left = Vec::new();
    let all = said("version = 2\n", WHOLE);
    let told = all.join("\n");
    for (number, line) in WHOLE.lines().enumerate() {
        let Some((key, value)) = line.split_once(" = ") else { continue };
        // What a row needs to be one is told with the row.
        let without: String =
            WHOLE.lines().enumerate().filter(|(n, _)| *n != number).map(|(_, l)| format!("{l}\n")).collect();
        match AccountMapping::parse(&without) {
            Ok(_) if key == "version" => {}
            Ok(_) if said(WHOLE, &without).is_empty() => left.push(line.to_owned()),
            Ok(_) => {}
            Err(_) => {
                let mut words = value.split('"').filter(|word| word.chars().any(char::is_alphanumeric));
                if key != "version" && !words.all(|word| told.contains(word)) {
                    left.push(line.to_owned());
                }
            }
        }
    }
    assert!(left.is_empty(), "nothing is said of {left:#?}\n{told}");
    assert!(said(WHOLE, WHOLE).is_empty(), "what is the same says nothing");
}

#[test]
fn an_order_that_decides_is_said_and_many_rates_are_said_together() {
    let more = format!("{WHOLE}[[entity_rule]]\nconnection = \"paddle\"\nentity = \"US01\"\n");
    let turned = WHOLE.replacen(
        "[[entity_rule]]",
        "[[entity_rule]]\nconnection = \"paddle\"\nentity = \"US01\"\n[[entity_rule]]",
        1,
    );
    let says = said(&more, &turned);
    assert!(
        says.len() == 1 && says[0].starts_with("The order changes, and the first that fits counts: "),
        "{says:?}"
    );
    let rates: String = (1..=9)
        .map(|day| {
            format!("[[rate]]\nfrom = \"USD\"\nto = \"GBP\"\ndate = \"2026-02-0{day}\"\nrate = \"0.8\"\n")
        })
        .collect();
    let says = said(WHOLE, &format!("{WHOLE}{rates}"));
    assert_eq!(says, ["9 rates from USD to GBP come, of 2026-02-01 to 2026-02-09"]);
}

#[test]
fn a_table_is_the_mapping_that_it_was_made_of() {
    let mapping = AccountMapping::parse(WHOLE).unwrap();
    assert_eq!(MappingTable::of(&mapping).unwrap().mapping().unwrap(), mapping);
    let mut remarks = crate::governance::table::Remarks::default();
    remarks.add("entity 0 accounts fees", "unsure: a guess");
    remarks.add("revenue 1", "unsure: no entry shows it");
    let text = table(WHOLE).text(&remarks).unwrap();
    assert!(text.contains("# unsure: a guess\nfees = \"6100\""), "{text}");
    assert!(text.contains("# unsure: no entry shows it\n[[revenue]]"), "{text}");
    assert_eq!(AccountMapping::parse(&text).unwrap(), mapping, "remarks change nothing");
}
