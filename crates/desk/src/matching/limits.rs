//! How far a match may reach before a second person must confirm it too.

use std::collections::BTreeMap;

use tieout_domain::{Currency, Money, naming::AliasRule};
use tieout_store::{MatchFacts, SuggestQuery};

use crate::{
    base::{context::Context, error::DeskResult},
    governance::mapping,
    intake::house,
};

/// By how many days an entry may be away from its document: a wire that is paid late, a deposit over a
/// holiday. People can match what lies further apart by hand.
const WINDOW_DAYS: u32 = 60;

/// What may be apart, by entity and transaction currency, in minor units of it: the tolerance of the mapping
/// in force. Where it names none, only what agrees to the minor unit is suggested, and what does not takes
/// two people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    tolerance: BTreeMap<(String, Currency), i64>,
    aliases: Vec<AliasRule>,
}

impl Limits {
    /// The limits of the mapping in force.
    ///
    /// # Errors
    /// A database error; what the mapping itself says.
    pub(crate) fn in_force(ctx: &Context) -> DeskResult<Self> {
        let Some(mapping) = mapping::mapping_in_force(ctx)? else { return Ok(Self::default()) };
        let tolerances = house::house_rules(&mapping.content).tolerances.into_iter();
        let tolerance =
            tolerances.map(|(entity, currency, minor)| ((entity.to_string(), currency), minor)).collect();
        Ok(Self { tolerance, aliases: mapping.content.aliases.clone() })
    }

    /// What is looked for under these limits.
    pub(crate) fn query(&self, limit: usize) -> SuggestQuery {
        SuggestQuery {
            window_days: WINDOW_DAYS,
            tolerance: self.tolerance.clone(),
            aliases: self.aliases.clone(),
            limit,
            ..SuggestQuery::default()
        }
    }

    /// Why a second person must confirm this match, in words; `None` where one is enough.
    pub(crate) fn second(&self, facts: &MatchFacts) -> Option<String> {
        let place = (facts.entity.clone(), facts.currency);
        let tolerance = self.tolerance.get(&place).copied().unwrap_or(0);
        if facts.apart_minor > tolerance {
            let apart = Money::new(facts.apart_minor, facts.currency);
            return Some(match tolerance {
                0 => format!("the two sides do not come to the same: they are {apart} apart"),
                _ => {
                    let most = Money::new(tolerance, facts.currency);
                    format!(
                        "the two sides are {apart} apart, and the tolerance of {} is {most}",
                        facts.entity
                    )
                }
            });
        }
        (facts.customers > 1).then(|| format!("it is over {} customers", facts.customers))
    }
}
