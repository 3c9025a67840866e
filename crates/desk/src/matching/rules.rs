//! Rules that people's matches teach: offered once three of one pattern are confirmed, proposed by a person
//! as a change of the mapping, and in force once another person approves it. Nothing here proposes by
//! itself.

use serde::{Deserialize, Serialize};
use tieout_domain::{
    accounts::AccountMapping,
    hash::sha256_hex,
    naming::{AliasRule, Difference, NameRule},
};
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState, Learned, Pattern};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::changes::{self, ChangeView, MAPPING},
};

/// A rule that confirmed matches teach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RuleOfferView {
    /// Its id, by which it is proposed: the same pattern has the same one.
    pub id: String,
    /// What it says, in a sentence.
    pub says: String,
    /// How it stands in the mapping's file.
    pub rule: String,
    /// The matches that teach it.
    pub matches: Vec<String>,
    /// The change of the mapping that would bring it and waits for an approval; none where nobody proposed
    /// it.
    pub proposed: Option<String>,
}

/// Which rule to propose.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RuleProposeRequest {
    /// The id of an offered rule.
    pub id: String,
}

/// Lists the rules that confirmed matches teach and the mapping in force does not say yet.
///
/// # Errors
/// A database error.
pub fn match_rules(ctx: &Context) -> DeskResult<Vec<RuleOfferView>> {
    let ctx = &ctx.asking();
    let mapping = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let waiting = waiting(ctx)?;
    let offered = offered(ctx, mapping.as_deref())?;
    Ok(offered.iter().map(|learned| view(learned, &waiting)).collect())
}

/// Proposes an offered rule: a change of the mapping with this author, which another person approves.
///
/// # Errors
/// `not_found`, `mapping_required`, `nothing_to_decide` where it waits already, `mapping_…`, a refusal.
pub fn match_rule_propose(ctx: &Context, request: &RuleProposeRequest) -> DeskResult<ChangeView> {
    let mapping = changes::mapping_needed(ctx)?;
    let offered = offered(ctx, Some(&mapping.content))?;
    let learned = offered.iter().find(|learned| id_of(&learned.pattern) == request.id).ok_or_else(|| {
        let message = format!("no rule {} is offered, or not any more (tieout match rules)", request.id);
        DeskError::new(Code::NotFound, message)
    })?;
    if let Some(change) = view(learned, &waiting(ctx)?).proposed {
        let message = format!("change {change} brings this rule already: it waits for an approval");
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    let change: Change = ctx.store().change(&mapping.id)?;
    let text = with_rule(&change.content, &mapping.content, &learned.pattern)?;
    changes::propose_signed(ctx, &actor::actor(ctx)?, ChangeKind::Mapping, MAPPING, &text)
}

/// Mappings that wait for an approval, each with its id, as far as they can be read.
fn waiting(ctx: &Context) -> DeskResult<Vec<(String, AccountMapping)>> {
    let filter = ChangeFilter {
        kind: Some(ChangeKind::Mapping),
        name: Some(MAPPING.to_owned()),
        state: Some(ChangeState::Inert),
    };
    let read = |change: Change| Some((change.id.to_string(), AccountMapping::parse(&change.content).ok()?));
    Ok(ctx.store().changes(&filter)?.into_iter().filter_map(read).collect())
}

fn offered(ctx: &Context, mapping: Option<&AccountMapping>) -> DeskResult<Vec<Learned>> {
    let mut learned = ctx.store().learned_patterns()?;
    learned.retain(|one| !mapping.is_some_and(|mapping| is_said(mapping, &one.pattern)));
    Ok(learned)
}

/// True where a mapping says this.
fn is_said(mapping: &AccountMapping, pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Prefix { connection, prefix } => mapping
            .names
            .iter()
            .any(|rule| rule.connection == *connection && rule.strip_prefix.contains(prefix)),
        Pattern::Alias { connection, customer, called, .. } => mapping.aliases.iter().any(|rule| {
            rule.connection == *connection
                && rule.customer == *customer
                && rule.called.to_lowercase() == called.to_lowercase()
        }),
    }
}

fn id_of(pattern: &Pattern) -> String {
    let parts = match pattern {
        Pattern::Prefix { connection, prefix } => ["prefix", connection, prefix, ""],
        Pattern::Alias { connection, customer, called, .. } => ["alias", connection, customer, called],
    };
    let hash: String = sha256_hex(parts.join("\n").as_bytes()).chars().take(16).collect();
    format!("rule_{hash}")
}

fn view(learned: &Learned, waiting: &[(String, AccountMapping)]) -> RuleOfferView {
    let count = learned.matches.len();
    let says = match &learned.pattern {
        Pattern::Prefix { connection, prefix } => {
            format!(
                "{connection} writes {prefix} before the names of documents, in {count} confirmed matches"
            )
        }
        Pattern::Alias { name, called, .. } => {
            format!("the ledger's texts call {name} {called}, in {count} confirmed matches")
        }
    };
    let brings = |(_, mapping): &&(String, AccountMapping)| is_said(mapping, &learned.pattern);
    RuleOfferView {
        id: id_of(&learned.pattern),
        says,
        rule: written(&learned.pattern),
        matches: learned.matches.iter().map(ToString::to_string).collect(),
        proposed: waiting.iter().find(brings).map(|(id, _)| id.clone()),
    }
}

/// A text as TOML has it between quotes.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The rule as a part of a mapping's file.
fn written(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Prefix { connection, prefix } => {
            format!("[[names]]\nconnection = {}\nstrip_prefix = [{}]\n", quoted(connection), quoted(prefix))
        }
        Pattern::Alias { connection, customer, called, .. } => format!(
            "[[alias]]\nconnection = {}\ncustomer = {}\ncalled = {}\n",
            quoted(connection),
            quoted(customer),
            quoted(called)
        ),
    }
}

/// Where a mapping's text says something of an ERP connection's names.
#[derive(Deserialize)]
struct Spots {
    #[serde(default)]
    names: Vec<NamesSpot>,
}

#[derive(Deserialize)]
struct NamesSpot {
    connection: toml::Spanned<String>,
    strip_prefix: Option<toml::Spanned<Vec<String>>>,
}

/// A mapping's text with one rule more, all else as it is written.
fn with_rule(text: &str, mapping: &AccountMapping, pattern: &Pattern) -> DeskResult<String> {
    let wanted = wanted(mapping, pattern);
    let changed = match pattern {
        Pattern::Prefix { connection, prefix } => with_prefix(text, connection, prefix),
        Pattern::Alias { .. } => None,
    };
    let changed = changed.unwrap_or_else(|| format!("{}\n\n{}", text.trim_end(), written(pattern)));
    match AccountMapping::parse(&changed) {
        Ok(read) if read == wanted => Ok(changed),
        Ok(_) | Err(_) => Err(DeskError::new(
            Code::MappingSyntax,
            format!(
                "the rule cannot be added to the mapping in force as that is written: write it yourself and \
                 import the file (tieout import mapping FILE):\n{}",
                written(pattern)
            ),
        )),
    }
}

/// What the mapping is with the rule.
fn wanted(mapping: &AccountMapping, pattern: &Pattern) -> AccountMapping {
    let mut wanted = mapping.clone();
    match pattern {
        Pattern::Prefix { connection, prefix } => {
            match wanted.names.iter_mut().find(|rule| rule.connection == *connection) {
                Some(rule) => rule.strip_prefix.push(prefix.clone()),
                None => wanted.names.push(NameRule {
                    connection: connection.clone(),
                    strip_prefix: vec![prefix.clone()],
                    strip_suffix: Vec::new(),
                    add_prefix: None,
                    leading_zeros: Difference::Counts,
                    case: Difference::Counts,
                }),
            }
        }
        Pattern::Alias { connection, customer, called, .. } => wanted.aliases.push(AliasRule {
            connection: connection.clone(),
            customer: customer.clone(),
            called: called.clone(),
        }),
    }
    wanted
}

/// The text with a prefix more in the table of an ERP connection's names; `None` where it has none.
fn with_prefix(text: &str, connection: &str, prefix: &str) -> Option<String> {
    let spots: Spots = toml::from_str(text).ok()?;
    let spot = spots.names.into_iter().find(|spot| spot.connection.get_ref() == connection)?;
    let (range, put) = match &spot.strip_prefix {
        Some(known) => {
            let all = known.get_ref().iter().map(String::as_str).chain([prefix]).map(quoted);
            (known.span(), format!("[{}]", all.collect::<Vec<_>>().join(", ")))
        }
        None => {
            let end = spot.connection.span().end;
            (end..end, format!("\nstrip_prefix = [{}]", quoted(prefix)))
        }
    };
    Some(format!("{}{put}{}", text.get(..range.start)?, text.get(range.end..)?))
}
