//! Amounts of a mapping file: what is taken as equal, and what matters.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{Currency, Money, MoneyError};

/// An amount in major units, as it is written; its currency follows from where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AmountText(pub String);

impl AmountText {
    /// As money of a currency, which is never negative.
    ///
    /// # Errors
    /// [`MoneyError`] where it is no amount of it; a text where it is negative.
    pub fn of(&self, currency: Currency) -> Result<Money, String> {
        let money = Money::parse(&self.0, currency).map_err(|e: MoneyError| e.to_string())?;
        match money.minor() {
            0.. => Ok(money),
            _ => Err("the amount is negative".to_owned()),
        }
    }
}

/// Up to which difference an amount is taken as equal: in the entity's functional currency, or for each
/// currency by itself. A currency that is not listed has none: no limit compares two currencies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Tolerance {
    /// In the functional currency.
    Functional(AmountText),
    /// By currency.
    Each(BTreeMap<Currency, AmountText>),
}

impl Tolerance {
    /// The amounts by currency, of an entity with these books.
    ///
    /// # Errors
    /// What is wrong with an amount, in words.
    pub fn amounts(&self, functional: Currency) -> Result<Vec<Money>, String> {
        match self {
            Tolerance::Functional(amount) => Ok(vec![amount.of(functional)?]),
            Tolerance::Each(all) => all.iter().map(|(currency, amount)| amount.of(*currency)).collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Tolerance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Tolerance;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount as text (\"1.00\"), or one for each currency ({ GBP = \"1.00\" })")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Tolerance, E> {
                Ok(Tolerance::Functional(AmountText(text.to_owned())))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Tolerance, A::Error> {
                let mut each = BTreeMap::new();
                while let Some((currency, amount)) = map.next_entry()? {
                    each.insert(currency, amount);
                }
                Ok(Tolerance::Each(each))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
