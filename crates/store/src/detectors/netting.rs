//! Keeps `entry.netted`: an entry and its reversal cancel out and count for nothing.
//!
//! Two booked entries of one connection, entity and currency cancel out when all amounts per account are
//! each other's opposite, and either one is the reversal of the other (by the ERP's own link, or because a
//! posting of ours says what it reverses), or both have the same name. Links go first, the newest
//! first, so that the reversal of a reversal leaves the original standing. Then each remaining mirror takes
//! the latest entry before it in posting-date order, as brackets do: a reversal undoes what was last done.

use std::collections::{BTreeMap, HashMap};

use crate::{
    db::{Db, Tx},
    error::Result,
};

struct Candidate {
    seq: i64,
    connection: i64,
    erp_id: String,
    reference: Option<String>,
    entity: String,
    currency: String,
    reverses: Option<String>,
    booked: bool,
    /// True where the reference is a document's. Of the others one with a digit tells one thing from others
    /// too; the first word of a memo ("Daily") does not.
    tells: bool,
    /// Minor units per account, without zeros; wide enough for any entry.
    amounts: BTreeMap<String, i128>,
    partner: Option<i64>,
}

impl Candidate {
    fn mirrors(&self, other: &Candidate) -> bool {
        self.connection == other.connection
            && self.entity == other.entity
            && self.currency == other.currency
            && !self.amounts.is_empty()
            && self.amounts == negated(&other.amounts)
    }
}

fn negated(amounts: &BTreeMap<String, i128>) -> BTreeMap<String, i128> {
    amounts.iter().map(|(account, minor)| (account.clone(), -minor)).collect()
}

/// Entries of the work that could cancel out, or did: those that share a reference, those tied by a
/// reversal, those that have a partner. A single entry of a document is not even read.
const CANDIDATES: &[&str] = &[
    "INSERT INTO work_net (entry_seq)
        SELECT e.seq
        FROM work_reference w CROSS JOIN entry e
        WHERE e.reference = w.reference
            AND w.reference IN (
                SELECT o.reference FROM work_reference v CROSS JOIN entry o
                WHERE o.reference = v.reference GROUP BY o.reference HAVING count(*) > 1)
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq) SELECT entry_seq FROM work_entry WHERE true
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT e.seq
        FROM work_reference w CROSS JOIN entry e
        WHERE e.reference = w.reference AND (e.reverses IS NOT NULL OR e.netted <> 0)
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT e.seq
        FROM work_reference w CROSS JOIN entry e CROSS JOIN posting_step s
        WHERE e.reference = w.reference AND s.key = e.external_id AND s.reverses IS NOT NULL
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT t.seq
        FROM work_net n CROSS JOIN entry e CROSS JOIN entry t
        WHERE e.seq = n.entry_seq AND t.connection_seq = e.connection_seq
            AND t.erp_id = e.reverses AND e.reverses IS NOT NULL
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT t.seq
        FROM work_net n CROSS JOIN entry e CROSS JOIN posting_step s CROSS JOIN posting p
        CROSS JOIN entry t
        WHERE e.seq = n.entry_seq AND s.key = e.external_id AND p.seq = s.posting_seq
            AND t.connection_seq = p.connection_seq AND t.erp_id = s.reverses
            AND s.reverses IS NOT NULL
        ON CONFLICT DO NOTHING",
];

/// Works out anew which entries of the work cancel out.
pub(super) fn run(tx: &Tx<'_>) -> Result<()> {
    for sql in CANDIDATES {
        tx.prepare_cached(sql)?.execute([])?;
    }
    let mut candidates = read(tx)?;
    pair_links(&mut candidates);
    pair_mirrors(&mut candidates);
    keep(tx, &candidates)
}

fn read(db: &Db) -> Result<Vec<Candidate>> {
    let mut statement = db.prepare_cached(
        "SELECT e.seq, e.connection_seq, e.erp_id, e.reference, e.entity, e.currency,
                coalesce(e.reverses, (
                    SELECT max(s.reverses) FROM posting_step s JOIN posting p ON p.seq = s.posting_seq
                    WHERE s.key = e.external_id AND p.connection_seq = e.connection_seq)),
                e.status = 'booked', l.account, l.transaction_minor,
                EXISTS (SELECT 1 FROM document d WHERE d.reference = e.reference AND d.status <> 'draft')
         FROM work_net n CROSS JOIN entry e LEFT JOIN entry_line l ON l.entry_seq = e.seq
         WHERE e.seq = n.entry_seq
         ORDER BY e.posting_date, e.seq",
    )?;
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        if candidates.last().is_none_or(|c| c.seq != seq) {
            candidates.push(Candidate {
                seq,
                connection: row.get(1)?,
                erp_id: row.get(2)?,
                reference: row.get(3)?,
                entity: row.get(4)?,
                currency: row.get(5)?,
                reverses: row.get(6)?,
                booked: row.get(7)?,
                tells: row.get(10)?,
                amounts: BTreeMap::new(),
                partner: None,
            });
        }
        let account: Option<String> = row.get(8)?;
        if let (Some(account), Some(candidate)) = (account, candidates.last_mut()) {
            let sum = candidate.amounts.entry(account).or_insert(0);
            *sum += i128::from(row.get::<_, i64>(9)?);
        }
    }
    for candidate in &mut candidates {
        candidate.amounts.retain(|_, minor| *minor != 0);
    }
    Ok(candidates)
}

fn couple(candidates: &mut [Candidate], a: usize, b: usize) {
    candidates[a].partner = Some(candidates[b].seq);
    candidates[b].partner = Some(candidates[a].seq);
}

fn pair_links(candidates: &mut [Candidate]) {
    let by_erp_id: HashMap<(i64, String), usize> =
        candidates.iter().enumerate().map(|(i, c)| ((c.connection, c.erp_id.clone()), i)).collect();
    let mut newest_first: Vec<usize> = (0..candidates.len()).collect();
    newest_first.sort_by_key(|&i| std::cmp::Reverse(candidates[i].seq));
    for reversal in newest_first {
        let Some(link) = candidates[reversal].reverses.clone() else { continue };
        let Some(&original) = by_erp_id.get(&(candidates[reversal].connection, link)) else { continue };
        let free = |i: usize| candidates[i].booked && candidates[i].partner.is_none();
        if original != reversal
            && free(original)
            && free(reversal)
            && candidates[reversal].mirrors(&candidates[original])
        {
            couple(candidates, reversal, original);
        }
    }
}

/// What a mirror must share with its original, and its amounts.
type MirrorKey<'a> = (i64, &'a str, &'a str, &'a str, BTreeMap<String, i128>);

fn pair_mirrors(candidates: &mut [Candidate]) {
    let mut couples: Vec<(usize, usize)> = Vec::new();
    let mut waiting: HashMap<MirrorKey<'_>, Vec<usize>> = HashMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let Some(reference) = candidate.reference.as_deref() else { continue };
        let tells = candidate.tells || reference.bytes().any(|byte| byte.is_ascii_digit());
        if !tells || !candidate.booked || candidate.partner.is_some() || candidate.amounts.is_empty() {
            continue;
        }
        let key = |amounts| {
            (candidate.connection, reference, candidate.entity.as_str(), candidate.currency.as_str(), amounts)
        };
        match waiting.get_mut(&key(negated(&candidate.amounts))).and_then(Vec::pop) {
            Some(original) => couples.push((index, original)),
            None => waiting.entry(key(candidate.amounts.clone())).or_default().push(index),
        }
    }
    for (mirror, original) in couples {
        couple(candidates, mirror, original);
    }
}

fn keep(tx: &Tx<'_>, candidates: &[Candidate]) -> Result<()> {
    let mut flag = tx.prepare_cached("UPDATE entry SET netted = ?2 WHERE seq = ?1 AND netted <> ?2")?;
    let mut part = tx.prepare_cached("DELETE FROM netted_pair WHERE entry_seq = ?1")?;
    let mut join = tx.prepare_cached(
        "INSERT INTO netted_pair (entry_seq, partner_seq) VALUES (?1, ?2)
         ON CONFLICT (entry_seq) DO UPDATE SET partner_seq = excluded.partner_seq",
    )?;
    for candidate in candidates {
        flag.execute((candidate.seq, i64::from(candidate.partner.is_some())))?;
        match candidate.partner {
            Some(partner) => join.execute((candidate.seq, partner))?,
            None => part.execute([candidate.seq])?,
        };
    }
    Ok(())
}
