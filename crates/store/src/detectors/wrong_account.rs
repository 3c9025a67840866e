//! The amount is right, but it stands on other accounts than expected, the control account included.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::WrongAccount,
    query: Query::Comparison(Over {
        when: "c.present = 1 AND c.agrees = 1 AND c.refused = 0 AND c.accounts_differ = 1
            AND c.gap_fingerprint IS NULL",
        fingerprint: "c.entity || ':' || coalesce((
                SELECT min(x.account) FROM expected_line x
                LEFT JOIN work_booked b ON b.document_seq = x.document_seq AND b.account = x.account
                WHERE x.document_seq = c.document_seq AND x.amount_minor <> coalesce(b.minor, 0)), '-')
            || '>' || coalesce((
                SELECT min(b.account) FROM work_booked b
                LEFT JOIN expected_line x ON x.document_seq = b.document_seq AND x.account = b.account
                WHERE b.document_seq = c.document_seq AND b.minor <> coalesce(x.amount_minor, 0)
                    AND (x.account IS NULL OR b.minor <> 0)), '-')",
        a: "(SELECT min(x.account) FROM expected_line x
                LEFT JOIN work_booked b ON b.document_seq = x.document_seq AND b.account = x.account
                WHERE x.document_seq = c.document_seq AND x.amount_minor <> coalesce(b.minor, 0))",
        b: "(SELECT min(b.account) FROM work_booked b
                LEFT JOIN expected_line x ON x.document_seq = b.document_seq AND x.account = b.account
                WHERE b.document_seq = c.document_seq AND b.minor <> coalesce(x.amount_minor, 0)
                    AND (x.account IS NULL OR b.minor <> 0))",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    match (&facts.a, &facts.b) {
        (Some(expected), Some(booked)) if expected != booked => {
            format!("{} is booked on account {booked} where {expected} was expected.", facts.document())
        }
        (Some(account), _) | (None, Some(account)) => {
            format!("{} has another amount on account {account} than expected.", facts.document())
        }
        (None, None) => format!("{} is booked on other accounts than expected.", facts.document()),
    }
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{check, doc, entry, why};

    #[test]
    fn another_revenue_account_is_found() {
        let wrong = entry("A", &[("1100", 12_000), ("4900", -12_000)]);
        let books = check(&[doc("A", 12_000)], &[wrong], "A wrong_account");
        assert_eq!(why(&books), "Invoice A of 120.00 GBP is booked on account 4900 where 4000 was expected.");
        let row = "SELECT group_key || ' ' || variance_minor FROM exception";
        assert_eq!(books.list(row), "wrong_account:GB01:4000>4900 0");
    }

    #[test]
    fn the_whole_amount_on_another_control_account_is_a_wrong_account() {
        check(&[doc("A", 9)], &[entry("A", &[("1200", 9), ("4000", -9)])], "A wrong_account");
        check(&[doc("A", 9)], &[entry("A", &[("1200", 5), ("4000", -5)])], "A amount_mismatch");
    }

    #[test]
    fn what_is_left_of_a_void_document_on_other_accounts_is_found() {
        let left = [entry("A", &[("1100", 9), ("4000", -9)]), entry("A", &[("1100", -9), ("4900", 9)])];
        check(&[doc("A", 9).nothing("void")], &left, "A wrong_account");
    }

    #[test]
    fn lines_of_one_account_add_up() {
        let split = entry("A", &[("1100", 5), ("1100", 4), ("4000", -3), ("4000", -6), ("1990", 0)]);
        check(&[doc("A", 9)], &[split], "");
    }
}
