//! Tryton over JSON-RPC: moves, periods, parties.
//!
//! Checked against a real Tryton 8.2 on PostgreSQL (the project's tests start one). Tryton keeps no unique
//! external id: a draft is created with our key in its description, all drafts of the key are found, one is
//! posted by id and the others are deleted; a second post of one id errors.

mod adapter;
mod client;
mod decode;
mod encode;
mod poster;

use std::time::Duration;

pub use adapter::TrytonConnection;

use crate::kit::{Limit, Secret, World};

/// How to reach one company of a Tryton database.
#[derive(Clone)]
pub struct TrytonOptions {
    /// `https://erp.example.com`, or a server on this machine.
    pub base_url: String,
    /// The database's name.
    pub database: String,
    /// The user.
    pub login: String,
    /// Their password.
    pub password: Secret,
    /// Tryton's id of the company.
    pub company: i64,
    /// Code of the journal that postings go to.
    pub journal: String,
    /// Calls at once. Tryton numbers moves under one row lock: concurrent posts only collide.
    pub limit: Limit,
    /// Longest silence while an answer is read.
    pub read_timeout: Duration,
    /// Time and randomness.
    pub world: World,
}

impl TrytonOptions {
    /// One call at once, the journal `REV` (Tryton's revenue journal).
    #[must_use]
    pub fn new(
        base_url: impl Into<String>,
        database: impl Into<String>,
        login: impl Into<String>,
        password: Secret,
        company: i64,
        world: World,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            database: database.into(),
            login: login.into(),
            password,
            company,
            journal: "REV".to_owned(),
            limit: Limit::concurrency(1),
            read_timeout: Duration::from_secs(60),
            world,
        }
    }
}
