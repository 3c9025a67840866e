//! The keys of a column map's second version: what they are called, which of them a map of the first version
//! may not have, and which ones a later version of Tieout reads.

use std::collections::BTreeMap;

use tieout_domain::{AccountCode, Currency};

use super::{
    account::AccountRange,
    map::{LedgerSign, Words},
    map_error::MapError,
    map_raw::{Header, Raw, bad},
    names::NameRules,
    role::{MapKind, Role},
    shape::{OF_HEADINGS, TableShape},
};

/// Keys of version 2 that are named here and read later.
const LATER: [&str; 6] = [
    "file.hidden_rows",
    "columns.paid_at",
    "formats.adjustment_periods",
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

/// Roles that version 1 does not know.
const NEWER: [Role; 7] =
    [Role::Flag, Role::ContraAccount, Role::Type, Role::Object, Role::Fee, Role::FeeCurrency, Role::Refunded];

/// Refuses keys of version 2 in a map of version 1.
///
/// # Errors
/// [`MapError::BadValue`].
pub(super) fn check_version(raw: &Raw) -> Result<(), MapError> {
    let (documents, journals) = (raw.documents.as_ref(), raw.journals.as_ref());
    let newer = [
        ("columns", raw.columns.values().any(|header| matches!(header, Header::Any(_)))),
        ("columns", raw.columns.values().any(|header| matches!(header, Header::At(_)))),
        ("columns", raw.columns.keys().any(|role| NEWER.contains(role))),
        ("profile", raw.profile.is_some()),
        ("title", raw.title.is_some()),
        ("table", raw.table.is_some()),
        ("headings", raw.headings.is_some()),
        ("flags", raw.flags.is_some()),
        ("defaults", !raw.defaults.is_empty()),
        ("file.encoding", !raw.file.encoding.is_plain()),
        ("file.list", raw.file.list),
        ("file.metadata", raw.file.metadata.is_some()),
        ("formats.currency_signs", raw.formats.currency_signs),
        ("formats.nothing", !raw.formats.nothing.is_empty()),
        ("formats.year", raw.formats.year.is_some()),
        ("names", raw.names.is_some()),
        ("accounts", raw.accounts.is_some()),
        ("formats.zone", raw.formats.zone.is_some()),
        ("documents.kind", documents.is_some_and(|d| d.kind.is_some())),
        ("documents.rounded", documents.is_some_and(|d| d.rounded.is_some())),
        ("journals.credits", journals.is_some_and(|j| j.credits.is_some())),
        ("journals.without_number", journals.is_some_and(|j| j.without_number.is_some())),
        ("journals.partial", journals.is_some_and(|j| j.partial.is_some())),
        ("journals.amount_sign", journals.is_some_and(|j| j.amount_sign.is_some_and(LedgerSign::is_newer))),
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

/// How the table stands in the file, where the map says more of it than a header and rows.
///
/// # Errors
/// [`MapError::BadValue`], [`MapError::Missing`].
pub(super) fn shape(raw: &Raw) -> Result<Option<TableShape>, MapError> {
    let (table, file) = (raw.table.clone().unwrap_or_default(), &raw.file);
    let headings = raw.headings.clone().unwrap_or_default();
    let header_rows = table.header_rows.unwrap_or(1);
    if !(1..=2).contains(&header_rows) {
        return Err(bad("table.header_rows", &"must be 1 or 2"));
    }
    if let Some(role) = table.leave_out.keys().find(|role| !raw.columns.contains_key(*role)) {
        return Err(MapError::Missing(format!("columns.{role}, which table.leave_out names")));
    }
    let words = [("table.banner", &table.banner), ("table.end", &table.end), ("table.totals", &table.totals)];
    if let Some((key, _)) = words.iter().find(|(_, words)| words.iter().any(|word| word.trim().is_empty())) {
        return Err(bad(key, &"a word must not be empty: every row would begin with it"));
    }
    let two_ways = OF_HEADINGS.iter().find(|(role, _)| {
        !headings.of(*role).is_empty() && (raw.columns.contains_key(role) || raw.constants.contains_key(role))
    });
    if let Some((role, _)) = two_ways {
        return Err(MapError::Conflict(format!("{role} is in [headings] and in a column or constant")));
    }
    let says_more = table.header.is_some()
        || table.header_rows.is_some()
        || !table.optional.is_empty()
        || !table.leave_out.is_empty()
        || !(table.banner.is_empty() && table.end.is_empty() && table.totals.is_empty())
        || raw.headings.is_some()
        || !file.encoding.is_plain()
        || file.list
        || file.metadata.is_some();
    Ok(says_more.then(|| TableShape {
        header: table.header.unwrap_or_default(),
        header_rows,
        optional: table.optional,
        leave_out: table.leave_out,
        banner: table.banner,
        end: table.end,
        totals: table.totals,
        headings,
        metadata: file.metadata,
    }))
}

/// The words of the column that says on which side an amount stands: true for a credit.
///
/// # Errors
/// [`MapError::Missing`], [`MapError::Conflict`].
pub(super) fn flags(raw: &Raw) -> Result<Words<bool>, MapError> {
    let said = raw.flags.clone().unwrap_or_default();
    if raw.columns.contains_key(&Role::Flag) != raw.flags.is_some() {
        return Err(MapError::Missing("columns.flag and [flags], or neither".into()));
    }
    let both = BTreeMap::from([("credit".to_owned(), said.credit), ("debit".to_owned(), said.debit)]);
    Words::read("flags", &both, |side| Some(side == "credit"))
}

/// `[defaults]`, checked.
///
/// # Errors
/// [`MapError::BadValue`].
pub(super) fn defaults(raw: &Raw) -> Result<BTreeMap<Role, String>, MapError> {
    for (role, value) in &raw.defaults {
        if !role.may_be_constant() || !raw.columns.contains_key(role) {
            return Err(bad(&format!("defaults.{role}"), &"must be of a column that may hold a constant"));
        }
        if *role == Role::Currency {
            Currency::new(value).map_err(|e| bad("defaults.currency", &e))?;
        }
    }
    Ok(raw.defaults.clone())
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
