use super::*;

const FILE: &str = r#"
        schema = 1
        [[entity]]
        code = "GB01"
        functional_currency = "GBP"
        time_zone = "Europe/London"
        erp_id = "2"
        [entity.accounts]
        receivable = "1100"
        deferred_revenue = "2400"
        [[entity_rule]]
        connection = "stripe-gb"
        entity = "GB01"
        [[revenue]]
        product = "*"
        account = "4000"
        [[revenue]]
        product = "prod_team"
        account = "4005"
        recognition = "over_time"
        [[revenue]]
        product = "prod_team"
        tax_code = "zero"
        account = "4006"
        [[rate]]
        from = "USD"
        to = "GBP"
        date = "2026-01-01"
        rate = "0.79"
    "#;

#[test]
fn the_most_exact_rule_names_the_account() {
    let mapping = AccountMapping::parse(FILE).unwrap();
    let entity = mapping.route("stripe-gb", None, Currency::GBP).unwrap();
    for (product, tax, account) in [
        (Some("prod_usage"), None, "4000"),
        (None, None, "4000"),
        (Some("prod_team"), Some("std"), "2400"),
        (Some("prod_team"), Some("zero"), "4006"),
    ] {
        let got = mapping.revenue_account(entity, product, tax).unwrap();
        assert_eq!(got.as_str(), account, "{product:?} {tax:?}");
    }
}

#[test]
fn a_rule_can_name_lines_without_a_product_and_catch_no_unknown_one() {
    let text = FILE.replace(
        "product = \"*\"\n        account = \"4000\"",
        "product = \"(none)\"
        account = \"4900\"",
    );
    let mapping = AccountMapping::parse(&text).unwrap();
    let entity = mapping.route("stripe-gb", None, Currency::GBP).unwrap();
    let account = |product| mapping.revenue_account(entity, product, None).map(|a| a.to_string());
    assert_eq!(account(None).as_deref(), Some("4900"));
    assert_eq!(account(Some("prod_unknown")), None);
    let both = text.replace("[[rate]]", "[[revenue]]\n product = \"*\"\n account = \"4000\"\n [[rate]]");
    let both = AccountMapping::parse(&both).unwrap();
    let account = |product| both.revenue_account(entity, product, None).map(|a| a.to_string());
    assert_eq!(account(None).as_deref(), Some("4900"), "the exact rule wins over the one for anything");
    assert_eq!(account(Some("prod_unknown")).as_deref(), Some("4000"));
}

#[test]
fn the_accounts_of_money_moves_are_read_and_may_be_absent() {
    let text = FILE.replace(
        "receivable = \"1100\"",
        "receivable = \"1100\"\n bank = \"1010\"\n fee_tax = \"1576\"\n deposits = \"2150\"\n \
             transfers = \"1060\"\n reserves = \"1070\"\n adjustments = \"6900\"",
    );
    let read = |text: &str| AccountMapping::parse(text).unwrap().entities[0].accounts.clone();
    assert_eq!(read(&text).bank.unwrap().as_str(), "1010");
    assert_eq!(read(FILE).bank, None);
}

#[test]
fn a_file_that_contradicts_itself_is_refused_with_a_code() {
    let cases = [
        (FILE.replace("schema = 1", "schema = 3"), "mapping_schema"),
        (FILE.replace("entity = \"GB01\"", "entity = \"FR01\""), "mapping_unknown_entity"),
        (FILE.replace("deferred_revenue = \"2400\"", ""), "mapping_no_deferred_account"),
        (FILE.replace("0.79", "0"), "mapping_bad_rate"),
        (FILE.replace("receivable", "receivables"), "mapping_syntax"),
    ];
    for (text, code) in cases {
        assert_eq!(AccountMapping::parse(&text).unwrap_err().code(), code);
    }
}

#[test]
fn a_rate_holds_from_its_day_on() {
    let mapping = AccountMapping::parse(FILE).unwrap();
    let on = |day: &str| mapping.rate(Currency::USD, Currency::GBP, day.parse().unwrap());
    assert_eq!(on("2025-12-31"), None);
    assert_eq!(on("2026-06-30").unwrap().to_string(), "0.79");
}

#[test]
fn a_file_of_version_1_means_what_the_same_file_of_version_2_means() {
    let [old, new] = [
        include_str!("../../../fixtures/company/mapping-version-1.toml"),
        include_str!("../../../fixtures/company/mapping.toml"),
    ]
    .map(|text| AccountMapping::parse(text).unwrap());
    assert_eq!((old.schema, new.schema), (1, 2));
    let plain = |entity: &LegalEntity| LegalEntity { materiality: None, ..entity.clone() };
    assert_eq!(old.entities, new.entities.iter().map(plain).collect::<Vec<_>>());
    assert_eq!((old.entity_rules, old.revenue, old.rates), (new.entity_rules, new.revenue, new.rates));
}

#[test]
fn the_most_exact_limit_of_a_close_counts_and_each_is_an_amount_of_the_books() {
    let with = |close: &str| {
        let text = FILE.replace("schema = 1", "version = 2");
        AccountMapping::parse(&text.replace("[entity.accounts]", &format!("{close}\n[entity.accounts]")))
    };
    let close = "[entity.close]\nclearly_trivial = \"5.00\"\n[entity.close.tolerance]\n\
                 receivable = \"500.00\"\n\"4000..4999\" = \"2500.00\"\n4005 = \"10.00\"\n";
    let mapping = with(close).unwrap();
    let entity = &mapping.entities[0];
    for (account, limit) in
        [("1100", Some("500.00")), ("4000", Some("2500.00")), ("4005", Some("10.00")), ("2400", None)]
    {
        let code = account.parse().unwrap();
        let role = mapping.role_of(entity, &code);
        let found = entity.close.tolerance_of(&code, role).map(|amount| amount.0.as_str());
        assert_eq!(found, limit, "{account}");
    }
    let refused = |close: &str| with(close).unwrap_err().code();
    assert_eq!(refused("[entity.close]\nclearly_trivial = \"-5.00\"\n"), "mapping_bad_value");
    assert_eq!(refused("[entity.close.tolerance]\nreceivable = \"5.001\"\n"), "mapping_bad_value");
    let trivial = "[entity.close]\nclearly_trivial = \"5.00\"\n[entity.accounts]";
    let old = FILE.replace("[entity.accounts]", trivial);
    assert_eq!(AccountMapping::parse(&old).unwrap_err().code(), "mapping_key_too_new");
}

#[test]
fn a_rate_of_a_source_holds_for_the_entities_that_name_it() {
    let text =
        FILE.replace("schema = 1", "version = 2").replace("time_zone", "rates = \"ECB\"\n        time_zone")
            + "\n[[rate]]\nfrom = \"USD\"\nto = \"GBP\"\ndate = \"2026-01-01\"\nrate = \"0.81\"\n\
             source = \"ECB\"\n";
    let mapping = AccountMapping::parse(&text).unwrap();
    let day = "2026-02-01".parse().unwrap();
    let rate = mapping.rate_for(&mapping.entities[0], Currency::USD, day);
    assert_eq!(rate.map(|rate| rate.to_string()).as_deref(), Some("0.81"));
    assert_eq!(mapping.rate(Currency::USD, Currency::GBP, day).unwrap().to_string(), "0.79");
}

#[test]
fn the_most_exact_scope_counts() {
    let text = FILE.replace("schema = 1", "version = 2").replace(
        "        [[entity_rule]]",
        "        [entity.scopes]\n        deferred_revenue = \"judged\"\n\
             \"1100..1199\" = \"listed\"\n\
                     \"1150\" = \"ours\"\n        [[entity_rule]]",
    );
    let mapping = AccountMapping::parse(&text).unwrap();
    let scope = |code: &str| mapping.scope(&mapping.entities[0], &code.parse().unwrap());
    assert_eq!(scope("1100"), Some(Scope::Listed));
    assert_eq!(scope("1150"), Some(Scope::Ours));
    assert_eq!(scope("2400"), Some(Scope::Judged));
    assert_eq!(scope("4000"), Some(Scope::Listed));
    assert_eq!(scope("9999"), None);
}
