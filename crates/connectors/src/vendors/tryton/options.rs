//! How to reach one company of a Tryton database.

use std::time::Duration;

use super::sheet::TRYTON;
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
    /// The sheet's usual calls at once, the journal `REV` (Tryton's revenue journal).
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
            limit: TRYTON.limits.usual,
            read_timeout: Duration::from_secs(60),
            world,
        }
    }
}
