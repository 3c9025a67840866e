//! Statements of banks as their standards and their banks write them: read to the minor unit, or refused with
//! the statement, the line and its text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;

use tieout_connectors::bank::{BankError, BankFile, SaidOfList, read_bank};
use tieout_domain::{Currency, bank::BankStatement};

fn fixture(name: &str) -> String {
    fs::read_to_string(format!("{}/../../fixtures/bank/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read(text: &str) -> Result<BankFile, BankError> {
    read_bank(text.as_bytes(), &SaidOfList::default())
}

/// A statement in one line: account, id, days and balances.
fn head(one: &BankStatement) -> String {
    format!(
        "{} {} {}: {}..{} {} -> {} ({} announced)",
        one.account,
        one.currency,
        one.id,
        one.from,
        one.to,
        one.opening_minor,
        one.closing_minor,
        one.announced
    )
}

/// Its lines, each in one.
fn lines(one: &BankStatement) -> Vec<String> {
    let line = |line: &tieout_domain::bank::BankLine| {
        format!(
            "{} {}{}{} [{}] {} {} | {} | {}",
            line.booked_on,
            line.amount_minor,
            if line.reversal { " reversal" } else { "" },
            line.batch.map(|count| format!(" batch of {count}")).unwrap_or_default(),
            line.references.join(" "),
            line.bank_reference.as_deref().unwrap_or("-"),
            line.value_on.map_or_else(|| "-".to_owned(), |day| day.to_string()),
            line.counterparty.as_deref().unwrap_or("-"),
            line.text
        )
    };
    one.lines.iter().map(line).collect()
}

#[track_caller]
fn refused(text: &str, code: &str, says: &[&str]) {
    let error = read(text).unwrap_err();
    let told = error.to_string();
    assert_eq!(error.code(), code, "{told}");
    for part in says {
        assert!(told.contains(part), "{part} is not in: {told}");
    }
}

#[test]
fn a_statement_in_the_shape_of_the_standards_own_sample_is_read() {
    let file = read(&fixture("statement-v02.xml")).unwrap();
    assert_eq!((file.format.as_str(), file.statements.len()), ("camt.053", 1));
    let one = &file.statements[0];
    assert_eq!(
        head(one),
        "60000000012340000007 SEK NORDHAVN-FP-STAT014: 2026-03-18..2026-03-18 50000000 -> 43567850 (0 \
         announced)"
    );
    assert_eq!(
        lines(one),
        [
            "2026-03-18 10567850 [po_1Nq0Lm0E0eZvKYlo20000014] NORDHAVN-FP-CONF-FX 2026-03-18 | STRIPE \
             PAYMENTS EUROPE | STRIPE PAYOUT",
            "2026-03-18 -20000000 batch of 20 [] NORDHAVN-FP-ACCR-01 2026-03-18 | - | ",
            "2026-03-18 3000000 [RF18539007547034] - 2026-03-18 | Akka & Sons | ",
        ]
    );
    assert_eq!(one.lines.iter().map(|line| line.row).collect::<Vec<_>>(), [39, 55, 66]);
}

#[test]
fn several_statements_of_a_file_with_batches_reversals_announced_lines_and_yen_are_read() {
    let file = read(&fixture("statements-v08.xml")).unwrap();
    let heads: Vec<String> = file.statements.iter().map(head).collect();
    assert_eq!(
        heads,
        [
            "DE02120300000000202051 EUR 2026-00043: 2026-03-05..2026-03-05 -25000 -> 114320 (1 announced)",
            "77001234 JPY 2026-00007: 2026-03-05..2026-03-05 150000 -> 274500 (0 announced)",
        ]
    );
    assert_eq!(
        lines(&file.statements[0]),
        [
            "2026-03-05 150000 batch of 2 [1 po_1Nq0Lm0E0eZvKYlo20000021 po_1Nq0Lm0E0eZvKYlo20000022] \
             2026064-0001 2026-03-06 | - | ",
            "2026-03-05 -9990 reversal [SEPA-DD-118] 2026064-0002 - | Beispiel GmbH | Ruecklastschrift MD06",
            "2026-03-05 -690 [] - - | - | Kontofuehrung",
        ]
    );
    assert_eq!(lines(&file.statements[1]), ["2026-03-05 124500 [] - - | - | "]);
}

#[test]
fn an_mt940_of_a_german_bank_and_one_with_three_decimals_are_read() {
    let file = read(&fixture("german.sta")).unwrap();
    assert_eq!(file.format.as_str(), "mt940");
    let heads: Vec<String> = file.statements.iter().map(head).collect();
    assert_eq!(
        heads,
        [
            "12030000/0000202051 EUR STARTUMS 00043/001: 2026-03-05..2026-03-06 123456 -> 203776 (0 \
             announced)",
            "KW81CBKU0000000000001234560101 KWD STARTUMS 00007/001: 2025-12-31..2026-03-05 100500 -> 100625 \
             (1 announced)",
        ]
    );
    assert_eq!(
        lines(&file.statements[0]),
        [
            "2026-03-05 90000 [po_1Nq0Lm0E0eZvKYlo20000021] 2026064-01 2026-03-05 | STRIPE PAYMENTS EUROPE \
             LTD | GUTSCHRIFT EREF+po_1Nq0Lm0E0eZvKYlo20000021SVWZ+STRIPE PAYOUT",
            "2026-03-05 -9990 reversal [SEPA-DD-118] 2026064-02 2026-03-05 | BEISPIEL GMBH | RETOURE \
             EREF+SEPA-DD-118SVWZ+RUECKLASTSCHRIFT",
            "2026-03-05 1000 reversal [] - 2026-03-05 | - | ENTGELT STORNO",
            "2026-03-06 -690 [] 2026065-01 2026-03-06 | - | ENTGELT",
        ]
    );
    // Booked on the last day of the year before: the entry date has no year of its own.
    assert_eq!(
        lines(&file.statements[1]),
        ["2025-12-31 125 [] - 2026-03-05 | - | plain words of the bank over two lines"]
    );
}

#[test]
fn an_mt940_of_a_dutch_bank_with_headers_of_messages_is_read() {
    let file = read(&fixture("dutch.sta")).unwrap();
    let one = &file.statements[0];
    assert_eq!(
        head(one),
        "NL69INGB0123456789 EUR P260305000000001 00064: 2026-03-05..2026-03-05 0 -> 44250 (0 announced)"
    );
    assert_eq!(one.lines[0].references, ["EREF", "po_1Nq0Lm0E0eZvKYlo20000031"]);
    assert_eq!(one.lines[0].counterparty.as_deref(), Some("STRIPE PAYMENTS"));
    assert_eq!(
        (one.lines[1].amount_minor, one.lines[1].counterparty.as_deref()),
        (-1250, Some("Voorbeeld BV"))
    );
    assert!(one.lines.iter().all(|line| !line.text.contains("/SUM/")), "it is about the statement");
}

const LIST: &str = "Kontoauszug 2026\n\
    Buchungstag;Valuta;Empfänger;Verwendungszweck;Betrag;Währung;Saldo;Auftragskonto\n\
    06.03.2026;06.03.2026;;Kontoführung;-6,90;EUR;2.127,66;DE02120300000000202051\n\
    05.03.2026;05.03.2026;Stripe;po_1Nq0Lm0E0eZvKYlo20000021;1.900,00;EUR;2.134,56;DE02120300000000202051\n\
    04.03.2026;04.03.2026;Beispiel;Rechnung 9;10,00;EUR;234,56;DE02120300000000202051\n";

#[test]
fn a_list_is_read_by_what_its_balances_prove_newest_row_first() {
    let one = &read(LIST).unwrap().statements[0];
    assert_eq!(
        head(one),
        "DE02120300000000202051 EUR 2026-03-04..2026-03-06: 2026-03-04..2026-03-06 22456 -> 212766 (0 \
         announced)"
    );
    assert_eq!(
        lines(one),
        [
            "2026-03-04 1000 [] - - | Beispiel | Rechnung 9",
            "2026-03-05 190000 [] - - | Stripe | po_1Nq0Lm0E0eZvKYlo20000021",
            "2026-03-06 -690 [] - - | - | Kontoführung",
        ]
    );
    let english = "Date,Description,Money out,Money in,Balance\n\
        31/01/2026,Opening fee,1.50,,98.50\n01/02/2026,Stripe,,\"1,000.00\",\"1,098.50\"\n";
    let said = SaidOfList { number: Some("12-34-56 7890".into()), currency: Some(Currency::GBP) };
    let one = &read_bank(english.as_bytes(), &said).unwrap().statements[0];
    assert_eq!(
        (one.opening_minor, one.closing_minor, one.from.to_string()),
        (10_000, 109_850, "2026-01-31".into())
    );
    assert_eq!(one.account, "12-34-567890");
}

#[test]
fn a_list_that_proves_nothing_or_fits_two_readings_is_refused() {
    refused("Date,Amount,IBAN,Currency\n2026-01-02,5.00,GB1,GBP\n", "bank_file_ambiguous", &["balance"]);
    let no_account = LIST.replace(";Auftragskonto", ";Sonstiges");
    refused(&no_account, "bank_file_ambiguous", &["--number"]);
    let no_currency = LIST.replace(";Währung;", ";Art;");
    refused(&no_currency, "bank_file_ambiguous", &["--currency"]);
    let dates = "Date,Amount,Balance,Currency,IBAN\n02/01/2026,1.00,5.00,GBP,GB1\n\
                 01/02/2026,1.00,6.00,GBP,GB1\n03/01/2026,1.00,7.00,GBP,GB1\n";
    refused(dates, "bank_file_ambiguous", &["day and month"]);
    refused(
        &LIST.replace("2.127,66", "2.127,67"),
        "bank_statement_unbalanced",
        &["line 3", "2127.66", "2127.67"],
    );
    refused(
        &LIST.replace("05.03.2026;05", "35.03.2026;05"),
        "bank_file_unreadable",
        &["line 4", "35.03.2026"],
    );
    refused("Name,Age\nA,1\n", "bank_file_unknown", &["neither CAMT.053 nor MT940"]);
}

#[test]
fn a_statement_that_does_not_add_up_is_refused_with_both_figures() {
    let camt = fixture("statement-v02.xml").replace(">435678.50<", ">435678.51<");
    refused(&camt, "bank_statement_unbalanced", &["NORDHAVN-FP-STAT014", "435678.50 SEK", "435678.51 SEK"]);
    let dropped = fixture("statements-v08.xml").replace(
        "<Cd>BOOK</Cd></Sts>\n        <BookgDt><Dt>2026-03-05</Dt>\
        </BookgDt>\n        <AddtlNtryInf>",
        "<Cd>PDNG</Cd></Sts>\n        <BookgDt><Dt>2026-03-05</Dt></BookgDt>\n        <AddtlNtryInf>",
    );
    refused(&dropped, "bank_statement_unbalanced", &["2026-00043", "1150.10 EUR", "1143.20 EUR"]);
    let mt940 = fixture("german.sta").replace(":62F:C260305KWD100,625", ":62F:C260305KWD100,626");
    refused(&mt940, "bank_statement_unbalanced", &["00007/001", "100.625 KWD", "100.626 KWD"]);
}

#[test]
fn what_cannot_be_read_is_refused_with_the_statement_the_line_and_its_text() {
    let camt = fixture("statements-v08.xml");
    for (from, to, says) in [
        (">6.90<", ">6.905<", ["2026-00043", "line 53", "6.905"]),
        (">6.90<", ">6,90<", ["2026-00043", "line 53", "6,90"]),
        (">6.90<", ">-6.90<", ["2026-00043", "line 53", "-6.90"]),
        ("\"EUR\">6.90<", "\"USD\">6.90<", ["2026-00043", "line 53", "USD"]),
        (">124500<", ">124500.5<", ["2026-00007", "line 78", "124500.5"]),
        (
            "<CdtDbtInd>DBIT</CdtDbtInd>\n        <RvslInd>",
            "<CdtDbtInd>BOTH</CdtDbtInd>\n        <RvslInd>",
            ["2026-00043", "line 39", "BOTH"],
        ),
        (
            "<BookgDt><Dt>2026-03-05</Dt></BookgDt>\n        <ValDt>",
            "<BookgDt><Dt>2026-02-30</Dt></BookgDt>\n        <ValDt>",
            ["2026-00043", "line 22", "2026-02-30"],
        ),
        ("<Cd>PRCD</Cd>", "<Cd>XPCD</Cd>", ["2026-00043", "line 5", "opening balance"]),
    ] {
        assert!(camt.contains(from), "{from}");
        refused(&camt.replacen(from, to, 1), "bank_file_unreadable", &says);
    }
    let mt940 = fixture("german.sta");
    for (from, to, says) in [
        ("RD10,00NCHG", "RD10.00NCHG", ["00043/001", "line 10", "RD10.00NCHG"]),
        ("RD10,00NCHG", "RX10,00NCHG", ["00043/001", "line 10", "no C, D, RC or RD"]),
        ("C,125NTRF", "C,1255NTRF", ["00007/001", "line 20", "1255"]),
        ("C,125NTRF", "C1,2,5NTRF", ["00007/001", "line 20", "1,2,5"]),
        (":61:2603050305RC", ":61:2613050305RC", ["00043/001", "line 8", "date"]),
        (":62F:C260306EUR", ":62F:C260306USD", ["00043/001", "line 14", "closes in USD"]),
        (":60F:C260304KWD100,500\n", "", ["00007/001", "line 16", "opening balance"]),
    ] {
        assert!(mt940.contains(from), "{from}");
        refused(&mt940.replacen(from, to, 1), "bank_file_unreadable", &says);
    }
    refused("<a><b></a>", "bank_file_unreadable", &["line 1", "no XML"]);
}

#[test]
fn reports_within_the_day_and_other_files_are_told_as_what_they_are() {
    let report = "<Document><BkToCstmrAcctRpt><Rpt/></BkToCstmrAcctRpt></Document>";
    refused(report, "bank_file_unknown", &["camt.052", "camt.053"]);
    refused("<Document><CstmrCdtTrfInitn/></Document>", "bank_file_unknown", &["no statement"]);
    refused(
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        "bank_file_unreadable",
        &["XML"],
    );
    let error = read_bank(&[0xff, 0x00, 0x13, 0x80], &SaidOfList::default()).unwrap_err();
    assert_eq!(error.code(), "bank_file_unknown");
    refused("", "bank_file_unknown", &[]);
}
