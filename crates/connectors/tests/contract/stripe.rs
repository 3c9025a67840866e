//! A company served by the sandbox, and a connection to one of its accounts.
#![allow(dead_code)]

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tieout_connectors::{
    BillingSource, Connector, Resource, Wanted,
    contract::{self, BillingHarness, Trouble},
    kit::{Secret, World},
    vendors,
};
use tieout_domain::failure::VendorFailure;
use tieout_sandbox::{
    company::{Company, DEFAULT_AS_OF, Spec, generate},
    fault::{FaultKind, FaultPlan, Faults, ScriptedFault},
    stripe::{Command, Server},
};

use crate::kit_world::{world, world_at};

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// A company served by the sandbox, and a connection to one of its accounts.
pub struct Harness {
    pub server: Server,
    pub connection: Arc<dyn BillingSource>,
    pub connector: Connector,
    pub entity: u8,
}

pub fn company(invoices: u32) -> Company {
    generate(&Spec { seed: 7, invoices, as_of: DEFAULT_AS_OF, fault_rate: 0 })
}

/// As the registry builds it of a form.
pub fn connect(url: &str, key: &str, world: World) -> Connector {
    let settings = [("rate", "100000"), ("concurrency", "8"), ("timeout", "5")];
    let settings: BTreeMap<String, String> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let wanted = Wanted { vendor: "stripe", url, live: false, tenant: "acct", settings: &settings, world };
    vendors::build(&wanted, |field| {
        assert_eq!(field, "api_key");
        Ok::<Secret, VendorFailure>(Secret::new(key))
    })
    .unwrap()
}

pub async fn harness(invoices: u32, entity: u8) -> Harness {
    let server = Server::start(company(invoices), Faults::none()).await.unwrap();
    server.control().set_limits(tieout_sandbox::stripe::Limits::NONE);
    let key = server.control().read(|c| c.entities[usize::from(entity)].api_key);
    let connector = connect(&server.url(), key, world_at(at(DEFAULT_AS_OF)));
    Harness { server, connection: connector.billing_source().unwrap(), connector, entity }
}

pub async fn keeps_the_contract() -> Option<Connector> {
    let harness = harness(2_500, 0).await;
    contract::billing(&harness).await.unwrap();
    Some(harness.connector.clone())
}

impl Harness {
    pub fn fault(&self, kind: FaultKind) {
        self.server.faults().set_plan(FaultPlan::script([ScriptedFault::nth(1, "/v1/", kind)]));
    }
}

#[async_trait]
impl Trouble for Harness {
    async fn too_many_next(&self) {
        self.fault(FaultKind::TooManyWithRetryAfter);
    }
    async fn cut_next_page(&self) {
        self.server.faults().set_plan(FaultPlan::script([ScriptedFault::nth(
            1,
            "/v1/customers",
            FaultKind::DropMidBody,
        )]));
    }
    async fn malform_next_page(&self) -> bool {
        self.server.faults().set_plan(FaultPlan::script([ScriptedFault::nth(
            1,
            "/v1/customers",
            FaultKind::SchemaDrift,
        )]));
        true
    }
    async fn refused(&self) -> u64 {
        self.server.faults().injected_of(FaultKind::TooManyWithRetryAfter)
    }
}

#[async_trait]
impl BillingHarness for Harness {
    fn source(&self) -> &dyn BillingSource {
        self.connection.as_ref()
    }
    fn stranger(&self) -> Arc<dyn BillingSource> {
        connect(&self.server.url(), "sk_test_wrong_0000000000", world()).billing_source().unwrap()
    }
    fn count(&self, resource: Resource) -> Option<usize> {
        let entity = self.entity;
        self.server.control().read(|c| match resource {
            Resource::Customers => Some(c.customers.iter().filter(|x| x.entity == entity).count()),
            Resource::Subscriptions => Some(c.subscriptions.iter().filter(|x| x.entity == entity).count()),
            Resource::Invoices => Some(c.invoices.iter().filter(|x| x.entity == entity).count()),
            Resource::CreditNotes => Some(c.credit_notes.iter().filter(|x| x.entity == entity).count()),
            Resource::Payments => Some(c.charges.iter().filter(|x| x.entity == entity).count()),
            Resource::Payouts => Some(c.payouts.iter().filter(|x| x.entity == entity).count()),
            Resource::Fees => Some(c.transactions.iter().filter(|x| x.entity == entity).count()),
            _ => None,
        })
    }
    fn large(&self) -> Resource {
        Resource::Customers
    }
    async fn change_one(&self) -> Option<String> {
        let entity = self.server.control().read(|c| c.entities[usize::from(self.entity)].code);
        self.server.control().run(Command::Advance { seconds: 60 }).unwrap();
        let add = Command::AddCustomer {
            entity: entity.into(),
            name: "New".into(),
            email: Some("n@x.example".into()),
        };
        Some(self.server.control().run(add).unwrap().to_string())
    }
    async fn delete(&self, id: &str) -> bool {
        self.server.control().run(Command::DeleteCustomer { customer: id.to_owned() }).unwrap();
        true
    }
}
