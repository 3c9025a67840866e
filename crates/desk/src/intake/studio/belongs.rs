//! Whose a file is: what a person said, what the file or the last such file says, and what is open.

use tieout_connectors::files::{Hints, MapKind, Order, Preview, Why};
use tieout_domain::AccountCode;
use tieout_store::ChangeKind;

use super::views::{BelongsView, Choosing, ExpectView, KnownAccount};
use crate::{
    base::{context::Context, error::DeskResult},
    governance::changes::{MAPPING, governing_mapping},
    intake::recognition::InspectRequest,
};

/// The roles of accounts, in words; true for those without which a bill means nothing to a ledger.
const ROLES: [(&str, &str, bool); 7] = [
    ("receivable", "Receivables", true),
    ("revenue", "Revenue", true),
    ("tax_payable", "Tax", false),
    ("clearing", "Clearing", false),
    ("fees", "Fees", false),
    ("bank", "Bank", false),
    ("bad_debt", "Bad debt", false),
];

/// Words of names of accounts, by their role: an account that alone has one is offered.
const NAMES: [(&str, &[&str]); 7] = [
    (
        "receivable",
        &["accounts receivable", "trade debtors", "receivable", "debtors", "forderungen", "clients"],
    ),
    ("revenue", &["sales", "revenue", "income", "subscription", "erl\u{f6}se", "ventes", "ventas"]),
    ("tax_payable", &["sales tax", "vat", "tax payable", "umsatzsteuer", "tva", "iva"]),
    ("clearing", &["clearing", "undeposited", "processor"]),
    ("fees", &["fees", "processing", "geb\u{fc}hren"]),
    ("bank", &["bank", "checking", "current account"]),
    ("bad_debt", &["bad debt", "uncollectible"]),
];

/// What was said by whom: by a person here, or filled in from elsewhere.
pub(super) struct Sources<'a> {
    pub(super) asked: &'a InspectRequest,
    pub(super) hints: &'a Hints,
    /// What the last such file was called, where it is known.
    pub(super) known: Option<&'a str>,
}

impl Sources<'_> {
    /// Why a value is what it is.
    fn why(&self, said: bool, there: bool) -> String {
        match (said, there, self.known) {
            (true, ..) => "said here".to_owned(),
            (false, true, Some(_)) => "as last time".to_owned(),
            (false, true, None) if self.hints.mapped => "by the mapping".to_owned(),
            (false, true, None) => "as in other files".to_owned(),
            (false, false, _) => "to be said".to_owned(),
        }
    }
}

/// Whose it is, with what it could be.
pub(super) fn of(ctx: &Context, of: &Sources<'_>, preview: &Preview) -> DeskResult<BelongsView> {
    let accounts = accounts(ctx, preview)?;
    Ok(BelongsView {
        entity: entity(ctx, of)?,
        currency: currency(of, preview),
        dates: dates(of, preview),
        decimal: decimal(of, preview),
        time_zone: Choosing {
            value: of.hints.time_zone.map(|zone| zone.name().to_owned()),
            why: of.why(of.asked.time_zone.is_some(), of.hints.time_zone.is_some()),
            options: Vec::new(),
        },
        expect: expect(of, preview, &accounts),
        accounts,
    })
}

/// The entities that a mapping or an earlier file names.
fn entities(ctx: &Context) -> DeskResult<Vec<String>> {
    let mapping = ctx.known().change_in_force_named(ChangeKind::Mapping, MAPPING)?;
    let mut codes: Vec<String> = match governing_mapping(mapping)? {
        Some(governing) => governing.content.entities.iter().map(|entity| entity.code.to_string()).collect(),
        None => Vec::new(),
    };
    let connections = ctx.store().connections()?;
    for connection in connections {
        let own = ctx.store().entities_of_ledger(&connection.id)?;
        codes.extend(own.into_iter().filter(|code| !code.starts_with("erp:")));
    }
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}

fn entity(ctx: &Context, of: &Sources<'_>) -> DeskResult<Choosing> {
    let value = of.hints.entity.as_ref().map(ToString::to_string);
    let why = of.why(of.asked.entity.is_some(), value.is_some());
    Ok(Choosing { value, why, options: entities(ctx)? })
}

fn currency(of: &Sources<'_>, preview: &Preview) -> Choosing {
    let told = preview.told.or_else(|| match preview.found.as_ref()?.totals.as_slice() {
        [one] if of.hints.currency.is_some() || !needs_currency(preview) => Some(one.currency),
        _ => None,
    });
    let value = of.hints.currency.or(told);
    let why = match (of.hints.currency, told) {
        (None, Some(_)) => "by the file".to_owned(),
        (said, _) => of.why(of.asked.currency.is_some(), said.is_some()),
    };
    Choosing { value: value.map(|one| one.code().to_owned()), why, options: Vec::new() }
}

fn needs_currency(preview: &Preview) -> bool {
    preview.doubts.iter().any(|(_, message)| message.contains("currency of those books"))
}

fn dates(of: &Sources<'_>, preview: &Preview) -> Choosing {
    let options = vec!["day-first".to_owned(), "month-first".to_owned()];
    let doubt = preview.in_doubt(Why::Dates);
    let order = |format: &String| {
        let (day, month) = (format.find("%d")?, format.find("%m")?);
        let year = format.find("%Y").or_else(|| format.find("%y"))?;
        (year > day.min(month)).then_some(day < month)
    };
    let told = preview.dates.iter().find_map(order);
    let said = of.hints.order.map(|order| order == Order::DayFirst);
    let name = |day: bool| options[usize::from(!day)].clone();
    match (doubt, said, told, preview.proven) {
        (true, ..) => Choosing { value: None, why: "to be said".to_owned(), options },
        (false, Some(day), _, _) => {
            Choosing { value: Some(name(day)), why: of.why(of.asked.dates.is_some(), true), options }
        }
        (false, None, Some(day), 0) => {
            Choosing { value: Some(name(day)), why: "by the days above".to_owned(), options }
        }
        (false, None, Some(day), 1) => {
            Choosing { value: Some(name(day)), why: "1 proves it".to_owned(), options }
        }
        (false, None, Some(day), proven) => {
            Choosing { value: Some(name(day)), why: format!("{proven} prove it"), options }
        }
        (false, None, None, _) => {
            Choosing { value: None, why: "no date leaves it open".to_owned(), options: Vec::new() }
        }
    }
}

fn decimal(of: &Sources<'_>, preview: &Preview) -> Choosing {
    let doubt = preview.in_doubt(Why::Numbers);
    let options =
        if doubt || of.hints.decimal.is_some() { vec![".".to_owned(), ",".to_owned()] } else { Vec::new() };
    let value = of.hints.decimal.filter(|_| !doubt).map(|mark| mark.to_string());
    Choosing { value, why: if doubt { "to be said" } else { "said" }.to_owned(), options }
}

/// The accounts of the file, and those of ledgers that were read.
fn accounts(ctx: &Context, preview: &Preview) -> DeskResult<Vec<KnownAccount>> {
    let own = preview.found.iter().flat_map(|found| &found.summary.accounts);
    let mut all: Vec<KnownAccount> = own
        .map(|account| KnownAccount { code: account.erp_id.clone(), name: account.name.clone() })
        .collect();
    let kept = ctx.store().account_names()?;
    all.extend(kept.into_iter().map(|one| KnownAccount { code: one.code.to_string(), name: one.name }));
    all.sort_by(|one, other| one.code.cmp(&other.code));
    all.dedup_by(|one, other| one.code == other.code);
    Ok(all)
}

/// The account that alone has a name of this role.
fn by_name<'a>(role: &str, accounts: &'a [KnownAccount]) -> Option<&'a KnownAccount> {
    let words = NAMES.iter().find(|(known, _)| *known == role)?.1;
    words.iter().find_map(|word| {
        let mut named = accounts.iter().filter(|one| {
            let text = format!("{} {}", one.code, one.name).to_lowercase();
            text.contains(word) && (role == "tax_payable" || !text.contains("tax"))
        });
        let first = named.next()?;
        named.next().is_none().then_some(first)
    })
}

/// The accounts that names of the ledger propose for roles that nobody said.
pub(super) fn proposed(
    ctx: &Context,
    preview: &Preview,
    hints: &Hints,
) -> DeskResult<Vec<(String, AccountCode)>> {
    let known = accounts(ctx, preview)?;
    let open = ROLES.iter().filter(|(role, ..)| hints.expected(role).is_none());
    let one = |(role, ..): &(&str, &str, bool)| {
        let code = by_name(role, &known)?.code.parse().ok()?;
        Some(((*role).to_owned(), code))
    };
    Ok(open.filter_map(one).collect())
}

fn expect(of: &Sources<'_>, preview: &Preview, accounts: &[KnownAccount]) -> Vec<ExpectView> {
    if of.hints.mapped || preview.kind != Some(MapKind::Billing) {
        return Vec::new();
    }
    let one = |(role, label, needed): &(&str, &str, bool)| {
        let said: Option<&AccountCode> = of.hints.expected(role);
        let named = by_name(role, accounts);
        let proposed = named.filter(|one| said.is_some_and(|code| code.as_str() == one.code));
        let (account, why) = match (said, proposed) {
            (Some(code), Some(_)) if of.asked.expect.is_empty() && of.known.is_none() => {
                (Some(code.to_string()), "by its name".to_owned())
            }
            (Some(code), _) => (Some(code.to_string()), of.why(!of.asked.expect.is_empty(), true)),
            (None, _) => (None, if *needed { "to be said" } else { "none" }.to_owned()),
        };
        let (role, label, needed) = ((*role).to_owned(), (*label).to_owned(), *needed);
        ExpectView { role, label, account, why, needed }
    };
    ROLES.iter().map(one).collect()
}
