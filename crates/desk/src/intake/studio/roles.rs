//! The roles of columns in words, and their families.

use tieout_connectors::files::MapKind;

use super::views::{RoleFamily, RoleView};

/// Each role with its words and family.
const ALL: [(&str, &str, RoleFamily); 41] = [
    ("number", "Doc no.", RoleFamily::What),
    ("date", "Date", RoleFamily::When),
    ("finalized_at", "Finalized", RoleFamily::When),
    ("quantity", "Quantity", RoleFamily::Money),
    ("unit_price", "Price", RoleFamily::Money),
    ("amount", "Amount", RoleFamily::Money),
    ("tax", "Tax", RoleFamily::Money),
    ("tax_code", "Tax code", RoleFamily::What),
    ("product", "Product", RoleFamily::What),
    ("description", "Text", RoleFamily::What),
    ("customer", "Customer", RoleFamily::Who),
    ("country", "Country", RoleFamily::Who),
    ("kind", "Kind", RoleFamily::What),
    ("invoice", "Invoice", RoleFamily::What),
    ("object", "Object", RoleFamily::What),
    ("fee", "Fee", RoleFamily::Money),
    ("fee_currency", "Fee cur.", RoleFamily::Money),
    ("refunded", "Refunded", RoleFamily::Money),
    ("service_starts", "Service from", RoleFamily::When),
    ("service_ends", "Service to", RoleFamily::When),
    ("currency", "Cur.", RoleFamily::Money),
    ("status", "Status", RoleFamily::What),
    ("entity", "Entity", RoleFamily::Where),
    ("journal", "Journal", RoleFamily::What),
    ("reference", "Doc no.", RoleFamily::What),
    ("external_id", "External id", RoleFamily::What),
    ("posting_date", "Date", RoleFamily::When),
    ("period", "Period", RoleFamily::When),
    ("account", "Account", RoleFamily::Where),
    ("account_name", "Account name", RoleFamily::Where),
    ("contra_account", "Contra account", RoleFamily::Where),
    ("flag", "Dr/Cr", RoleFamily::Money),
    ("type", "Kind", RoleFamily::What),
    ("debit", "Debit", RoleFamily::Money),
    ("credit", "Credit", RoleFamily::Money),
    ("functional_debit", "Debit, home", RoleFamily::Money),
    ("functional_credit", "Credit, home", RoleFamily::Money),
    ("functional_amount", "Amount, home", RoleFamily::Money),
    ("rate", "Rate", RoleFamily::Money),
    ("memo", "Text", RoleFamily::What),
    ("line_memo", "Line text", RoleFamily::What),
];

/// A role in words.
pub(super) fn label(role: &str) -> &str {
    ALL.iter().find(|(known, ..)| *known == role).map_or(role, |(_, label, _)| label)
}

/// True where the cells of a role are amounts.
pub(super) fn is_money(role: &str) -> bool {
    let words = ["currency", "fee_currency", "flag"];
    let money =
        |(known, _, family): &&(&str, &str, RoleFamily)| *known == role && *family == RoleFamily::Money;
    !words.contains(&role) && ALL.iter().any(|one| money(&one))
}

/// The roles that columns of this kind of file may play.
pub(super) fn of(kind: MapKind) -> Vec<RoleView> {
    let known = |name: &str| ALL.iter().find(|(known, ..)| *known == name);
    let view = |(role, label, family): &(&str, &str, RoleFamily)| RoleView {
        role: (*role).to_owned(),
        label: (*label).to_owned(),
        family: *family,
    };
    kind.roles().iter().filter_map(|role| known(role.as_str())).map(view).collect()
}
