//! What an account has and lacks, as the connection test finds it: each lack says which permission or
//! preference to ask for.

use serde_json::Value;
use tieout_domain::failure::VendorFailure;

use super::{
    client::unreadable, connection::NetSuiteConnection, scan::drifted, sheet::UNKNOWN_TABLE, suiteql,
};
use crate::{
    kit::Field,
    traits::{Capability, CapabilityState},
};

/// Failures that say that the role may not see what was asked for.
const UNSEEN: [&str; 3] = [UNKNOWN_TABLE, "auth_failed", "permission_missing"];

/// An id and a time that no record has: what is asked is whether it may be asked.
const ABOVE_ALL: i64 = 999_999_999_999;
const LATER: &str = "2999-01-01 00:00:00";

/// What a look at one list came to.
enum Looked {
    Found(Capability),
    /// The role may not see it, in the vendor's words.
    Unseen(Capability, VendorFailure),
}

/// What cannot be found out by reading, and what to do about it.
const UNTOLD: [(&str, &str); 3] = [
    (
        "posting",
        "whether the role may book shows only with the first posting: it needs Transactions › Make Journal \
         Entry, create (and edit, where journals are approved by it)",
    ),
    (
        "segments",
        "NetSuite does not tell which of department, class and location a journal needs. Where a posting is \
         refused for one, set it in the connection, or allow empty classifications on journals (Setup › \
         Accounting › Accounting Preferences)",
    ),
    (
        "locks_per_subsidiary",
        "a period that is locked for some subsidiaries only shows as open in the record: such a posting is \
         refused by NetSuite itself, and nothing is booked",
    ),
];

fn found(what: &str, state: CapabilityState, says: &str) -> Capability {
    Capability { what: what.to_owned(), state, says: says.to_owned() }
}

impl NetSuiteConnection {
    /// The account's name, and what it has and lacks.
    pub(super) async fn capabilities(&self) -> Result<(Option<String>, Vec<Capability>), VendorFailure> {
        let needed = [
            (
                "transactions",
                suiteql::newest("transaction"),
                "Transactions › Find Transaction, view (and view of each type that is to be read: Invoice, \
                 Credit Memo, Customer Payment, Customer Deposit, Make Deposit, Make Journal Entry)",
            ),
            ("accounts", suiteql::accounts(ABOVE_ALL), "Lists › Accounts, view"),
            ("customers", suiteql::newest("customer"), "Lists › Customers, view"),
            ("periods", suiteql::periods(&[], ABOVE_ALL), "Setup › Manage Accounting Periods, view"),
        ];
        let (mut all, mut refused) = (Vec::new(), None);
        for (what, sql, permission) in needed {
            match self.look(what, &sql, permission, "").await? {
                Looked::Found(one) => all.push(one),
                Looked::Unseen(one, failure) => {
                    all.push(one);
                    refused = refused.or(Some(failure));
                }
            }
        }
        if let Some(failure) = refused {
            // Where nothing at all can be seen it is the login, and not a permission.
            let any = all.iter().any(|one| one.state == CapabilityState::Here);
            return if any { Ok((None, all)) } else { Err(failure) };
        }
        let noticed = " (without it a deletion is noticed by the next full read only)";
        let deleted = suiteql::deleted_since(LATER, ABOVE_ALL);
        let (Looked::Found(deletions) | Looked::Unseen(deletions, _)) =
            self.look("deletions", &deleted, "Lists › Deleted Records, view", noticed).await?;
        all.push(deletions);
        let (name, lists) = self.lists().await?;
        all.extend(lists);
        all.push(self.approvals().await?);
        all.extend(UNTOLD.map(|(what, says)| found(what, CapabilityState::Unknown, says)));
        Ok((name, all))
    }

    async fn look(
        &self,
        what: &str,
        sql: &str,
        permission: &str,
        otherwise: &str,
    ) -> Result<Looked, VendorFailure> {
        match self.client.query(sql).await {
            Ok(_) => Ok(Looked::Found(found(what, CapabilityState::Here, "it can be read"))),
            Err(failure) if UNSEEN.contains(&failure.code) => {
                let says =
                    format!("the role lacks the permission {permission}: add it in NetSuite{otherwise}");
                Ok(Looked::Unseen(found(what, CapabilityState::Missing, &says), failure))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Subsidiaries and currencies, as far as the account has them.
    async fn lists(&self) -> Result<(Option<String>, [Capability; 2]), VendorFailure> {
        self.chart.forget().await;
        let features = self.chart().await?.features();
        let here = |what, is: bool, with: &str, without: &str| match is {
            true => found(what, CapabilityState::Here, with),
            false => found(what, CapabilityState::Absent, without),
        };
        let name = match features.one_world {
            true => {
                let rows = self.client.query(&suiteql::subsidiaries(0, features.currencies)).await?;
                let first = rows.items.first();
                let name = first.map(|row| Field::root(&row.value, "subsidiary").get("name").maybe_text());
                name.transpose().map_err(drifted)?.flatten().map(str::to_owned)
            }
            false => None,
        };
        let lists = [
            here(
                "subsidiaries",
                features.one_world,
                "OneWorld: each subsidiary is an entity, by its id",
                "no OneWorld: the account is one entity; its erp_id in the mapping is 1",
            ),
            here(
                "currencies",
                features.currencies,
                "Multiple Currencies",
                "no Multiple Currencies: all is in the connection's home_currency",
            ),
        ];
        Ok((name, lists))
    }

    /// How journals are approved, as the newest one shows it.
    async fn approvals(&self) -> Result<Capability, VendorFailure> {
        const WHAT: &str = "approvals";
        let unknown = |says| Ok(found(WHAT, CapabilityState::Unknown, says));
        let rows = self.client.query(&suiteql::newest_journal()).await?;
        let newest =
            rows.items.first().map(|row| Field::root(&row.value, "transaction").get("id").maybe_id());
        let Some(id) = newest.transpose().map_err(drifted)?.flatten() else {
            return unknown("there is no journal yet that would show how journals are approved");
        };
        let answer = match self.client.record(&format!("journalEntry/{id}")).await {
            Ok(Some(answer)) => answer,
            Ok(None) => return unknown("the newest journal is gone: test again"),
            Err(failure) if UNSEEN.contains(&failure.code) => {
                let says = "the role lacks the permission Transactions › Make Journal Entry, view: a posting \
                            could not be read back";
                return Ok(found(WHAT, CapabilityState::Missing, says));
            }
            Err(failure) => return Err(failure),
        };
        let record: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable("a journal", &format!("it is no JSON ({error})")))?;
        let field = Field::root(&record, "journalEntry");
        Ok(match (field.get("approvalStatus").is_there(), field.get("approved").is_there()) {
            (true, _) => found(WHAT, CapabilityState::Here, "approval routing (approvalStatus)"),
            (false, true) => found(
                WHAT,
                CapabilityState::Here,
                "Require Approvals on Journal Entries, the older way (approved): where Tieout is to approve, \
                 set approve to legacy",
            ),
            (false, false) => found(WHAT, CapabilityState::Absent, "journals need no approval"),
        })
    }
}
