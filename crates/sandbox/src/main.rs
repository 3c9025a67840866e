//! `tieout-sandbox`: writes a simulated company to files, or serves it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, NaiveTime};
use tieout_sandbox::book::{Feature, Keeper};
use tieout_sandbox::company::{Spec, generate};
use tieout_sandbox::netsuite::M2mClient;
use tieout_sandbox::serve::{Options, Sandbox};
use tieout_sandbox::stripe::Limits;

const USAGE: &str = "\
tieout-sandbox generate --out DIR [--seed N] [--invoices N] [--as-of DATE] [--fault-rate N]
    Writes a simulated company: JSON Lines of billing objects and journals, and labels.csv.

tieout-sandbox serve [--seed N] [--invoices N] [--as-of DATE] [--fault-rate N]
                     [--stripe-port N] [--netsuite-port N] [--control-port N] [--stripe-limits]
                     [--m2m-client-id ID --m2m-certificate-id ID --m2m-public-key FILE]
                     [--records] [--legacy-approvals] [--closing-dates] [--no-oneworld] [--no-currencies]
    Serves it on 127.0.0.1 in Stripe's and NetSuite's dialects, prints one line of JSON with addresses and
    credentials, and runs until interrupted.

    --as-of DATE       2026-11-20 (noon UTC) or 2026-11-20T12:00:00Z
    --fault-rate N     ten-thousandths of the documents; 250 is 2.5 %
    --records          the books are kept by the billing vendor's connector: invoices and payments as records
    --legacy-approvals the ERP approves journals by the flag `approved`
    --closing-dates    the ERP knows the day of a closing, and no time
    --no-oneworld      the ERP has no subsidiaries; --no-currencies: no currencies
    --stripe-limits    100 requests a second for an account, 25 for an endpoint

Example: tieout-sandbox generate --seed 7 --invoices 5000 --out company";

/// Options that take no value.
const FLAGS: [&str; 6] = [
    "--stripe-limits",
    "--records",
    "--legacy-approvals",
    "--closing-dates",
    "--no-oneworld",
    "--no-currencies",
];

struct Args {
    values: BTreeMap<String, String>,
}

impl Args {
    fn parse(words: &[String], known: &[&str]) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        let mut words = words.iter();
        while let Some(name) = words.next() {
            if !known.contains(&name.as_str()) {
                return Err(format!("unknown option {name}"));
            }
            let value = match FLAGS.contains(&name.as_str()) {
                true => "true".to_owned(),
                false => words.next().ok_or_else(|| format!("{name} needs a value"))?.clone(),
            };
            values.insert(name.clone(), value);
        }
        Ok(Self { values })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    fn number<T: std::str::FromStr>(&self, name: &str, otherwise: T) -> Result<T, String> {
        match self.text(name) {
            None => Ok(otherwise),
            Some(text) => text.parse().map_err(|_| format!("{name}: {text} is no number that fits")),
        }
    }

    fn spec(&self) -> Result<Spec, String> {
        let usual = Spec::default();
        let as_of = match self.text("--as-of") {
            None => usual.as_of,
            Some(text) => instant(text).ok_or_else(|| format!("--as-of: {text} is no date"))?,
        };
        let spec = Spec {
            seed: self.number("--seed", usual.seed)?,
            invoices: self.number("--invoices", usual.invoices)?,
            as_of,
            fault_rate: self.number("--fault-rate", usual.fault_rate)?,
        };
        match spec.invoices <= 5_000_000 && spec.fault_rate <= 10_000 {
            true => Ok(spec),
            false => Err("at most 5,000,000 invoices and a fault rate of 10,000".to_owned()),
        }
    }
}

/// A date (noon UTC) or an instant (RFC 3339), as Unix seconds.
fn instant(text: &str) -> Option<i64> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let noon = NaiveTime::from_hms_opt(12, 0, 0)?;
    let from_day = day.map(|day| day.and_time(noon).and_utc().timestamp());
    from_day.or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp()))
}

const COMPANY: [&str; 4] = ["--seed", "--invoices", "--as-of", "--fault-rate"];

fn write_company(words: &[String]) -> Result<(), String> {
    let args = Args::parse(words, &[COMPANY.as_slice(), &["--out"]].concat())?;
    let out = PathBuf::from(args.text("--out").ok_or("--out DIR is missing")?);
    let company = generate(&args.spec()?);
    company.write_to(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let (invoices, labels) = (company.invoices.len(), company.labels.len());
    let journals = company.ledger.len();
    say(&format!("{{\"invoices\":{invoices},\"journals\":{journals},\"labels\":{labels}}}"))
}

fn say(line: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| error.to_string())
}

fn options(args: &Args) -> Result<Options, String> {
    let mut options = Options {
        stripe_port: args.number("--stripe-port", 0)?,
        control_port: args.number("--control-port", 0)?,
        ..Options::default()
    };
    options.netsuite.address.set_port(args.number("--netsuite-port", 0)?);
    if args.text("--stripe-limits").is_some() {
        options.limits = Limits::STRIPE;
    }
    if args.text("--records").is_some() {
        options.keeper = Keeper::Records;
    }
    for (name, feature) in
        [("--legacy-approvals", Feature::LegacyApprovals), ("--closing-dates", Feature::ClosingDates)]
    {
        options.features.extend(args.text(name).map(|_| feature));
    }
    options.netsuite.one_world = args.text("--no-oneworld").is_none();
    options.netsuite.currencies = args.text("--no-currencies").is_none();
    let names = ["--m2m-client-id", "--m2m-certificate-id", "--m2m-public-key"];
    match names.map(|name| args.text(name)) {
        [Some(client_id), Some(certificate_id), Some(file)] => {
            let pem = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
            options.netsuite.m2m.push(M2mClient {
                client_id: client_id.to_owned(),
                certificate_id: certificate_id.to_owned(),
                public_key_pem: pem,
            });
        }
        [None, None, None] => {}
        _ => return Err(format!("{} belong together", names.join(", "))),
    }
    Ok(options)
}

fn serve(words: &[String]) -> Result<(), String> {
    let own = ["--stripe-port", "--netsuite-port", "--control-port"];
    let m2m = ["--m2m-client-id", "--m2m-certificate-id", "--m2m-public-key"];
    let args = Args::parse(words, &[COMPANY.as_slice(), &FLAGS, &own, &m2m].concat())?;
    let (spec, options) = (args.spec()?, options(&args)?);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let sandbox = Sandbox::start(&spec, options).await.map_err(|error| error.to_string())?;
        say(&sandbox.describe().to_string())?;
        tokio::signal::ctrl_c().await.map_err(|error| error.to_string())?;
        sandbox.shutdown().await;
        Ok(())
    })
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first().map(|(verb, rest)| (verb.as_str(), rest)) {
        Some(("generate", rest)) => write_company(rest),
        Some(("serve", rest)) => serve(rest),
        Some(("--help" | "-h" | "help", _)) => say(USAGE),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
