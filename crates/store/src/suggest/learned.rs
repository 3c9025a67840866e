//! What the matches that people confirmed have in common: a prefix that the ledger puts before documents'
//! names, or words by which its texts call a customer. Three of one pattern are worth a rule, which people
//! propose and approve; nothing here makes one.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;
use tieout_domain::MatchId;

use super::score::{names_customer, telling};
use crate::{db::Db, error::Result, sql::text};

/// So many confirmed matches make a pattern.
const ENOUGH: usize = 3;
/// The newest matches are looked at, so many at most.
const LOOKED_AT: i64 = 2_000;

/// What several confirmed matches have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// An ERP connection writes this before documents' own names.
    Prefix {
        /// The ERP connection, by its name.
        connection: String,
        /// What it puts before.
        prefix: String,
    },
    /// The ledger's texts call a customer by these words.
    Alias {
        /// The billing connection whose customer it is, by its name.
        connection: String,
        /// The customer, by the vendor's id.
        customer: String,
        /// The customer's name in billing, or the id again.
        name: String,
        /// The words.
        called: String,
    },
}

/// A pattern, and the matches that show it, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The pattern.
    pub pattern: Pattern,
    /// The matches.
    pub matches: Vec<MatchId>,
}

/// Words of money's own trade, which name nobody.
const TRADE: [&str; 44] = [
    "payment",
    "payments",
    "paid",
    "wire",
    "wires",
    "transfer",
    "deposit",
    "invoice",
    "invoices",
    "received",
    "receipt",
    "from",
    "bank",
    "banking",
    "credit",
    "debit",
    "sepa",
    "bacs",
    "swift",
    "faster",
    "chaps",
    "direct",
    "reference",
    "customer",
    "thank",
    "thanks",
    "licence",
    "license",
    "subscription",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "open",
    "part",
    "rest",
    "account",
];

/// A confirmed match as it teaches.
struct Taught {
    id: MatchId,
    /// The ERP connection of its entries.
    ledger: String,
    /// Its only document's reference, where it has one document.
    reference: Option<String>,
    /// The one customer of its documents: billing connection, vendor's id, name.
    customer: Option<(String, String, String)>,
    /// What its entries say that could name a document.
    names: Vec<String>,
    /// All that its entries say.
    words: String,
}

const MATCHES: &str = "
    SELECT m.seq, m.id, min(b.name) AS billing, min(d.customer) AS customer,
        min(coalesce(k.name, d.customer)) AS called, count(*) AS documents,
        count(DISTINCT coalesce(d.connection_seq || ' ' || d.customer, '-')) AS customers,
        min(d.reference) AS reference
    FROM matching m JOIN matching_document o ON o.matching_seq = m.seq
    JOIN document d ON d.seq = o.document_seq JOIN connection b ON b.seq = d.connection_seq
    LEFT JOIN customer k ON k.connection_seq = d.connection_seq AND k.external_id = d.customer
    WHERE m.state = 'confirmed'
    GROUP BY m.seq ORDER BY m.changed_at DESC, m.seq DESC LIMIT ?1";

/// What the entries of a match say: whether it could name a document, and the text.
const SAID: &str = "
    WITH own AS (
        SELECT e.seq, e.memo, e.external_id, e.connection_seq, e.counterpart,
            CASE WHEN e.renamed = 1 THEN e.said_reference ELSE e.reference END AS said
        FROM matching_entry m JOIN entry e ON e.seq = m.entry_seq WHERE m.matching_seq = ?1)
    SELECT c.name AS ledger, 1 AS naming, o.said AS said FROM own o JOIN connection c
        ON c.seq = o.connection_seq WHERE o.said IS NOT NULL
    UNION ALL SELECT c.name, 1, o.external_id FROM own o JOIN connection c ON c.seq = o.connection_seq
        WHERE o.external_id IS NOT NULL
    UNION ALL SELECT c.name, 1, n.name FROM own o JOIN connection c ON c.seq = o.connection_seq
        JOIN entry_name n ON n.entry_seq = o.seq
    UNION ALL SELECT c.name, 0, o.memo FROM own o JOIN connection c ON c.seq = o.connection_seq
        WHERE o.memo IS NOT NULL
    UNION ALL SELECT c.name, 0, l.memo FROM own o JOIN connection c ON c.seq = o.connection_seq
        JOIN entry_line l ON l.entry_seq = o.seq WHERE l.memo IS NOT NULL
    UNION ALL SELECT c.name, 0, k.name FROM own o JOIN connection c ON c.seq = o.connection_seq
        JOIN ledger_customer k ON k.connection_seq = o.connection_seq AND k.erp_id = o.counterpart";

fn taught(db: &Db) -> Result<Vec<Taught>> {
    let mut statement = db.prepare_cached(MATCHES)?;
    let mut said = db.prepare_cached(SAID)?;
    let mut rows = statement.query([LOOKED_AT])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (documents, customers): (i64, i64) = (row.get("documents")?, row.get("customers")?);
        let customer: Option<String> = row.get("customer")?;
        let (billing, called): (String, Option<String>) = (row.get("billing")?, row.get("called")?);
        let whose = customer.filter(|_| customers == 1);
        let mut one = Taught {
            id: text(row, "id")?,
            ledger: String::new(),
            reference: row.get::<_, Option<String>>("reference")?.filter(|_| documents == 1),
            customer: whose.map(|id| (billing, id.clone(), called.unwrap_or(id))),
            names: Vec::new(),
            words: String::new(),
        };
        let mut texts = said.query(params![row.get::<_, i64>("seq")?])?;
        while let Some(row) = texts.next()? {
            one.ledger = row.get("ledger")?;
            let words: String = row.get("said")?;
            one.words.push(' ');
            one.words.push_str(&words);
            if row.get("naming")? {
                one.names.push(words);
            }
        }
        all.push(one);
    }
    Ok(all)
}

/// What people's matches teach, in order.
pub(crate) fn learned(db: &Db) -> Result<Vec<Learned>> {
    let taught = taught(db)?;
    let mut found = prefixes(&taught);
    found.extend(aliases(&taught));
    found.sort_by(|one, other| one.pattern.cmp(&other.pattern));
    Ok(found)
}

fn prefixes(taught: &[Taught]) -> Vec<Learned> {
    let mut seen: BTreeMap<(&str, &str), BTreeMap<&MatchId, ()>> = BTreeMap::new();
    let mut order: Vec<((&str, &str), &MatchId)> = Vec::new();
    for one in taught {
        let Some(reference) = one.reference.as_deref() else { continue };
        for name in &one.names {
            let Some(prefix) = name.strip_suffix(reference).filter(|prefix| !prefix.is_empty()) else {
                continue;
            };
            let place = (one.ledger.as_str(), prefix);
            if seen.entry(place).or_default().insert(&one.id, ()).is_none() {
                order.push((place, &one.id));
            }
        }
    }
    let enough = seen.into_iter().filter(|(_, matches)| matches.len() >= ENOUGH).map(|(place, _)| place);
    let whole = |place: (&str, &str)| Learned {
        pattern: Pattern::Prefix { connection: place.0.to_owned(), prefix: place.1.to_owned() },
        matches: order.iter().filter(|(of, _)| *of == place).map(|(_, id)| (*id).clone()).collect(),
    };
    enough.map(whole).collect()
}

/// Words that could be somebody's name: letters among them, none of the trade's own.
fn candidates(text: &str) -> BTreeSet<String> {
    let named = |word: &String| {
        word.chars().count() >= 4 && word.chars().all(char::is_alphabetic) && !TRADE.contains(&word.as_str())
    };
    telling(text).into_iter().filter(named).collect()
}

/// A customer: billing connection, vendor's id, name.
type Whose<'t> = &'t (String, String, String);

/// Each word with the one customer whose matches' texts have it; `None` where several customers' have it, or
/// those of a match that is of no one customer.
fn tellers<'t>(taught: &'t [Taught], said: &'t [BTreeSet<String>]) -> BTreeMap<&'t str, Option<Whose<'t>>> {
    let mut told: BTreeMap<&str, Option<Whose<'_>>> = BTreeMap::new();
    for (one, words) in taught.iter().zip(said) {
        let whose = one.customer.as_ref();
        for word in words {
            let by = told.entry(word).or_insert(whose);
            if *by != whose {
                *by = None;
            }
        }
    }
    told
}

fn aliases(taught: &[Taught]) -> Vec<Learned> {
    let mut by_customer: BTreeMap<Whose<'_>, Vec<&Taught>> = BTreeMap::new();
    for one in taught {
        if let Some(customer) = &one.customer {
            by_customer.entry(customer).or_default().push(one);
        }
    }
    let said: Vec<BTreeSet<String>> = taught.iter().map(|one| candidates(&one.words)).collect();
    let told = tellers(taught, &said);
    let mut found = Vec::new();
    for (whose, own) in &by_customer {
        let (connection, customer, name) = *whose;
        if own.len() < ENOUGH {
            continue;
        }
        // Texts that name the customer as billing does need no other name.
        let own: Vec<&&Taught> = own.iter().filter(|one| !names_customer(&one.words, name)).collect();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in own.iter().flat_map(|one| candidates(&one.words)) {
            *counts.entry(word).or_default() += 1;
        }
        let only_theirs = |word: &str| told.get(word).is_some_and(|by| *by == Some(*whose));
        let common: BTreeSet<&String> = counts
            .iter()
            .filter(|(word, count)| **count >= ENOUGH && only_theirs(word))
            .map(|(word, _)| word)
            .collect();
        let with_all = |one: &&&&Taught| {
            let said = candidates(&one.words);
            common.iter().all(|word| said.contains(*word))
        };
        let all: Vec<&&&Taught> = own.iter().filter(with_all).collect();
        if common.is_empty() || all.len() < ENOUGH {
            continue;
        }
        let Some(newest) = all.first() else { continue };
        let mut called: Vec<String> = telling(&newest.words);
        let mut once = BTreeSet::new();
        called.retain(|word| common.contains(word) && once.insert(word.clone()));
        found.push(Learned {
            pattern: Pattern::Alias {
                connection: connection.clone(),
                customer: customer.clone(),
                name: name.clone(),
                called: called.join(" ").to_uppercase(),
            },
            matches: all.iter().map(|one| one.id.clone()).collect(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(customer: Option<&str>, words: &str, n: usize) -> Taught {
        Taught {
            id: MatchId::derive(&[words, &n.to_string()]),
            ledger: "netsuite".to_owned(),
            reference: None,
            customer: customer.map(|id| ("stripe".to_owned(), id.to_owned(), id.to_owned())),
            names: Vec::new(),
            words: words.to_owned(),
        }
    }

    fn called(all: &[Taught]) -> Vec<String> {
        let words = aliases(all).into_iter().filter_map(|one| match one.pattern {
            Pattern::Alias { called, .. } => Some(called),
            Pattern::Prefix { .. } => None,
        });
        words.collect()
    }

    #[test]
    fn a_word_names_the_one_customer_whose_texts_alone_have_it() {
        let mut all: Vec<Taught> = (0..3).map(|n| taught(Some("cus_1"), "WIRE GLOBEX HOLDING", n)).collect();
        assert_eq!(called(&all[..2]), [""; 0], "two are no pattern");
        assert_eq!(called(&all), ["GLOBEX HOLDING"]);
        all.push(taught(Some("cus_2"), "holding of others", 0));
        assert_eq!(called(&all), ["GLOBEX"], "another customer's text has the other word");
        all.push(taught(None, "Globex", 0));
        assert_eq!(called(&all), [""; 0], "so has one that is of no one customer");
    }
}
