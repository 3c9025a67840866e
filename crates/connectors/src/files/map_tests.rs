use tieout_domain::Currency;

use super::*;
use crate::files::{HeaderPlace, Unnumbered};

const BILLING: &str = include_str!("../../../../fixtures/maps/online-retail-billing.toml");
const GL: &str = include_str!("../../../../fixtures/maps/online-retail-gl.toml");

#[track_caller]
fn refuses(text: &str, code: &str, words: &str) {
    let error = ColumnMap::parse(text).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn the_retail_maps_give_documents_to_entities_by_country() {
    let mapping = ColumnMap::parse(BILLING).unwrap().expectation().unwrap();
    for (country, entity) in [
        (Some("United Kingdom"), "GB01"),
        (Some("EIRE"), "EU01"),
        (Some("European Community"), "EU01"),
        (Some("Japan"), "RW01"),
        (None, "RW01"),
    ] {
        let got = mapping.route("billing.csv", country, Currency::GBP).unwrap();
        assert_eq!(got.code.as_str(), entity, "{country:?}");
        assert_eq!(got.accounts.receivable.as_str(), "1100");
        let revenue = mapping.revenue_account(got, Some("85123A"), None).unwrap();
        assert_eq!(revenue.as_str(), "4000");
    }
    let with_bank = BILLING.replace("[expect]", "[expect]\nbank = \"1010\"");
    let bank = |map: &str| {
        let map = ColumnMap::parse(map).unwrap();
        let mapping = map.expectation().unwrap();
        mapping.entities[0].accounts.bank.as_ref().map(ToString::to_string)
    };
    assert_eq!((bank(&with_bank).as_deref(), bank(BILLING)), (Some("1010"), None));
    assert_eq!(ColumnMap::parse(GL).unwrap().kind(), MapKind::Gl);
}

#[test]
fn a_key_that_the_format_does_not_know_is_refused_by_name() {
    refuses(&BILLING.replace("unit_price =", "unitprice ="), "map_syntax", "unitprice");
    refuses(&BILLING.replace("rounding =", "roundig ="), "map_syntax", "roundig");
    refuses(&BILLING.replace("decimal =", "decimals ="), "map_syntax", "decimals");
    refuses(&BILLING.replace("half_even", "bankers"), "map_syntax", "bankers");
    refuses(&BILLING.replace("schema = 1", "schema = 3"), "map_schema", "schemas 1 and 2");
}

#[test]
fn a_map_that_leaves_something_open_is_refused_and_says_what() {
    refuses(&BILLING.replace("date = \"InvoiceDate\"", ""), "map_missing", "columns.date");
    refuses(&BILLING.replace("unit_price = \"UnitPrice\"", ""), "map_missing", "columns.unit_price");
    refuses(&BILLING.replace("currency = \"GBP\"\n\n[formats]", "\n[formats]"), "map_missing", "currency");
    refuses(&BILLING.replace("rounding = \"half_even\"", ""), "map_missing", "documents.rounding");
    refuses(&GL.replace("credit = \"Credit\"", ""), "map_missing", "columns.credit");
    refuses(
        &GL.replace("unbooked =", "#").replace("booked =", "#").replace("void =", "#"),
        "map_missing",
        "status",
    );
    refuses(&BILLING.replace("[\"number\"]", "[\"invoice\"]"), "map_missing", "columns.invoice");
}

#[test]
fn a_map_that_contradicts_itself_is_refused() {
    refuses(&BILLING.replace("\"RW01\"\n\n", "\"XX01\"\n\n"), "map_expect", "XX01");
    refuses(&BILLING.replace("code = \"EU01\"", "code = \"GB01\""), "map_conflict", "two entities");
    refuses(&GL.replace("debit =", "amount = \"Amount\"\ndebit ="), "map_conflict", "amount");
    refuses(&GL.replace("\"Voided\"", "\"posted\""), "map_conflict", "two meanings");
    refuses(&GL.replace("posting_date =", "date ="), "map_wrong_column", "posting_date");
    refuses(&BILLING.replace("decimal = \".\"", "thousands = \".\""), "map_bad_value", "differ");
    refuses(&BILLING.replace("%Y-%m-%d\"]", "%Q\"]"), "map_bad_value", "%Q");
    refuses(&BILLING.replace("as_written", "by_kind"), "map_missing", "columns.kind");
}

#[test]
fn the_maps_that_show_the_second_version_are_read() {
    let billing = include_str!("../../../../fixtures/maps/version-2-billing.toml");
    let map = ColumnMap::parse(billing).unwrap();
    assert!(map.columns[&Role::Number].is("invoice  NUMBER") && !map.columns[&Role::Number].is("Invoice"));
    assert_eq!(map.zone, Some(chrono_tz::Tz::UTC));
    assert_eq!(map.expectation().unwrap().entities[0].accounts.receivable.as_str(), "1300");
    let gl = ColumnMap::parse(include_str!("../../../../fixtures/maps/version-2-gl.toml")).unwrap();
    assert_eq!(gl.kind(), MapKind::Gl);
    refuses(&billing.replace("schema = 2", "schema = 1"), "map_bad_value", "schema = 2");
}

#[test]
fn a_map_of_a_report_says_where_its_table_stands_and_keys_that_contradict_it_are_refused() {
    let report = include_str!("../../../../fixtures/maps/version-2-report.toml");
    let map = ColumnMap::parse(report).unwrap();
    let shape = map.shape.clone().unwrap();
    assert_eq!((shape.header, shape.header_rows), (HeaderPlace::Found, 1));
    assert_eq!(shape.headings.account, ["Account", "G/L Account"]);
    assert_eq!(map.columns[&Role::LineMemo].at, Some(5));
    assert_eq!(map.unnumbered(), Some(Unnumbered::ByDay));
    refuses(&report.replace("header_rows = 1", "header_rows = 3"), "map_bad_value", "1 or 2");
    refuses(&report.replace("flag = \"D/C\"", ""), "map_missing", "columns.flag");
    refuses(&report.replace("type = \"Type\"", ""), "map_missing", "columns.type");
    refuses(&report.replace("[columns]", "[columns]\naccount = \"A\""), "map_conflict", "account");
    refuses(&report.replace("%d.%m.%Y", "%d.%m."), "map_missing", "formats.year");
    refuses(&report.replace("header = ", "heading = "), "map_syntax", "heading");
    refuses(&report.replace("schema = 2", "schema = 1"), "map_bad_value", "schema = 2");
    assert!(
        ColumnMap::parse(include_str!("../../../../fixtures/maps/online-retail-gl.toml"))
            .unwrap()
            .shape
            .is_none()
    );
}
