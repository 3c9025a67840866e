//! The fixed facts: entities, names, prices, exchange rates.

use super::dice::Dice;
use super::model::{Currency, Entity, Product};

/// The four legal entities.
pub(crate) fn entities() -> Vec<Entity> {
    vec![
        Entity {
            code: "US01",
            name: "Meridian Analytics Inc.",
            subsidiary: 1,
            currency: Currency::Usd,
            tz: chrono_tz::America::New_York,
            country: "US",
            account: "acct_us01",
            api_key: "sk_test_us01_6fKq2mXv9TtRz4Lc",
            tax_rate: "txr_us",
            tax_hundredths: 725,
        },
        Entity {
            code: "GB01",
            name: "Meridian Analytics Ltd",
            subsidiary: 2,
            currency: Currency::Gbp,
            tz: chrono_tz::Europe::London,
            country: "GB",
            account: "acct_gb01",
            api_key: "sk_test_gb01_b8WnYp3sDh7JxQ1e",
            tax_rate: "txr_gb",
            tax_hundredths: 2_000,
        },
        Entity {
            code: "DE01",
            name: "Meridian Analytics GmbH",
            subsidiary: 3,
            currency: Currency::Eur,
            tz: chrono_tz::Europe::Berlin,
            country: "DE",
            account: "acct_de01",
            api_key: "sk_test_de01_Vg5uCa0ZrM8kEy2N",
            tax_rate: "txr_de",
            tax_hundredths: 1_900,
        },
        Entity {
            code: "JP01",
            name: "Meridian Analytics KK",
            subsidiary: 4,
            currency: Currency::Jpy,
            tz: chrono_tz::Asia::Tokyo,
            country: "JP",
            account: "acct_jp01",
            api_key: "sk_test_jp01_H1dPw7oSiB6tFl9U",
            tax_rate: "txr_jp",
            tax_hundredths: 1_000,
        },
    ]
}

const FIRST: [&str; 40] = [
    "Alder",
    "Beacon",
    "Cobalt",
    "Drift",
    "Ember",
    "Fathom",
    "Granite",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Lantern",
    "Marlow",
    "Northgate",
    "Orchard",
    "Pinnacle",
    "Quarry",
    "Redwood",
    "Saffron",
    "Tidewater",
    "Umber",
    "Vantage",
    "Willow",
    "Yarrow",
    "Zephyr",
    "Aurora",
    "Birch",
    "Cedar",
    "Dover",
    "Eastwick",
    "Fjord",
    "Glenmoor",
    "Halcyon",
    "Ironbridge",
    "Jasper",
    "Keystone",
    "Larkspur",
    "Millbrook",
    "Nimbus",
    "Osprey",
];
const SECOND: [&str; 32] = [
    "Robotics",
    "Logistics",
    "Foods",
    "Textiles",
    "Health",
    "Media",
    "Energy",
    "Optics",
    "Dynamics",
    "Labs",
    "Insurance",
    "Freight",
    "Security",
    "Studios",
    "Materials",
    "Retail",
    "Biotech",
    "Aerospace",
    "Marine",
    "Education",
    "Networks",
    "Pharma",
    "Systems",
    "Travel",
    "Automotive",
    "Capital",
    "Software",
    "Semantics",
    "Outdoors",
    "Printing",
    "Ceramics",
    "Water",
];
const FOREIGN: [&[&str]; 4] =
    [&["CA", "MX", "BR"], &["IE", "NL", "SE"], &["AT", "FR", "IT"], &["SG", "KR", "AU"]];

/// Name, e-mail address (unique by the customer's draft number) and country.
pub(crate) fn identity(
    dice: &mut Dice,
    entity: u8,
    draft: usize,
    dollars: bool,
) -> (String, String, &'static str) {
    let first = dice.pick(&FIRST);
    let second = dice.pick(&SECOND);
    let home = ["US", "GB", "DE", "JP"][usize::from(entity)];
    let country = if dollars {
        "US"
    } else if dice.chance(1_300) {
        dice.pick(FOREIGN[usize::from(entity)])
    } else {
        home
    };
    let suffix = match country {
        "US" | "CA" => "Inc.",
        "GB" | "IE" | "SG" | "AU" => "Ltd",
        "DE" | "AT" => "GmbH",
        "JP" => "K.K.",
        "NL" => "B.V.",
        "SE" => "AB",
        "FR" => "SAS",
        "IT" => "S.r.l.",
        _ => "S.A.",
    };
    let mailbox = dice.pick(&["billing", "accounts", "ap", "finance", "office"]);
    let name = format!("{first} {second} {suffix}");
    let email = format!("{mailbox}@{}-{}-{draft}.example", first.to_lowercase(), second.to_lowercase());
    (name, email, country)
}

/// Price of one seat for a month, or of a thousand units of usage, or of onboarding, in minor units.
pub(crate) fn price(product: Product, currency: Currency) -> i64 {
    let dollars = match product {
        Product::Starter => 1_900,
        Product::Team => 4_900,
        Product::Enterprise => 9_900,
        Product::Usage => 40,
        Product::Onboarding => 150_000,
        Product::LegacyAddon => 2_500,
    };
    match currency {
        Currency::Usd => dollars,
        Currency::Gbp => dollars * 4 / 5,
        Currency::Eur => dollars * 23 / 25,
        Currency::Jpy => dollars * 3 / 2,
    }
}

/// Value of a currency's major unit in millionths of a dollar, in a month.
fn dollars_micros(currency: Currency, month: usize) -> i64 {
    let wobble = |base: i64, step: i64| base + ((month as i64 * step) % 37 - 18) * base / 1_500;
    match currency {
        Currency::Usd => 1_000_000,
        Currency::Gbp => wobble(1_271_300, 11),
        Currency::Eur => wobble(1_086_700, 7),
        Currency::Jpy => wobble(6_652, 5),
    }
}

/// Exchange rate of a month: functional per transaction currency, millionths.
pub(crate) fn rate_micros(transaction: Currency, functional: Currency, month: usize) -> i64 {
    if transaction == functional {
        return 1_000_000;
    }
    let (from, to) = (dollars_micros(transaction, month), dollars_micros(functional, month));
    (from * 1_000_000 + to / 2) / to
}

/// Half away from zero.
pub(crate) fn divide_rounded(numerator: i128, denominator: i128) -> i64 {
    let half = denominator / 2;
    let shifted = if numerator < 0 { numerator - half } else { numerator + half };
    (shifted / denominator) as i64
}

/// Converts minor units with a rate in millionths of major units.
pub(crate) fn convert(amount: i64, from: Currency, to: Currency, rate_micros: i64) -> i64 {
    let numerator = i128::from(amount) * i128::from(rate_micros) * 10i128.pow(to.exponent());
    divide_rounded(numerator, 1_000_000 * 10i128.pow(from.exponent()))
}

/// Exclusive tax of a net amount at a rate in hundredths of a percent.
pub(crate) fn tax_of(net: i64, hundredths: i64) -> i64 {
    divide_rounded(i128::from(net) * i128::from(hundredths), 10_000)
}
