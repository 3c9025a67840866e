//! How far each resource was read, and what was kept aside.

use chrono::{DateTime, Utc};
use serde_json::json;
use tieout_domain::ConnectionId;
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Tx},
    error::{Result, StoreError},
    table::{
        connection, log,
        rejected_item::{self, KeptRejection},
        sync_state::{self, SyncState},
    },
};

impl Db {
    /// The items of a connection that still wait to be read.
    ///
    /// # Errors
    /// `not_found`.
    pub fn rejected_items(&self, id: &ConnectionId) -> Result<Vec<KeptRejection>> {
        rejected_item::waiting(self, id)
    }

    /// The items of a connection that people have set aside, the last first.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_aside_items(&self, id: &ConnectionId) -> Result<Vec<KeptRejection>> {
        rejected_item::set_aside(self, id)
    }

    /// How far each resource of a connection has been read.
    ///
    /// # Errors
    /// `not_found`.
    pub fn sync_states(&self, id: &ConnectionId) -> Result<Vec<SyncState>> {
        sync_state::of_connection(self, id)
    }

    /// How far one resource has been read; all empty when it never was.
    ///
    /// # Errors
    /// `not_found`.
    pub fn sync_state(&self, id: &ConnectionId, resource: &str) -> Result<SyncState> {
        sync_state::of_resource(self, id, resource)
    }
}

impl Tx<'_> {
    /// Settles items that wait to be read, by a person's word and with a reason: what they could concern is
    /// judged again. Answers how many did wait.
    ///
    /// # Errors
    /// `not_found` where an item does not wait.
    pub fn settle_rejected(
        &self,
        id: &ConnectionId,
        items: &[i64],
        reason: &str,
        log: &LogDraft<'_>,
    ) -> Result<u64> {
        self.whole(|tx| {
            let connection_seq = connection::seq(tx, id)?;
            for item in items {
                if !rejected_item::settle(tx, (connection_seq, *item), (log.actor, reason), log.at)? {
                    return Err(StoreError::unknown("item put aside", item));
                }
            }
            log::append_with(tx, log, &[("items", json!(items)), ("reason", json!(reason))])?;
            Ok(items.len() as u64)
        })
    }

    /// Notes that a person says that items which wait to be read are to be set aside, where another one must
    /// say so too.
    ///
    /// # Errors
    /// `not_found` where an item does not wait.
    pub fn propose_rejected(
        &self,
        id: &ConnectionId,
        items: &[i64],
        reason: &str,
        log: &LogDraft<'_>,
    ) -> Result<u64> {
        self.whole(|tx| {
            let connection_seq = connection::seq(tx, id)?;
            for item in items {
                if !rejected_item::propose(tx, (connection_seq, *item), log.actor, log.at)? {
                    return Err(StoreError::unknown("item put aside", item));
                }
            }
            log::append_with(tx, log, &[("items", json!(items)), ("reason", json!(reason))])?;
            Ok(items.len() as u64)
        })
    }

    /// Has a resource read from its beginning by the next sync where something of it was not readable for an
    /// earlier program than this one, what people have set aside included; answers whether it is.
    ///
    /// # Errors
    /// `not_found`.
    pub fn try_unread_again(&self, id: &ConnectionId, resource: &str) -> Result<bool> {
        self.whole(|tx| {
            let connection_seq = connection::seq(tx, id)?;
            let again = rejected_item::to_be_tried_again(tx, connection_seq, resource)?;
            if again {
                sync_state::begin_again(tx, connection_seq, resource)?;
            }
            Ok(again)
        })
    }

    /// Records that reading a resource failed. The cursor stays where it is.
    ///
    /// # Errors
    /// `not_found`.
    pub fn sync_failed(
        &self,
        id: &ConnectionId,
        resource: &str,
        code: &str,
        message: &str,
        at: DateTime<Utc>,
    ) -> Result<()> {
        sync_state::failed(self, connection::seq(self, id)?, resource, (code, message), at)
    }

    /// Records that a connection answered: what was wrong with the whole of it is over.
    ///
    /// # Errors
    /// `not_found`.
    pub fn sync_reached(&self, id: &ConnectionId) -> Result<()> {
        sync_state::reached(self, connection::seq(self, id)?)
    }
}
