//! The whole sandbox: one company, behind a Stripe server, a NetSuite server with its own book, and a control
//! surface, all on loopback.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};

use crate::book::{Book, Feature, Keeper};
use crate::company::{Company, Entity, Spec, generate};
use crate::control::Control;
use crate::fault::{Faults, ServerHandle};
use crate::netsuite::{self, ServerOptions};
use crate::stripe;

/// Where to listen and what to limit. Port 0 is any free one.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port of the Stripe server.
    pub stripe_port: u16,
    /// Port of the control surface.
    pub control_port: u16,
    /// Stripe's rate limits.
    pub limits: stripe::Limits,
    /// How the NetSuite server behaves, its address included.
    pub netsuite: ServerOptions,
    /// Who keeps the company's books.
    pub keeper: Keeper,
    /// How the ERP's account is set up otherwise than most.
    pub features: Vec<Feature>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stripe_port: 0,
            control_port: 0,
            limits: stripe::Limits::NONE,
            netsuite: ServerOptions::default(),
            keeper: Keeper::default(),
            features: Vec::new(),
        }
    }
}

/// A running sandbox. Dropping it stops its servers.
pub struct Sandbox {
    /// Billing.
    pub stripe: stripe::Server,
    /// The ERP.
    pub netsuite: netsuite::Server,
    control: ServerHandle,
    entities: Vec<Entity>,
    options: Options,
}

impl Sandbox {
    /// Generates a company and starts both servers and the control surface.
    ///
    /// # Errors
    /// When an address cannot be bound, or the ledger contradicts itself.
    pub async fn start(spec: &Spec, options: Options) -> io::Result<Self> {
        Self::start_company(generate(spec), options).await
    }

    /// The same for a company that is at hand.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub async fn start_company(company: Company, options: Options) -> io::Result<Self> {
        let book = Book::kept_by(&company, options.keeper).map_err(io::Error::other)?;
        options.features.iter().try_for_each(|one| book.set_up(*one)).map_err(io::Error::other)?;
        Self::start_with(company, book, options).await
    }

    /// The same with a book that is at hand too, whatever the company's own ledger says.
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub async fn start_with(company: Company, book: Book, options: Options) -> io::Result<Self> {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let entities = company.entities.clone();
        let billing_faults = Faults::none();
        let ledger_faults = Faults::none();
        let faults = BTreeMap::from([
            ("stripe".to_owned(), billing_faults.clone()),
            ("netsuite".to_owned(), ledger_faults.clone()),
        ]);
        let control = Control { book: book.clone(), faults };
        let control = control.start(loopback(options.control_port)).await?;
        let netsuite = netsuite::Server::start(book, options.netsuite.clone(), ledger_faults).await?;
        let stripe = stripe::Server::start_at(company, billing_faults, loopback(options.stripe_port)).await?;
        stripe.control().set_limits(options.limits);
        Ok(Self { stripe, netsuite, control, entities, options })
    }

    /// Addresses and credentials. The credentials open this sandbox and nothing else.
    #[must_use]
    pub fn describe(&self) -> Value {
        let accounts: Vec<Value> = self
            .entities
            .iter()
            .map(|entity| {
                json!({
                    "entity": entity.code,
                    "subsidiary": entity.subsidiary,
                    "currency": entity.currency.code(),
                    "time_zone": entity.tz.name(),
                    "account": entity.account,
                    "api_key": entity.api_key
                })
            })
            .collect();
        let options = &self.options.netsuite;
        let tokens: Vec<Value> = options
            .tokens
            .iter()
            .map(|it| {
                json!({
                    "consumer_key": it.consumer_key,
                    "consumer_secret": it.consumer_secret,
                    "token": it.token,
                    "token_secret": it.token_secret
                })
            })
            .collect();
        json!({
            "as_of": self.stripe.control().now(),
            "stripe": { "url": self.stripe.url(), "accounts": accounts },
            "netsuite": {
                "url": self.netsuite.url(),
                "account": options.account,
                "tokens": tokens,
                "token_path": netsuite::TOKEN_PATH
            },
            "control": { "url": self.control.url() }
        })
    }

    /// `http://127.0.0.1:<port>` of the control surface.
    #[must_use]
    pub fn control_url(&self) -> String {
        self.control.url()
    }

    /// Stops everything and frees the ports.
    pub async fn shutdown(self) {
        self.stripe.shutdown().await;
        self.netsuite.shutdown().await;
        self.control.shutdown().await;
    }
}
