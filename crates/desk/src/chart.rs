//! What the ERPs call their accounts. The mapping names accounts by their codes only; the names come with the
//! charts that a sync reads.

use std::collections::HashMap;

use tieout_domain::{AccountCode, ConnectionId};
use tieout_store::AccountName;

use crate::{error::DeskResult, workspace::Desk};

/// The names of accounts, by their codes.
#[derive(Default)]
pub(crate) struct Charts {
    by_code: HashMap<String, Vec<(ConnectionId, String)>>,
    /// The ERP of the entities for which the mapping says it.
    erps: HashMap<String, ConnectionId>,
}

impl Charts {
    fn new(names: Vec<AccountName>, erps: HashMap<String, ConnectionId>) -> Self {
        let mut by_code: HashMap<String, Vec<(ConnectionId, String)>> = HashMap::new();
        for AccountName { connection, code, name } in names {
            by_code.entry(code.to_string()).or_default().push((connection, name));
        }
        Self { by_code, erps }
    }

    /// What this ERP (or whichever, where none is given) calls an account: `None` where no chart has it, or
    /// where two accounts of the code have two names.
    pub(crate) fn name(&self, erp: Option<&ConnectionId>, account: &str) -> Option<&str> {
        let known = self.by_code.get(account)?;
        let mut names = known.iter().filter(|(of, _)| erp.is_none_or(|erp| erp == of)).map(|(_, name)| name);
        let first = names.next()?;
        names.all(|name| name == first).then_some(first.as_str()).filter(|name| !name.is_empty())
    }

    /// What the ERP of an entity calls an account.
    pub(crate) fn name_for(&self, entity: &str, account: &str) -> Option<&str> {
        self.name(self.erps.get(entity), account)
    }

    /// `1100 Accounts receivable`, or the code alone.
    pub(crate) fn full(&self, erp: Option<&ConnectionId>, account: &AccountCode) -> String {
        match self.name(erp, account.as_str()) {
            Some(name) => format!("{account} {name}"),
            None => account.to_string(),
        }
    }
}

impl Desk {
    /// The charts as last read.
    pub(crate) fn charts(&self) -> DeskResult<Charts> {
        let names = self.store().account_names()?;
        if names.is_empty() {
            return Ok(Charts::default());
        }
        let mut erps = HashMap::new();
        if let Some(mapping) = self.mapping_in_force()? {
            for entity in mapping.content.entities {
                let Some(name) = entity.erp_connection else { continue };
                if let Some(connection) = self.store().connection_by_name(&name)? {
                    erps.insert(entity.code.to_string(), connection.id);
                }
            }
        }
        Ok(Charts::new(names, erps))
    }
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
        let erps = HashMap::from([("GB01".to_owned(), erp("b"))]);
        Charts::new(names.collect(), erps)
    }

    #[test]
    fn an_account_has_the_name_that_its_own_erp_gives_it() {
        let charts = charts(&[("a", "1100", "Accounts receivable"), ("b", "1100", "Trade debtors")]);
        assert_eq!(charts.name(Some(&erp("a")), "1100"), Some("Accounts receivable"));
        assert_eq!(charts.name_for("GB01", "1100"), Some("Trade debtors"));
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
        assert_eq!(charts.name_for("US01", "1100"), None, "two ERPs, two names");
        assert_eq!(
            charts.full(Some(&erp("a")), &"4000".parse().unwrap()),
            "4000",
            "one chart has the code twice"
        );
        assert_eq!(charts.name(None, "9"), None);
        assert_eq!(charts.name(None, "7777"), None);
    }
}
