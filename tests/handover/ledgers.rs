//! Ledgers as their programs are: what each takes in, read by a reader of our own, and what each exports.

use std::fmt::Write as _;

/// An entry as a ledger has it: our key where one came with it, date, accounts with minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub date: String,
    pub lines: Vec<(String, i64)>,
}

pub struct Ledger {
    /// The form in which it takes entries in.
    pub form: &'static str,
    /// The profile by which its exports are read; without one by a column map.
    pub profile: Option<&'static str>,
    pub currency: &'static str,
    pub receivable: &'static str,
    pub revenue: &'static str,
    /// What the form has to be told.
    pub options: &'static [&'static str],
    pub read: fn(&[u8]) -> Vec<Entry>,
    pub export: fn(&Ledger, &[Entry]) -> Vec<u8>,
}

pub const LEDGERS: &[Ledger] = &[
    Ledger {
        form: "plain",
        profile: None,
        currency: "GBP",
        receivable: "1100",
        revenue: "4000",
        options: &[],
        read: |bytes| {
            sides(bytes, ',', ["Journal", "Posting Date", "Account", "Debit", "Credit"], "%Y-%m-%d")
        },
        export: plain,
    },
    Ledger {
        form: "netsuite",
        profile: Some("netsuite-saved-search"),
        currency: "USD",
        receivable: "1200",
        revenue: "4000",
        options: &[],
        read: |bytes| sides(bytes, ',', ["External ID", "Date", "Account", "Debit", "Credit"], "%m/%d/%Y"),
        export: saved_search,
    },
    Ledger {
        form: "quickbooks",
        profile: Some("quickbooks-online-journal"),
        currency: "USD",
        receivable: "Accounts Receivable (A/R)",
        revenue: "Sales:Design Services",
        options: &[],
        read: |bytes| {
            let columns = ["JournalNo", "JournalDate", "AccountName", "Debits", "Credits"];
            sides(bytes, ',', columns, "%m/%d/%Y")
        },
        export: journal,
    },
    Ledger {
        form: "xero",
        profile: Some("xero-journal-report"),
        currency: "GBP",
        receivable: "610",
        revenue: "200",
        options: &["tax_rate=No VAT"],
        read: narrations,
        export: journal_report,
    },
    Ledger {
        form: "sap",
        profile: Some("sap-line-items"),
        currency: "EUR",
        receivable: "121000",
        revenue: "400000",
        options: &[],
        read: upload,
        export: line_items,
    },
    Ledger {
        form: "datev",
        profile: Some("datev-batch"),
        currency: "EUR",
        receivable: "10000",
        revenue: "8200",
        options: &["consultant=29098", "client=55003"],
        read: batch,
        export: extf,
    },
];

pub fn of(form: &str) -> &'static Ledger {
    LEDGERS.iter().find(|ledger| ledger.form == form).unwrap()
}

/// How the ledger without a profile is read: its own headings, and the key in a memo.
pub const PLAIN_MAP: &str = "schema = 1\nkind = \"gl\"\n[columns]\njournal = \"Voucher\"\n\
    reference = \"Voucher\"\nposting_date = \"Booked On\"\naccount = \"Nominal\"\ndebit = \"Dr\"\n\
    credit = \"Cr\"\nline_memo = \"Narrative\"\n[constants]\ncurrency = \"GBP\"\nentity = \"DE01\"\n\
    [formats]\ndates = [\"%Y-%m-%d\"]\ndecimal = \".\"\n[journals]\ngroup_by = [\"journal\"]\n[[entity]]\n\
    code = \"DE01\"\nfunctional_currency = \"GBP\"\ntime_zone = \"UTC\"\n[expect]\nreceivable = \"1100\"\n\
    revenue = \"4000\"\n";

fn minor(text: &str) -> i64 {
    let text = text.replace(',', ".");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let whole: i64 = if whole.is_empty() { 0 } else { whole.trim_start_matches('-').parse().unwrap() };
    assert_eq!(cents.len(), 2, "{text}");
    sign * (whole * 100 + cents.parse::<i64>().unwrap())
}

fn decimal(minor: i64) -> String {
    format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.abs() / 100, minor.abs() % 100)
}

fn day(text: &str, format: &str) -> String {
    chrono::NaiveDate::parse_from_str(text, format).unwrap_or_else(|e| panic!("{text}: {e}")).to_string()
}

fn iso(date: &str, format: &str) -> String {
    date.parse::<chrono::NaiveDate>().unwrap().format(format).to_string()
}

/// Rows by their headings, in order.
fn table(bytes: &[u8], separator: char) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().delimiter(separator as u8).from_reader(bytes);
    let head = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (head, rows)
}

fn put(entries: &mut Vec<Entry>, key: &str, date: String, line: (String, i64)) {
    match entries.iter_mut().find(|entry| entry.key == key) {
        Some(entry) => entry.lines.push(line),
        None => entries.push(Entry { key: key.to_owned(), date, lines: vec![line] }),
    }
}

/// Key, date, account, debit and credit.
fn sides(bytes: &[u8], separator: char, columns: [&str; 5], format: &str) -> Vec<Entry> {
    let (head, rows) = table(bytes, separator);
    let at =
        columns.map(|name| head.iter().position(|h| h == name).unwrap_or_else(|| panic!("{name}: {head:?}")));
    let mut entries = Vec::new();
    for row in rows {
        let of = |n: usize| row[at[n]].as_str();
        let amount = |text: &str| if text.is_empty() { 0 } else { minor(text) };
        put(&mut entries, of(0), day(of(1), format), (of(2).to_owned(), amount(of(3)) - amount(of(4))));
    }
    entries
}

/// Signed amounts under a narration that begins with the key.
fn narrations(bytes: &[u8]) -> Vec<Entry> {
    let (head, rows) = table(bytes, ',');
    assert_eq!(head[..6], ["*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount"]);
    let mut entries = Vec::new();
    for row in rows {
        assert_eq!(row[4], "No VAT");
        let key = row[0].split(' ').next().unwrap();
        put(&mut entries, key, day(&row[1], "%d/%m/%Y"), (row[3].clone(), minor(&row[5])));
    }
    entries
}

/// Amounts with a side, by technical names.
fn upload(bytes: &[u8]) -> Vec<Entry> {
    let (head, rows) = table(bytes, '\t');
    let at = |name: &str| head.iter().position(|h| h == name).unwrap();
    let mut entries = Vec::new();
    for row in rows {
        let sign = if row[at("SHKZG")] == "S" { 1 } else { -1 };
        assert!(row[at("XBLNR")].len() <= 16 && row[at("BKTXT")].len() <= 25 && row[at("SGTXT")].len() <= 50);
        let line = (row[at("HKONT")].clone(), sign * minor(&row[at("WRBTR")]));
        put(&mut entries, &row[at("BKTXT")], day(&row[at("BUDAT")], "%Y%m%d"), line);
    }
    entries
}

/// Account against account, the year in the first line.
fn batch(bytes: &[u8]) -> Vec<Entry> {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let (first, rest) = text.split_once("\r\n").unwrap();
    let first: Vec<&str> = first.split(';').collect();
    assert_eq!((first[0], first[2], first[10], first[11]), ("\"EXTF\"", "21", "29098", "55003"));
    let year = &first[12][..4];
    let (head, rows) = table(rest.as_bytes(), ';');
    assert_eq!(head.len(), 125);
    let mut entries = Vec::new();
    for row in rows {
        let date = day(&format!("{}{year}", row[9]), "%d%m%Y");
        let amount = if row[1] == "S" { minor(&row[0]) } else { -minor(&row[0]) };
        put(&mut entries, &row[10], date.clone(), (row[6].clone(), amount));
        put(&mut entries, &row[10], date, (row[7].clone(), -amount));
    }
    entries
}

fn number(at: usize) -> usize {
    at + 501
}

fn reference(entry: &Entry, own: String) -> String {
    if entry.key.is_empty() { "RE-1001".to_owned() } else { own }
}

fn side(minor: i64, sign: i64) -> String {
    if minor.signum() == sign { decimal(minor.abs()) } else { String::new() }
}

fn plain(_: &Ledger, entries: &[Entry]) -> Vec<u8> {
    let mut out = "Voucher,Booked On,Nominal,Dr,Cr,Narrative\n".to_owned();
    for (at, entry) in entries.iter().enumerate() {
        for (account, minor) in &entry.lines {
            let voucher = reference(entry, format!("V{}", number(at)));
            let (dr, cr, date) = (side(*minor, 1), side(*minor, -1), &entry.date);
            writeln!(out, "{voucher},{date},{account},{dr},{cr},{} imported", entry.key).unwrap();
        }
    }
    out.into_bytes()
}

fn saved_search(_: &Ledger, entries: &[Entry]) -> Vec<u8> {
    let mut out =
        "Internal ID,Date,Type,Document Number,Name,Account,Memo,Amount (Debit),Amount (Credit)\n".to_owned();
    for (at, entry) in entries.iter().enumerate() {
        for (account, minor) in &entry.lines {
            let (id, own) = (number(at), reference(entry, format!("JE{}", number(at))));
            let (dr, cr, date) = (side(*minor, 1), side(*minor, -1), iso(&entry.date, "%-m/%-d/%Y"));
            writeln!(out, "{id},{date},Journal,{own},,{account} Account,{} x,{dr},{cr}", entry.key).unwrap();
        }
    }
    out.into_bytes()
}

fn journal(_: &Ledger, entries: &[Entry]) -> Vec<u8> {
    let mut out = "Harbor Craft Supply LLC\nJournal\n\"February 1-28, 2026\"\n\n\
                   Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit\n"
        .to_owned();
    for entry in entries {
        let num = reference(entry, entry.key.clone());
        let mut start = format!("{},Journal Entry,{num},Pine Ridge Inc", iso(&entry.date, "%m/%d/%Y"));
        for (account, minor) in &entry.lines {
            writeln!(out, "{start},Design,{account},{},{}", side(*minor, 1), side(*minor, -1)).unwrap();
            start = ",,,".to_owned();
        }
        let sum: i64 = entry.lines.iter().map(|line| line.1.max(0)).sum();
        writeln!(out, ",,,,,,{0},{0}\n", decimal(sum)).unwrap();
    }
    out.into_bytes()
}

fn journal_report(_: &Ledger, entries: &[Entry]) -> Vec<u8> {
    let mut out =
        "Journal Report\nMoorland Crafts Ltd\nFor the period 1 February 2026 to 28 February 2026\n\n\
                   Journal ID,Date,Description,Reference,Account Code,Account,Debit,Credit\n"
            .to_owned();
    let mut sum = 0;
    for (at, entry) in entries.iter().enumerate() {
        for (account, minor) in &entry.lines {
            let (id, own, date) = (number(at), reference(entry, String::new()), iso(&entry.date, "%d %b %Y"));
            let (dr, cr) = (side(*minor, 1), side(*minor, -1));
            writeln!(out, "{id},{date},{} RE,{own},{account},Named,{dr},{cr}", entry.key).unwrap();
            sum += minor.max(&0);
        }
    }
    writeln!(out, "Total,,,,,,{0},{0}", decimal(sum)).unwrap();
    out.into_bytes()
}

fn line_items(_: &Ledger, entries: &[Entry]) -> Vec<u8> {
    let mut out = "Company Code\tG/L Account\tAssignment\tDocument Number\tDocument Type\tDocument Date\t\
                   Posting Date\tAmount in local currency\tLocal Currency\tText\n"
        .to_owned();
    for (at, entry) in entries.iter().enumerate() {
        for (account, minor) in &entry.lines {
            let (id, own) = (1_900_000_000 + at, reference(entry, "RE-1002".to_owned()));
            let amount = decimal(minor.abs()).replace('.', ",") + if *minor < 0 { "-" } else { "" };
            let (date, key) = (iso(&entry.date, "%d.%m.%Y"), &entry.key);
            writeln!(out, "2100\t{account}\t{own}\t{id}\tSA\t{date}\t{date}\t{amount}\tEUR\t{key}").unwrap();
        }
    }
    out.into_bytes()
}

fn extf(_: &Ledger, entries: &[Entry]) -> Vec<u8> {
    let mut out =
        "\"EXTF\";700;21;\"Buchungsstapel\";9;20260302080000000;;\"RE\";\"\";\"\";1234;7;20260101;4;\
                   20260201;20260228;\"Februar\";\"\";1;;0;\"EUR\";\"\";\"\";\"\";\"\";\"\";;;\"\";\"\"\r\n\
                   Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basisumsatz;\
                   WKZ Basisumsatz;Konto;Gegenkonto (ohne BU-Schl\u{fc}ssel);BU-Schl\u{fc}ssel;Belegdatum;\
                   Belegfeld 1;Buchungstext\r\n"
            .to_owned();
    for entry in entries {
        let own = reference(entry, entry.key.clone());
        let (debit, credit) = (&entry.lines[0], &entry.lines[1]);
        let (debit, credit) = if debit.1 > 0 { (debit, credit) } else { (credit, debit) };
        let (amount, date) = (decimal(debit.1).replace('.', ","), iso(&entry.date, "%d%m"));
        let line = format!(
            "{amount};\"S\";\"EUR\";;;\"\";{};{};\"\";{date};\"{own}\";\"Beratung\"\r\n",
            debit.0, credit.0
        );
        out.push_str(&line);
    }
    out.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}
