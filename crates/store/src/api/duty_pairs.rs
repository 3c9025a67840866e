//! Who approved what whom had prepared: what a report of conflicting duties is made of.

use tieout_domain::PersonId;

use crate::{db::Db, error::Result, sql::text};

/// Postings that one person shaped and another approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyPair {
    /// Who prepared or edited them.
    pub preparer: PersonId,
    /// Who approved them.
    pub approver: PersonId,
    /// How many.
    pub count: u64,
    /// The references of their documents, the newest approval first, at most [`MOST_NAMED`].
    pub references: Vec<String>,
}

/// So many items of a pair are named.
pub const MOST_NAMED: usize = 50;

const PAIRS: &str = "
    SELECT DISTINCT e.person AS preparer, d.person AS approver, p.reference AS reference, d.posting_id,
      max(d.at) OVER (PARTITION BY e.person, d.person, d.posting_id) AS at
    FROM decision d JOIN posting_edit e ON e.posting_id = d.posting_id JOIN posting p ON p.id = d.posting_id
    WHERE d.action = 'approve' ORDER BY preparer, approver, at DESC, d.posting_id";

impl Db {
    /// Every pair of people of whom one approved what the other had shaped.
    ///
    /// # Errors
    /// A database error.
    pub fn duty_pairs(&self) -> Result<Vec<DutyPair>> {
        let mut statement = self.prepare_cached(PAIRS)?;
        let mut rows = statement.query([])?;
        let mut pairs: Vec<DutyPair> = Vec::new();
        while let Some(row) = rows.next()? {
            let (preparer, approver): (PersonId, PersonId) = (text(row, "preparer")?, text(row, "approver")?);
            let reference: String = row.get("reference")?;
            match pairs.last_mut().filter(|last| last.preparer == preparer && last.approver == approver) {
                Some(last) => {
                    last.count += 1;
                    if last.references.len() < MOST_NAMED {
                        last.references.push(reference);
                    }
                }
                None => pairs.push(DutyPair { preparer, approver, count: 1, references: vec![reference] }),
            }
        }
        Ok(pairs)
    }
}
