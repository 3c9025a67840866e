//! What the ERPs call their accounts. The mapping names accounts by their codes only; the names come with the
//! charts that a sync reads, or with a ledger's file.

use std::collections::HashMap;

use tieout_domain::{AccountCode, ConnectionId};
use tieout_store::AccountName;

use crate::{
    base::{context::Context, error::DeskResult},
    governance::changes,
};

/// The names of accounts, by their codes.
pub(crate) struct Charts(HashMap<String, Vec<(ConnectionId, String)>>);

impl Charts {
    fn new(names: Vec<AccountName>) -> Self {
        let mut by_code: HashMap<String, Vec<(ConnectionId, String)>> = HashMap::new();
        for AccountName { connection, code, name } in names {
            by_code.entry(code.to_string()).or_default().push((connection, name));
        }
        Self(by_code)
    }

    /// What this ERP (or whichever, where none is given) calls an account: `None` where no chart has it, or
    /// where two accounts of the code have two names.
    pub(crate) fn name(&self, erp: Option<&ConnectionId>, account: &str) -> Option<&str> {
        let known = self.0.get(account)?;
        let mut names = known.iter().filter(|(of, _)| erp.is_none_or(|erp| erp == of)).map(|(_, name)| name);
        let first = names.next()?;
        names.all(|name| name == first).then_some(first.as_str()).filter(|name| !name.is_empty())
    }

    /// `1100 Accounts receivable`, or the code alone.
    pub(crate) fn full(&self, erp: Option<&ConnectionId>, account: &AccountCode) -> String {
        match self.name(erp, account.as_str()) {
            Some(name) => format!("{account} {name}"),
            None => account.to_string(),
        }
    }
}

/// The charts as last read.
pub(crate) fn charts(ctx: &Context) -> DeskResult<Charts> {
    Ok(Charts::new(ctx.known().account_names()?))
}

/// The ERP of each entity for which the mapping names one, by the entity's code.
pub(crate) fn erps_of_entities(ctx: &Context) -> DeskResult<HashMap<String, ConnectionId>> {
    let mut erps = HashMap::new();
    let Some(mapping) = changes::mapping_in_force(ctx)? else { return Ok(erps) };
    for entity in &mapping.content.entities {
        let Some(name) = &entity.erp_connection else { continue };
        if let Some(connection) = ctx.store().connection_by_name(name)? {
            erps.insert(entity.code.to_string(), connection.id);
        }
    }
    Ok(erps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn erp(name: &str) -> ConnectionId {
        ConnectionId::derive(&["test", name])
    }

    fn charts(rows: &[(&str, &str, &str)]) -> Charts {
        let names = rows.iter().map(|(of, code, name)| AccountName {
            connection: erp(of),
            code: code.parse().unwrap(),
            name: (*name).to_owned(),
        });
        Charts::new(names.collect())
    }

    #[test]
    fn an_account_has_the_name_that_its_own_erp_gives_it() {
        let charts = charts(&[("a", "1100", "Accounts receivable"), ("b", "1100", "Trade debtors")]);
        assert_eq!(charts.name(Some(&erp("a")), "1100"), Some("Accounts receivable"));
        assert_eq!(charts.name(Some(&erp("b")), "1100"), Some("Trade debtors"));
        assert_eq!(charts.full(Some(&erp("b")), &"1100".parse().unwrap()), "1100 Trade debtors");
    }

    #[test]
    fn an_account_whose_name_is_not_certain_has_none() {
        let charts = charts(&[
            ("a", "1100", "Accounts receivable"),
            ("b", "1100", "Trade debtors"),
            ("a", "4000", "Sales"),
            ("a", "4000", "Sales, old"),
            ("a", "9", ""),
        ]);
        assert_eq!(charts.name(None, "1100"), None, "two ERPs, two names");
        assert_eq!(
            charts.full(Some(&erp("a")), &"4000".parse().unwrap()),
            "4000",
            "one chart has the code twice"
        );
        assert_eq!(charts.name(None, "9"), None);
        assert_eq!(charts.name(None, "7777"), None);
    }
}
