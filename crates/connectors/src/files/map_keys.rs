//! The keys of a column map's second version: what they are called, which of them a map of the first version
//! may not have, and which ones a later version of Tieout reads.

use tieout_domain::AccountCode;

use super::{
    account::AccountRange,
    map::LedgerSign,
    map_error::MapError,
    map_raw::{Header, Raw, bad},
    names::NameRules,
    role::{MapKind, Role},
};

/// Keys of version 2 that are named here and read later, with the layouts that need them: where the table
/// stands, headings above lines, several things in one row, and what a file is the whole of.
const LATER: [&str; 30] = [
    "profile",
    "file.separator_line",
    "file.hidden_rows",
    "table.header",
    "table.header_rows",
    "table.banner",
    "table.end",
    "table.repeated_header",
    "table.totals",
    "table.optional",
    "headings.account",
    "headings.entity",
    "headings.currency",
    "headings.opening",
    "headings.closing",
    "columns.flag",
    "columns.contra_account",
    "columns.fee",
    "columns.fee_currency",
    "columns.refunded",
    "columns.paid_at",
    "flags.debit",
    "flags.credit",
    "formats.year",
    "formats.adjustment_periods",
    "formats.currency_signs",
    "formats.nothing",
    "scope.dates",
    "scope.accounts",
    "scope.entity",
];

/// Reads the version before anything else, so that a newer map is refused as that, and one that has keys of
/// later layouts by their name.
///
/// # Errors
/// [`MapError::Schema`], [`MapError::Later`].
pub(super) fn check_schema(text: &str) -> Result<(), MapError> {
    let table: toml::Table = toml::from_str(text).map_err(|e| MapError::Syntax(e.to_string()))?;
    let Some(schema) = table.get("schema").and_then(toml::Value::as_integer) else { return Ok(()) };
    if schema != 1 && schema != 2 {
        return Err(MapError::Schema(schema.try_into().unwrap_or(u32::MAX)));
    }
    let has = |key: &&&str| match key.split_once('.') {
        None => table.contains_key(**key),
        Some((section, key)) => table.get(section).is_some_and(|section| section.get(key).is_some()),
    };
    match LATER.iter().find(has).filter(|_| schema == 2) {
        Some(key) => Err(MapError::Later { place: (*key).to_owned() }),
        None => Ok(()),
    }
}

/// Refuses keys of version 2 in a map of version 1.
///
/// # Errors
/// [`MapError::BadValue`].
pub(super) fn check_version(raw: &Raw) -> Result<(), MapError> {
    let (documents, journals) = (raw.documents.as_ref(), raw.journals.as_ref());
    let newer = [
        ("columns", raw.columns.values().any(|header| matches!(header, Header::Any(_)))),
        ("table", raw.table.is_some()),
        ("names", raw.names.is_some()),
        ("accounts", raw.accounts.is_some()),
        ("formats.zone", raw.formats.zone.is_some()),
        ("documents.rounded", documents.is_some_and(|d| d.rounded.is_some())),
        ("journals.partial", journals.is_some_and(|j| j.partial.is_some())),
        ("journals.amount_sign", journals.is_some_and(|j| j.amount_sign == Some(LedgerSign::Natural))),
    ];
    match newer.iter().find(|(_, has)| *has && raw.schema == 1) {
        Some((key, _)) => Err(bad(key, &"this belongs to version 2 of the column map: say schema = 2")),
        None => Ok(()),
    }
}

/// The roles of `table.carry_down`.
///
/// # Errors
/// [`MapError::Missing`] for one without a column.
pub(super) fn carry_down(raw: &Raw) -> Result<Vec<Role>, MapError> {
    let roles = raw.table.as_ref().map(|table| table.carry_down.clone()).unwrap_or_default();
    match roles.iter().find(|role| !raw.columns.contains_key(role)) {
        Some(role) => Err(MapError::Missing(format!("columns.{role}, which table.carry_down names"))),
        None => Ok(roles),
    }
}

/// `[names]`, checked.
///
/// # Errors
/// [`MapError::Missing`], [`MapError::BadValue`].
pub(super) fn names(raw: &Raw) -> Result<NameRules, MapError> {
    let rules = raw.names.clone().unwrap_or_default();
    let own = match raw.kind {
        MapKind::Billing => Role::Number,
        MapKind::Gl => Role::Reference,
    };
    if !rules.compose.is_empty() && !rules.compose.contains(&own) {
        return Err(bad("names.compose", &format!("must have \"{own}\" among its columns")));
    }
    match rules.compose.iter().find(|role| !raw.has(**role)) {
        Some(role) => Err(MapError::Missing(format!("columns.{role}, which names.compose names"))),
        None => Ok(rules),
    }
}

/// `[accounts]`, read: those of credits, and those that are read as another.
type Read = (Vec<AccountRange>, Vec<(AccountCode, Vec<AccountRange>)>);

/// `[accounts]`, checked.
///
/// # Errors
/// [`MapError::BadValue`], [`MapError::Missing`] where the sign is natural and no account is of credits.
pub(super) fn accounts(raw: &Raw, sign: LedgerSign) -> Result<Read, MapError> {
    let said = raw.accounts.clone().unwrap_or_default();
    let ranges = |place: &str, texts: &[String]| {
        let read = |text: &String| AccountRange::parse(text).map_err(|message| bad(place, &message));
        texts.iter().map(read).collect::<Result<Vec<_>, _>>()
    };
    let credit = ranges("accounts.credit", &said.credit)?;
    if sign == LedgerSign::Natural && credit.is_empty() {
        let what = "accounts.credit, the accounts of income, liabilities and equity, since \
                    journals.amount_sign is \"natural\"";
        return Err(MapError::Missing(what.into()));
    }
    let into = |(code, texts): (&AccountCode, &Vec<String>)| {
        Ok((super::account::code(code), ranges("accounts.roll_up", texts)?))
    };
    let roll_up = said.roll_up.iter().map(into).collect::<Result<_, MapError>>()?;
    Ok((credit, roll_up))
}

/// The same error with the line of the key that it is about, where that can be found.
pub(super) fn with_line(text: &str, error: MapError) -> MapError {
    let at = |place: String| match line_of(text, &place) {
        Some(line) => format!("line {line}, {place}"),
        None => place,
    };
    match error {
        MapError::BadValue { place, message } => MapError::BadValue { place: at(place), message },
        MapError::Later { place } => MapError::Later { place: at(place) },
        other => other,
    }
}

fn line_of(text: &str, place: &str) -> Option<usize> {
    let (section, key) = place.split_once('.').unwrap_or(("", place));
    let mut here = "";
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[') {
            here = name.trim_start_matches('[').split(']').next().unwrap_or_default().trim();
            let opens = section.is_empty() && here == key;
            if opens || format!("{section}.{key}") == here {
                return Some(n + 1);
            }
        }
        let begins = line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        if here == section && begins {
            return Some(n + 1);
        }
    }
    None
}
