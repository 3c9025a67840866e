//! Decoding a vendor's JSON field by field: amounts from the number's own text, never through a float, and
//! every error says where it is.

use std::fmt;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use super::page::drift;
use crate::traits::Rejection;

/// The largest amount that is taken, in minor units of any currency (nearly three quadrillion dollars): an
/// entry of two such lines still weighs less than all that can be summed, and how many of them can is the
/// store's to see ([`tieout_domain::money::MOST_HELD`]). A double would lose digits of it: pages get amounts
/// as
/// decimal text, scripts as whole numbers of JSON, and a spreadsheet's cell as text where it is a number that
/// the spreadsheet would round.
pub const LARGEST_AMOUNT: i64 = (1 << 58) - 1;

/// The amount, where it is small enough to be taken ([`LARGEST_AMOUNT`]).
#[must_use]
pub fn within_limits(minor: i128) -> Option<i64> {
    i64::try_from(minor).ok().filter(|minor| minor.unsigned_abs() <= LARGEST_AMOUNT.unsigned_abs())
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// How deep a place is spelled out; deeper steps are left off.
const DEPTH: usize = 6;

/// A field of a JSON object, present or not, that knows where it is.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    value: Option<&'a Value>,
    /// The object: `invoices/in_1`.
    root: &'a str,
    steps: [Option<Step<'a>>; DEPTH],
}

impl<'a> Field<'a> {
    /// The whole of an object named `root` (`invoices/in_1`).
    #[must_use]
    pub fn root(value: &'a Value, root: &'a str) -> Self {
        Self { value: Some(value).filter(|v| !v.is_null()), root, steps: [None; DEPTH] }
    }

    /// The field `key`, which may be absent; null counts as absent.
    #[must_use]
    pub fn get(self, key: &'a str) -> Field<'a> {
        let value = self.value.and_then(|v| v.get(key)).filter(|v| !v.is_null());
        self.step(value, Step::Key(key))
    }

    /// The items of a list; none where the field is absent.
    ///
    /// # Errors
    /// Where it is no list.
    pub fn items(self) -> Result<Vec<Field<'a>>, Rejection> {
        match self.value {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                Ok(items.iter().enumerate().map(|(i, v)| self.step(Some(v), Step::Index(i))).collect())
            }
            Some(_) => Err(self.wrong("is no list")),
        }
    }

    /// True where it is there and not null.
    #[must_use]
    pub fn is_there(self) -> bool {
        self.value.is_some()
    }

    /// True where it is an object.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.value.is_some_and(Value::is_object)
    }

    /// The text, or `None` where absent.
    ///
    /// # Errors
    /// Where it is no text.
    pub fn maybe_text(self) -> Result<Option<&'a str>, Rejection> {
        match self.value {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong("is no text")),
        }
    }

    /// The text.
    ///
    /// # Errors
    /// Where it is absent or no text.
    pub fn text(self) -> Result<&'a str, Rejection> {
        self.maybe_text()?.ok_or_else(|| self.missing())
    }

    /// Every text in it, however deep: for what has another shape than is known.
    #[must_use]
    pub fn texts(self) -> Vec<&'a str> {
        let mut found = Vec::new();
        let mut open: Vec<&Value> = self.value.into_iter().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::String(text) => found.push(text.as_str()),
                Value::Array(items) => open.extend(items.iter().rev()),
                Value::Object(fields) => open.extend(fields.values()),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        found
    }

    /// An id: a text, a number, or (an expanded reference) an object with an `id`.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn maybe_id(self) -> Result<Option<String>, Rejection> {
        match self.value {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.as_str().to_owned())),
            Some(Value::Object(_)) => self.get("id").maybe_id(),
            Some(_) => Err(self.wrong("is no id")),
        }
    }

    /// An id, as [`Field::maybe_id`].
    ///
    /// # Errors
    /// Where it is absent or something else.
    pub fn id(self) -> Result<String, Rejection> {
        self.maybe_id()?.ok_or_else(|| self.missing())
    }

    /// A truth value: a boolean, or NetSuite's `T` and `F`. `None` where absent.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn maybe_flag(self) -> Result<Option<bool>, Rejection> {
        match self.value {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "T" || text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "F" || text == "false" => Ok(Some(false)),
            Some(_) => Err(self.wrong("is no truth value")),
        }
    }

    /// A whole number of minor units, given as a number or a text. `None` where absent.
    ///
    /// # Errors
    /// Where it is no whole number of 64 bits.
    pub fn maybe_minor(self) -> Result<Option<i64>, Rejection> {
        let Some(text) = self.digits()? else { return Ok(None) };
        parse_minor(text).map(Some).ok_or_else(|| self.wrong("is no whole number of minor units"))
    }

    /// A whole number of minor units.
    ///
    /// # Errors
    /// As [`Field::maybe_minor`], or where it is absent.
    pub fn minor(self) -> Result<i64, Rejection> {
        self.maybe_minor()?.ok_or_else(|| self.missing())
    }

    /// An amount in whole minor units, small enough to be summed. `None` where absent.
    ///
    /// # Errors
    /// As [`Field::maybe_minor`]; `amount_out_of_range` above [`LARGEST_AMOUNT`].
    pub fn maybe_amount(self) -> Result<Option<i64>, Rejection> {
        let Some(text) = self.digits()? else { return Ok(None) };
        match parse_whole(text) {
            None => Err(self.wrong("is no whole number of minor units")),
            Some(minor) => within_limits(minor).map(Some).ok_or_else(|| self.too_large()),
        }
    }

    /// An amount in whole minor units.
    ///
    /// # Errors
    /// As [`Field::maybe_amount`], or where it is absent.
    pub fn amount(self) -> Result<i64, Rejection> {
        self.maybe_amount()?.ok_or_else(|| self.missing())
    }

    /// A decimal, given as a number or a text. `None` where absent.
    ///
    /// # Errors
    /// Where it is no decimal of at most 28 digits.
    pub fn maybe_decimal(self) -> Result<Option<Decimal>, Rejection> {
        let Some(text) = self.digits()? else { return Ok(None) };
        parse_decimal(text).map(Some).ok_or_else(|| self.wrong("is no decimal number"))
    }

    /// A decimal.
    ///
    /// # Errors
    /// As [`Field::maybe_decimal`], or where it is absent.
    pub fn decimal(self) -> Result<Decimal, Rejection> {
        self.maybe_decimal()?.ok_or_else(|| self.missing())
    }

    /// An instant in whole seconds since 1970 (UTC). `None` where absent.
    ///
    /// # Errors
    /// Where it is no such number.
    pub fn maybe_instant(self) -> Result<Option<DateTime<Utc>>, Rejection> {
        let Some(seconds) = self.maybe_minor()? else { return Ok(None) };
        DateTime::from_timestamp(seconds, 0).map(Some).ok_or_else(|| self.wrong("is no instant"))
    }

    /// The rejection that says what is wrong here.
    #[must_use]
    pub fn wrong(self, what: &str) -> Rejection {
        let field = self.to_string();
        drift(format!("{}, field {field}", self.root), format!("{field} {what}"))
    }

    /// The rejection of an amount that is too large to be taken, or of amounts whose sum is.
    #[must_use]
    pub fn too_large(self) -> Rejection {
        let place = match self.to_string() {
            field if field.is_empty() => self.root.to_owned(),
            field => format!("{}, field {field}", self.root),
        };
        amount_out_of_range(place)
    }

    /// The rejection for a required field that is absent.
    #[must_use]
    pub fn missing(self) -> Rejection {
        self.wrong("is missing")
    }

    /// The digits of a number as written, or a text.
    fn digits(self) -> Result<Option<&'a str>, Rejection> {
        match self.value {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number.as_str())),
            Some(Value::String(text)) => Ok(Some(text.trim())),
            Some(_) => Err(self.wrong("is no number")),
        }
    }

    fn step(self, value: Option<&'a Value>, step: Step<'a>) -> Field<'a> {
        let mut steps = self.steps;
        if let Some(free) = steps.iter_mut().find(|s| s.is_none()) {
            *free = Some(step);
        }
        Field { value, root: self.root, steps }
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.steps.iter().flatten().enumerate() {
            match step {
                Step::Key(key) if i == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// The rejection of an amount that is too large to be taken.
#[must_use]
pub fn amount_out_of_range(place: impl Into<String>) -> Rejection {
    Rejection {
        code: "amount_out_of_range".to_owned(),
        place: place.into(),
        message: format!(
            "the amount, or what it adds up to, is more than {LARGEST_AMOUNT} minor units. The item is kept \
             aside as received; correct it at its source"
        ),
    }
}

/// Reads a decimal as a vendor writes it (`12.50`, `-7`, `.07`, `1.2E+3`), exactly; `None` where it is none
/// or has more digits than can be kept.
#[must_use]
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    Decimal::from_str_exact(text).ok()
}

/// Reads whole minor units (`1250`, `1250.0`); `None` where there is a fraction or more than 64 bits.
#[must_use]
pub fn parse_minor(text: &str) -> Option<i64> {
    i64::try_from(parse_whole(text)?).ok()
}

/// Reads a whole number of any size that a decimal can have; `None` where there is a fraction.
fn parse_whole(text: &str) -> Option<i128> {
    if let Ok(whole) = text.parse() {
        return Some(whole);
    }
    let exact = parse_decimal(text)?.normalize();
    (exact.scale() == 0).then(|| exact.mantissa())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_come_from_the_text_of_the_number_and_never_through_a_float() {
        let value: Value = serde_json::from_str(
            r#"{"a": 9007199254740993, "b": 0.1000000000000000055511151231, "c": "12.50", "d": 1e3,
                "e": 1.5, "f": "x", "g": ".07"}"#,
        )
        .unwrap();
        let field = Field::root(&value, "x/1");
        assert_eq!(field.get("a").minor(), Ok(9_007_199_254_740_993), "2^53 + 1 is not a float");
        assert_eq!(field.get("b").decimal().unwrap().to_string(), "0.1000000000000000055511151231");
        assert_eq!(field.get("c").decimal().unwrap().to_string(), "12.50");
        assert_eq!(field.get("d").minor(), Ok(1000));
        assert_eq!(field.get("e").minor().unwrap_err().code, "schema_drift");
        assert_eq!(field.get("f").decimal().unwrap_err().code, "schema_drift");
        assert_eq!(field.get("g").decimal().unwrap().to_string(), "0.07");
    }

    #[test]
    fn an_amount_that_could_not_be_summed_is_refused_and_not_taken() {
        let value: Value = serde_json::from_str(
            r#"{"a": 288230376151711743, "b": 288230376151711744, "c": -9223372036854775808,
                "d": 9223372036854775808, "e": "-288230376151711743", "f": 1e15, "g": 9007199254740993}"#,
        )
        .unwrap();
        let amount = |key| Field::root(&value, "x/1").get(key).amount();
        assert_eq!(amount("a"), Ok(LARGEST_AMOUNT));
        assert_eq!(amount("e"), Ok(-LARGEST_AMOUNT));
        assert_eq!(amount("f"), Ok(1_000_000_000_000_000));
        assert_eq!(amount("g"), Ok(9_007_199_254_740_993), "a double would make an even number of it");
        for key in ["b", "c", "d"] {
            let refused = amount(key).unwrap_err();
            assert_eq!(
                (refused.code.as_str(), refused.place.as_str()),
                ("amount_out_of_range", format!("x/1, field {key}").as_str())
            );
        }
    }

    #[test]
    fn an_error_says_where_it_is() {
        let value: Value =
            serde_json::from_str(r#"{"lines": {"data": [{"amount": 1}, {"amount": true}]}}"#).unwrap();
        let lines = Field::root(&value, "invoices/in_1").get("lines").get("data").items().unwrap();
        let error = lines[1].get("amount").minor().unwrap_err();
        assert_eq!(error.place, "invoices/in_1, field lines.data[1].amount");
        let error = lines[0].get("currency").text().unwrap_err();
        assert!(error.to_string().contains("lines.data[0].currency is missing"), "{error}");
    }

    #[test]
    fn a_reference_may_be_expanded() {
        let value: Value =
            serde_json::from_str(r#"{"a": "cus_1", "b": {"id": "cus_2"}, "c": 7, "d": null}"#).unwrap();
        let field = Field::root(&value, "x/1");
        let id = |key| field.get(key).maybe_id().unwrap();
        assert_eq!(
            [id("a"), id("b"), id("c"), id("d")],
            [Some("cus_1".to_owned()), Some("cus_2".to_owned()), Some("7".to_owned()), None]
        );
    }
}
