//! Ids that look like Stripe's, made from a kind and a number, and turned back without a table.

use std::fmt;
use std::str::FromStr;

/// What an id names. The prefix is Stripe's (`in_`, `ch_`, …).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdKind {
    /// `cus_`
    Customer,
    /// `sub_`
    Subscription,
    /// `in_`
    Invoice,
    /// `cn_`
    CreditNote,
    /// `ch_`
    Charge,
    /// `pi_`
    PaymentIntent,
    /// `re_`
    Refund,
    /// `dp_`
    Dispute,
    /// `txn_`
    BalanceTransaction,
    /// `inpay_`
    InvoicePayment,
    /// `evt_`
    Event,
    /// `mtr_`
    Meter,
    /// `mtrusg_`
    MeterSummary,
    /// `il_`: the number is the invoice's number × 64 + the line's position.
    InvoiceLine,
    /// `cnli_`: the number is the credit note's number × 64 + the line's position.
    CreditNoteLine,
    /// `si_`
    SubscriptionItem,
    /// `po_`
    Payout,
}

/// All kinds with their prefixes; the position is part of what is mixed into the id.
const PREFIXES: [(IdKind, &str); 17] = [
    (IdKind::Customer, "cus_"),
    (IdKind::Subscription, "sub_"),
    (IdKind::Invoice, "in_"),
    (IdKind::CreditNote, "cn_"),
    (IdKind::Charge, "ch_"),
    (IdKind::PaymentIntent, "pi_"),
    (IdKind::Refund, "re_"),
    (IdKind::Dispute, "dp_"),
    (IdKind::BalanceTransaction, "txn_"),
    (IdKind::InvoicePayment, "inpay_"),
    (IdKind::Event, "evt_"),
    (IdKind::Meter, "mtr_"),
    (IdKind::MeterSummary, "mtrusg_"),
    (IdKind::InvoiceLine, "il_"),
    (IdKind::CreditNoteLine, "cnli_"),
    (IdKind::SubscriptionItem, "si_"),
    (IdKind::Payout, "po_"),
];

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Every id carries this after its prefix, as Stripe's carry their account's fragment.
const STAMP: &str = "1MRDN";

/// An id: a kind and a number (its position in the company's list of that kind). 8 bytes; `Display` gives
/// the text, `FromStr` reads it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// What it names.
    pub kind: IdKind,
    /// Position in the company's list of this kind.
    pub n: u32,
}

impl Id {
    /// The id of the `n`th object of a kind.
    pub const fn new(kind: IdKind, n: u32) -> Self {
        Self { kind, n }
    }
}

/// A bijection on 64 bits (SplitMix64's finaliser), so that neighbours do not look like neighbours.
const fn mix(value: u64) -> u64 {
    let a = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    b ^ (b >> 31)
}

/// The inverse of [`mix`].
const fn unmix(value: u64) -> u64 {
    let a = (value ^ (value >> 31) ^ (value >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
    let b = (a ^ (a >> 27) ^ (a >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
    b ^ (b >> 30) ^ (b >> 60)
}

fn prefix(kind: IdKind) -> (u64, &'static str) {
    for (position, (candidate, text)) in (0u64..).zip(PREFIXES) {
        if candidate == kind {
            return (position, text);
        }
    }
    (0, "id_")
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (position, text) = prefix(self.kind);
        let mut rest = mix(((position + 1) << 32) | u64::from(self.n));
        let mut digits = [b'0'; 11];
        for slot in digits.iter_mut().rev() {
            *slot = ALPHABET[(rest % 62) as usize];
            rest /= 62;
        }
        f.write_str(text)?;
        f.write_str(STAMP)?;
        for digit in digits {
            fmt::Write::write_char(f, char::from(digit))?;
        }
        Ok(())
    }
}

/// The text is no id of this sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchId;

impl FromStr for Id {
    type Err = NoSuchId;

    fn from_str(text: &str) -> Result<Self, NoSuchId> {
        for (position, (kind, prefix)) in (1u64..).zip(PREFIXES) {
            let Some(digits) = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(STAMP)) else {
                continue;
            };
            if digits.len() != 11 {
                return Err(NoSuchId);
            }
            let mut value = 0u64;
            for byte in digits.bytes() {
                let digit = ALPHABET.iter().position(|&c| c == byte).ok_or(NoSuchId)?;
                value = value.checked_mul(62).and_then(|v| v.checked_add(digit as u64)).ok_or(NoSuchId)?;
            }
            let plain = unmix(value);
            if plain >> 32 != position {
                return Err(NoSuchId);
            }
            return Ok(Self { kind, n: (plain & 0xffff_ffff) as u32 });
        }
        Err(NoSuchId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_what_it_was_made_from() {
        for (kind, _) in PREFIXES {
            for n in [0, 1, 61, 62, 999_999, u32::MAX] {
                let id = Id::new(kind, n);
                assert_eq!(id.to_string().parse(), Ok(id), "{id}");
            }
        }
    }

    #[test]
    fn a_foreign_or_mangled_id_is_refused() {
        let id = Id::new(IdKind::Invoice, 7).to_string();
        for text in
            ["", "in_", "in_1MRDN", &id.replace("in_", "ch_"), &format!("{id}0"), "in_1MRDN-----------"]
        {
            assert_eq!(text.parse::<Id>(), Err(NoSuchId), "{text}");
        }
    }
}
