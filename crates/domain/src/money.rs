//! Money as whole minor units of a currency. No float ever touches an amount.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

/// The most that is taken of each side (billing, the ledgers), by *weight*: its amounts without their signs,
/// all added up, minor units of whatever currency. Whatever is summed of what was taken (an entry, a
/// document's entries, a cell of the tie-out, the whole), and any difference of two such sums, then fits in
/// 64 bits: what documents expect weighs at most twice what they do, and the ledger as much again is far from
/// 2^63.
///
/// It is eleven quadrillion dollars: a hundred times what the world makes in a year.
pub const MOST_HELD: i64 = 1 << 60;

/// The weight of amounts: without their signs, added up.
#[must_use]
pub fn weight(amounts: impl IntoIterator<Item = i64>) -> i128 {
    amounts.into_iter().map(|minor| i128::from(minor.unsigned_abs())).sum()
}

/// An ISO 4217 currency with its own exponent (USD 2, JPY 0, KWD 3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// US dollar.
    pub const USD: Currency = Currency(*b"USD");
    /// Pound sterling.
    pub const GBP: Currency = Currency(*b"GBP");
    /// Euro.
    pub const EUR: Currency = Currency(*b"EUR");
    /// Japanese yen, which has no minor unit.
    pub const JPY: Currency = Currency(*b"JPY");

    /// Reads a code of three letters in either case.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`] when ISO 4217 lists no such code, or gives it no minor unit.
    pub fn new(code: &str) -> Result<Self, MoneyError> {
        let upper = code.trim().to_ascii_uppercase();
        let unknown = || MoneyError::UnknownCurrency(code.trim().to_owned());
        let iso = iso_currency::Currency::from_code(&upper).ok_or_else(unknown)?;
        iso.exponent().ok_or_else(unknown)?;
        let bytes: [u8; 3] = upper.as_bytes().try_into().map_err(|_| unknown())?;
        Ok(Self(bytes))
    }

    /// The code, in capitals.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the decimal point (0 to 4).
    #[must_use]
    pub fn exponent(self) -> u32 {
        iso_currency::Currency::from_code(self.code())
            .and_then(iso_currency::Currency::exponent)
            .map_or(2, u32::from)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::new(s)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        Self::new(&s)
    }
}

impl From<Currency> for String {
    fn from(c: Currency) -> Self {
        c.code().to_owned()
    }
}

/// How an amount with more digits than the currency has is made whole. There is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest minor unit, a tie to the even one (banker's rounding).
    HalfEven,
    /// To the nearest minor unit, a tie away from zero (the usual rule on invoices).
    HalfUp,
    /// Towards zero.
    Down,
}

impl Rounding {
    fn strategy(self) -> RoundingStrategy {
        match self {
            Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
            Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Rounding::Down => RoundingStrategy::ToZero,
        }
    }
}

/// Why an amount could not be made or combined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The code is not an ISO 4217 currency with a minor unit.
    #[error("\"{0}\" is not an ISO 4217 currency code")]
    UnknownCurrency(String),
    /// Two currencies met where one was required.
    #[error("{left} and {right} cannot be combined: convert one of them first")]
    CurrencyMismatch {
        /// Currency of the left operand.
        left: Currency,
        /// Currency of the right operand.
        right: Currency,
    },
    /// The result does not fit into 64 bits of minor units.
    #[error("the amount is outside the range of 64-bit minor units")]
    Overflow,
    /// More digits than the currency has, where no rounding was allowed.
    #[error("{amount} has more decimal places than {currency} allows")]
    TooPrecise {
        /// The amount as read.
        amount: Decimal,
        /// Its currency.
        currency: Currency,
    },
    /// The text is not a decimal number.
    #[error("\"{0}\" is not a decimal amount")]
    NotANumber(String),
}

impl MoneyError {
    /// The stable code that programs match on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            MoneyError::UnknownCurrency(_) => "money_unknown_currency",
            MoneyError::CurrencyMismatch { .. } => "money_currency_mismatch",
            MoneyError::Overflow => "money_overflow",
            MoneyError::TooPrecise { .. } => "money_too_precise",
            MoneyError::NotANumber(_) => "money_not_a_number",
        }
    }
}

/// A signed amount in minor units of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount of `minor` minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Minor units, signed.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// True for an amount of nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Adds an amount of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money::new(minor, self.currency))
    }

    /// Subtracts an amount of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money::new(minor, self.currency))
    }

    /// The same amount on the other side of the ledger.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the one amount that has no opposite.
    pub fn checked_neg(self) -> Result<Money, MoneyError> {
        Ok(Money::new(self.minor.checked_neg().ok_or(MoneyError::Overflow)?, self.currency))
    }

    /// Sums amounts of one currency; an empty list is zero.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn sum(currency: Currency, items: impl IntoIterator<Item = Money>) -> Result<Money, MoneyError> {
        items.into_iter().try_fold(Money::zero(currency), Money::checked_add)
    }

    /// Makes minor units of a decimal amount in major units, rounding as named.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn from_decimal(
        amount: Decimal,
        currency: Currency,
        rounding: Rounding,
    ) -> Result<Money, MoneyError> {
        let rounded = amount.round_dp_with_strategy(currency.exponent(), rounding.strategy());
        let scaled = rounded
            .checked_mul(Decimal::from(10_i64.pow(currency.exponent())))
            .ok_or(MoneyError::Overflow)?;
        Ok(Money::new(scaled.trunc().to_i64().ok_or(MoneyError::Overflow)?, currency))
    }

    /// As [`Money::from_decimal`], refusing an amount that would need rounding.
    ///
    /// # Errors
    /// [`MoneyError::TooPrecise`] or [`MoneyError::Overflow`].
    pub fn from_decimal_exact(amount: Decimal, currency: Currency) -> Result<Money, MoneyError> {
        if amount.normalize().scale() > currency.exponent() {
            return Err(MoneyError::TooPrecise { amount, currency });
        }
        Self::from_decimal(amount, currency, Rounding::HalfEven)
    }

    /// Reads a plain decimal text in major units (`-12.50`), exactly.
    ///
    /// # Errors
    /// [`MoneyError::NotANumber`], [`MoneyError::TooPrecise`] or [`MoneyError::Overflow`].
    pub fn parse(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let amount =
            Decimal::from_str_exact(text.trim()).map_err(|_| MoneyError::NotANumber(text.to_owned()))?;
        Self::from_decimal_exact(amount, currency)
    }

    /// The amount in major units, with the currency's own number of decimals.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.minor), self.currency.exponent())
    }

    /// Converts at `rate` (units of `into` per unit of this currency).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn convert(self, rate: Decimal, into: Currency, rounding: Rounding) -> Result<Money, MoneyError> {
        let amount = self.to_decimal().checked_mul(rate).ok_or(MoneyError::Overflow)?;
        Money::from_decimal(amount, into, rounding)
    }

    fn same_currency(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, code: &str, rounding: Rounding, minor: i64) {
        let currency = Currency::new(code).unwrap();
        let got = Money::from_decimal(text.parse().unwrap(), currency, rounding).unwrap();
        assert_eq!(got.minor(), minor, "{text} {code} {rounding:?}");
    }

    #[test]
    fn each_currency_has_its_own_exponent() {
        check("12.34", "USD", Rounding::HalfEven, 1234);
        check("1234", "JPY", Rounding::HalfEven, 1234);
        check("1.234", "KWD", Rounding::HalfEven, 1234);
    }

    #[test]
    fn rounding_is_what_its_name_says() {
        check("0.125", "USD", Rounding::HalfEven, 12);
        check("0.135", "USD", Rounding::HalfEven, 14);
        check("0.125", "USD", Rounding::HalfUp, 13);
        check("-0.125", "USD", Rounding::HalfUp, -13);
        check("0.129", "USD", Rounding::Down, 12);
    }

    #[test]
    fn two_currencies_are_never_added() {
        let err = Money::new(1, Currency::USD).checked_add(Money::new(1, Currency::EUR)).unwrap_err();
        assert_eq!(err.code(), "money_currency_mismatch");
    }

    #[test]
    fn an_exact_amount_refuses_digits_the_currency_lacks() {
        assert_eq!(Money::parse("1.005", Currency::USD).unwrap_err().code(), "money_too_precise");
        assert_eq!(Money::parse("1.500", Currency::USD).unwrap().minor(), 150);
        assert_eq!(Money::parse("1.0", Currency::JPY).unwrap().minor(), 1);
    }

    #[test]
    fn overflow_is_an_error_and_not_a_wrap() {
        let max = Money::new(i64::MAX, Currency::USD);
        assert_eq!(max.checked_add(Money::new(1, Currency::USD)).unwrap_err(), MoneyError::Overflow);
        assert_eq!(Money::new(i64::MIN, Currency::USD).checked_neg().unwrap_err(), MoneyError::Overflow);
    }

    proptest! {
        #[test]
        fn text_and_minor_units_round_trip(minor in any::<i64>(), which in 0_usize..3) {
            let currency = [Currency::USD, Currency::JPY, Currency::new("KWD").unwrap()][which];
            let money = Money::new(minor, currency);
            prop_assert_eq!(Money::parse(&money.to_decimal().to_string(), currency).unwrap(), money);
        }

        #[test]
        fn addition_is_undone_by_subtraction(a in -1_i64<<60..1_i64<<60, b in -1_i64<<60..1_i64<<60) {
            let (a, b) = (Money::new(a, Currency::EUR), Money::new(b, Currency::EUR));
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        }
    }
}
