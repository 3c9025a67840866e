use super::*;

const POLICY: &str = r#"
schema = 1
[[tier]]
entity = "GB01"
kind = "unposted"
currency = "GBP"
up_to = "1000.00"
approvals = "one"
[[tier]]
entity = "*"
kind = "*"
currency = "*"
up_to = "unlimited"
approvals = "two"
"#;

const FORBIDS: &str = "cedar = '''\n@id(\"no_large\")\n@reason(\"large items go to a controller\")\n\
    forbid (principal, action == Action::\"dismiss\", resource)\n\
    when { resource.gross_minor > 100000 };\n'''\n";

fn with_cedar(cedar: &str) -> String {
    POLICY.replacen("schema = 1\n", &format!("schema = 1\n{cedar}"), 1)
}

#[test]
fn what_a_policy_changes_is_said_in_a_sentence() {
    let of = |after: &str| of_policy(Some(POLICY), after);
    assert_eq!(
        of_policy(None, POLICY),
        [
            "Postings for anything of any amount in any currency need two approvals",
            "Postings for \u{201c}Not posted\u{201d} in GB01 up to 1000.00 GBP need one approval",
        ]
    );
    assert_eq!(
        of(&POLICY.replacen("\"one\"", "\"two\"", 1)),
        ["Postings for \u{201c}Not posted\u{201d} in GB01 up to 1000.00 GBP need two approvals instead of \
          one approval"]
    );
    assert_eq!(
        of(&with_cedar(FORBIDS)),
        ["The rule no_large forbids besides: large items go to a controller"]
    );
    assert_eq!(
        of_policy(Some(&with_cedar(FORBIDS)), POLICY),
        ["No longer: the rule no_large forbids: large items go to a controller"]
    );
    assert_eq!(
        of_policy(Some(&with_cedar(FORBIDS)), &with_cedar(&FORBIDS.replace("100000", "9"))),
        ["The rule no_large is worded anew and forbids: large items go to a controller"]
    );
    assert!(of(POLICY).is_empty(), "what is the same says nothing");
}

#[test]
fn what_a_later_version_of_the_format_says_is_not_passed_over() {
    let (plain, more) = ("schema = 1\n", "schema = 1\n[[late]]\nrule = \"L3\"\nup_to = \"5000.00\"\n");
    assert_eq!(of_policy(Some(plain), more), ["Late rule L3, up to 5000.00"]);
    assert_eq!(of_policy(Some(more), plain), ["No longer: late rule L3, up to 5000.00"]);
}
