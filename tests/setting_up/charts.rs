//! The proposal measured on charts of accounts of five countries and a region, which Tryton's community
//! publishes: `fixtures/charts/answers.toml` said what is right before there was any code.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tieout_desk::governance::proposing::chart::{Account, Pick, pick};
use tieout_domain::{ledger::AccountType, mapping::Role};

use crate::binary::{Bench, root};

const ROLES: [(&str, Role); 7] = [
    ("receivable", Role::Receivable),
    ("revenue", Role::Revenue),
    ("tax_payable", Role::TaxPayable),
    ("clearing", Role::Clearing),
    ("fees", Role::Fees),
    ("bad_debt", Role::BadDebt),
    ("bank", Role::Bank),
];

fn answers() -> Vec<Value> {
    let text = fs::read_to_string(root().join("fixtures/charts/answers.toml")).unwrap();
    let all: Value = toml::from_str(&text).unwrap();
    all["chart"].as_array().unwrap().clone()
}

/// The Python with the charts; `None` where nobody made it, which is a failure in CI.
fn python() -> Option<PathBuf> {
    let made = root().join("target/python-test/bin/python");
    let python = std::env::var_os("TIEOUT_PYTHON").map_or(made, PathBuf::from);
    if python.exists() {
        return Some(python);
    }
    assert!(std::env::var_os("CI").is_none(), "there is no {}", python.display());
    eprintln!("SKIPPED: there is no {}: cargo xtask setup makes it", python.display());
    None
}

/// The accounts of each chart.
fn charts(answers: &[Value]) -> Option<BTreeMap<String, Vec<Value>>> {
    let mut command = Command::new(python()?);
    command.arg(root().join("tests/peers/tryton_charts.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let question: Vec<Value> = answers
        .iter()
        .map(|chart| {
            let of = |key: &str| chart[key].clone();
            json!({ "country": of("country"), "package": of("package"), "version": of("version"),
                "files": of("files"), "language": of("language") })
        })
        .collect();
    let mut input = running.stdin.take().unwrap();
    input.write_all(serde_json::to_string(&question).unwrap().as_bytes()).unwrap();
    drop(input);
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "the charts could not be read");
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let account: Value = serde_json::from_str(line).unwrap();
        all.entry(account["chart"].as_str().unwrap().to_owned()).or_default().push(account);
    }
    Some(all)
}

/// The type as the Tryton connector reads it.
fn kind(account: &Value) -> Option<AccountType> {
    let flags = account["flags"].as_array().unwrap();
    let is = |flag: &str| flags.iter().any(|one| one == flag);
    let income_statement = || AccountType::Other("income statement".to_owned());
    Some(match account["statement"].as_str() {
        _ if is("revenue") && is("expense") => income_statement(),
        _ if is("receivable") => AccountType::Receivable,
        _ if is("payable") => AccountType::Payable,
        _ if is("revenue") => AccountType::Income,
        _ if is("expense") => AccountType::Expense,
        Some("balance") if is("assets") => AccountType::OtherCurrentAsset,
        Some("balance") => AccountType::OtherCurrentLiability,
        Some("off-balance") => AccountType::NonPosting,
        Some("income") => income_statement(),
        _ => return None,
    })
}

/// What a measurement came to.
#[derive(Default)]
struct Measured {
    lines: u32,
    right: u32,
    sure: u32,
    wrong: Vec<String>,
    wrong_and_sure: Vec<String>,
}

impl Measured {
    fn line(&mut self, chart: &Value, role: &str, pick: Option<(&str, bool)>) {
        let right: Vec<&str> =
            chart[role]["right"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        self.lines += 1;
        self.sure += u32::from(pick.is_some_and(|(_, sure)| sure));
        if pick.map_or(right.is_empty(), |(code, _)| right.contains(&code)) {
            self.right += 1;
            return;
        }
        let told = format!("{} {role}: {pick:?} is none of {right:?}", chart["country"]);
        if pick.is_some_and(|(_, sure)| sure) {
            self.wrong_and_sure.push(told.clone());
        }
        self.wrong.push(told);
    }

    fn print(&self, what: &str) {
        println!("{what}: {} of {} lines right, {} sure", self.right, self.lines, self.sure);
        self.wrong.iter().for_each(|wrong| println!("    {wrong}"));
    }
}

#[test]
fn nine_of_ten_lines_are_right_on_charts_of_other_peoples_and_the_rest_is_never_called_sure() {
    let answers = answers();
    let Some(charts) = charts(&answers) else { return };
    let (mut all, mut held_out) = (Measured::default(), Measured::default());
    for chart in &answers {
        let accounts: Vec<Account> = charts[chart["country"].as_str().unwrap()]
            .iter()
            .map(|account| Account {
                code: account["code"].as_str().unwrap().to_owned(),
                name: account["name"].as_str().unwrap().to_owned(),
                kind: kind(account),
                used: false,
            })
            .collect();
        assert!(accounts.len() > 300, "{}: {} accounts", chart["country"], accounts.len());
        for (name, role) in ROLES {
            let picked = pick(role, &accounts);
            let picked = picked.as_ref().map(|Pick { code, sure, .. }| (code.as_str(), *sure));
            all.line(chart, name, picked);
            if chart["held_out"] == true {
                held_out.line(chart, name, picked);
            }
        }
    }
    all.print("all charts");
    held_out.print("of them, charts that no word was chosen for");
    assert!(all.lines >= 3 * 7, "at least three countries");
    assert!(all.right * 10 >= all.lines * 9, "{:#?}", all.wrong);
    assert!(all.wrong_and_sure.is_empty(), "{:#?}", all.wrong_and_sure);
    assert!(
        all.sure * 4 >= all.lines,
        "who is sure of nothing is never wrong: {} of {}",
        all.sure,
        all.lines
    );
    assert!(held_out.right * 4 >= held_out.lines * 3, "{:#?}", held_out.wrong);
}

#[test]
fn a_ledger_that_is_a_file_gives_its_accounts_names_as_the_chart() {
    let answers = answers();
    let Some(charts) = charts(&answers) else { return };
    let mut measured = Measured::default();
    for chart in answers.iter().filter(|chart| chart["held_out"] != true) {
        let accounts = &charts[chart["country"].as_str().unwrap()];
        let mut rows = "Journal,Date,Account,Account name,Debit,Credit,Ref\n".to_owned();
        for (place, account) in accounts.iter().enumerate() {
            let (code, name) = (account["code"].as_str().unwrap(), account["name"].as_str().unwrap());
            let name = name.replace(['"', '\n'], "");
            // Each account debited and credited: the ledger balances, and says nothing but names.
            rows.push_str(&format!("J{place},2026-01-31,{code},\"{name}\",1.00,,\n"));
            rows.push_str(&format!("J{place},2026-01-31,{code},\"{name}\",,1.00,\n"));
        }
        let bench = Bench::new();
        let file = bench.file("ledger.csv", &rows);
        let map = bench.file("ledger.toml", MAP);
        let args = ["import", "gl", file.to_str().unwrap(), "--map", map.to_str().unwrap()];
        bench.run(None, args).ok();
        let proposed = bench.run(None, ["mapping", "propose"]).ok().one();
        let lines = proposed["lines"].as_array().unwrap();
        for (name, _) in ROLES.iter().filter(|(name, _)| *name != "revenue") {
            let place = format!("entity 0 accounts {name}");
            let sure = lines.iter().any(|line| line["place"] == place.as_str() && line["sure"] == true);
            let code = proposed["table"]["entity"][0]["accounts"][name][0].as_str();
            measured.line(chart, name, code.map(|code| (code, sure)));
        }
    }
    measured.print("names alone");
    assert!(measured.wrong_and_sure.is_empty(), "{:#?}", measured.wrong_and_sure);
    // Without types what is unsure and not needed is left out: what is proposed is right.
    let left_out = measured.wrong.iter().filter(|wrong| wrong.contains(": None ")).count();
    assert!(measured.wrong.len() - left_out <= 1, "{:#?}", measured.wrong);
    assert!(measured.right * 2 >= measured.lines, "{:#?}", measured.wrong);
}

pub const MAP: &str = r#"
schema = 1
kind = "gl"
[columns]
journal = "Journal"
posting_date = "Date"
account = "Account"
account_name = "Account name"
reference = "Ref"
debit = "Debit"
credit = "Credit"
[formats]
dates = ["%Y-%m-%d"]
decimal = "."
[journals]
group_by = ["journal"]
[constants]
entity = "XX01"
currency = "EUR"
[[entity]]
code = "XX01"
functional_currency = "EUR"
time_zone = "Europe/Paris"
"#;
