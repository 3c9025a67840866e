//! The vendors that can be connected: what each needs, as a form asks for it; and what to do when a
//! connection fails.

use serde::Serialize;

/// One field of a vendor's form: a setting, or a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct VendorField {
    /// The setting's or credential's name.
    pub name: String,
    /// What the form calls it.
    pub label: String,
    /// Where to find it, and what it is for.
    pub help: String,
    /// True for a credential: it goes to the secrets and is never shown again.
    pub secret: bool,
    /// True where the connection cannot do without it.
    pub required: bool,
    /// What it is where nothing is given.
    pub default: Option<String>,
    /// The only possible values, where there are few.
    pub choices: Vec<String>,
    /// With what it goes: it is neither asked for nor taken where another field has another value. With that
    /// value a credential is required.
    pub with: Option<FieldValue>,
}

/// A value of a field with choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FieldValue {
    /// The field's name.
    pub field: String,
    /// The value.
    pub value: String,
}

/// A vendor, and the form that connects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct VendorView {
    /// The stable name that `connection_add` takes.
    pub vendor: String,
    /// Its name.
    pub name: String,
    /// billing or erp.
    pub role: String,
    /// What address is needed.
    pub url_help: String,
    /// The usual address, where there is one.
    pub url_default: Option<String>,
    /// The fields, in the order of the form.
    pub fields: Vec<VendorField>,
    /// Against what this adapter has been checked, and against what it has not.
    pub checked_against: String,
}

fn field(name: &str, label: &str, help: &str) -> VendorField {
    VendorField {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        secret: false,
        required: false,
        default: None,
        choices: Vec::new(),
        with: None,
    }
}

impl VendorField {
    fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    fn required(mut self) -> Self {
        self.required = true;
        self
    }

    fn default(mut self, value: &str) -> Self {
        self.default = Some(value.to_owned());
        self
    }

    fn with(mut self, field: &str, value: &str) -> Self {
        self.with = Some(FieldValue { field: field.to_owned(), value: value.to_owned() });
        self
    }

    fn one_of(mut self, choices: &[&str]) -> Self {
        self.choices = choices.iter().map(|c| (*c).to_owned()).collect();
        self
    }
}

fn timeout() -> VendorField {
    field("timeout", "Seconds to wait", "How long a call may stay without an answer.").default("60")
}

fn stripe() -> VendorView {
    VendorView {
        vendor: "stripe".to_owned(),
        name: "Stripe".to_owned(),
        role: "billing".to_owned(),
        url_help: "Stripe's API; only a stand-in on this machine has another address.".to_owned(),
        url_default: Some("https://api.stripe.com".to_owned()),
        fields: vec![
            field(
                "api_key",
                "Restricted key",
                "Developers › API keys › Create restricted key, with read access to Core, Billing and \
                 Connect. Nothing is ever written to Stripe.",
            )
            .secret()
            .required(),
            field("account", "Account id", "acct_…, shown under Settings › Account details: the tenant."),
            field("rate", "Calls a second", "At most this many calls a second.").default("25"),
            field("concurrency", "Calls at once", "At most this many calls at once.").default("8"),
            timeout(),
        ],
        checked_against: "Stripe's published fixtures, a simulated Stripe with faults, and localstripe \
                          1.15.10. It has not been run against Stripe itself."
            .to_owned(),
    }
}

fn localstripe() -> VendorView {
    VendorView {
        vendor: "localstripe".to_owned(),
        name: "localstripe (a stand-in for tests)".to_owned(),
        role: "billing".to_owned(),
        url_help: "The address of a running localstripe.".to_owned(),
        url_default: Some("http://127.0.0.1:8420".to_owned()),
        fields: vec![
            field("api_key", "Key", "Any key that localstripe takes.").secret().required(),
            field("account", "Account name", "A name for the tenant."),
            timeout(),
        ],
        checked_against: "localstripe 1.15.10. It lists no credit notes, disputes or usage.".to_owned(),
    }
}

fn netsuite_fields() -> Vec<VendorField> {
    vec![
        field("account", "Account id", "Setup › Company › Company Information: 1234567_SB1.").required(),
        field("auth", "Way to sign in", "tba: token-based (four values). m2m: OAuth 2.0 with a certificate.")
            .default("tba")
            .one_of(&["tba", "m2m"]),
        field("consumer_key", "Consumer key", "From the integration record.").secret().with("auth", "tba"),
        field("consumer_secret", "Consumer secret", "From the integration record.")
            .secret()
            .with("auth", "tba"),
        field("token_id", "Token id", "From the access token.").secret().with("auth", "tba"),
        field("token_secret", "Token secret", "From the access token.").secret().with("auth", "tba"),
        field("client_id", "Client id", "From the integration record.").secret().with("auth", "m2m"),
        field("certificate_id", "Certificate id", "From the certificate's mapping.")
            .secret()
            .with("auth", "m2m"),
        field("private_key", "Private key (PEM)", "Of the certificate.").secret().with("auth", "m2m"),
        field("algorithm", "Signature", "That of the certificate.")
            .with("auth", "m2m")
            .default("ES256")
            .one_of(&["ES256", "PS256"]),
        field(
            "approve",
            "Send journals as approved",
            "true: a journal counts at once. false: NetSuite's own approval routing decides, and one that \
             waits there is not booked.",
        )
        .default("false")
        .one_of(&["false", "true"]),
        field(
            "concurrency",
            "Calls at once",
            "The account's limit is shared by all integrations; the base tier has 5.",
        )
        .default("4"),
        field("rate", "Calls a second", "Where the account has such a limit."),
        timeout(),
    ]
}

fn netsuite() -> VendorView {
    VendorView {
        vendor: "netsuite".to_owned(),
        name: "NetSuite".to_owned(),
        role: "erp".to_owned(),
        url_help: "The account's SuiteTalk address: https://ACCOUNT.suitetalk.api.netsuite.com".to_owned(),
        url_default: None,
        fields: netsuite_fields(),
        checked_against:
            "A simulated NetSuite after its published documents, with faults; the signatures also \
                          against oauthlib and PyJWT. It has not been run against NetSuite itself."
                .to_owned(),
    }
}

fn tryton() -> VendorView {
    VendorView {
        vendor: "tryton".to_owned(),
        name: "Tryton".to_owned(),
        role: "erp".to_owned(),
        url_help: "The address of the Tryton server: https, or http on this machine.".to_owned(),
        url_default: None,
        fields: vec![
            field("database", "Database", "The name of the database.").required(),
            field("company", "Company", "Tryton's numeric id of the company.").required(),
            field("login", "User", "A user who may read and post moves.").required(),
            field("password", "Password", "That user's password.").secret().required(),
            field("journal", "Journal", "Code of the journal that postings go to.").default("REV"),
            timeout(),
        ],
        checked_against: "A real Tryton 8.2 on PostgreSQL.".to_owned(),
    }
}

/// The vendors that can be connected, each with its form.
#[must_use]
pub fn vendors() -> Vec<VendorView> {
    vec![stripe(), netsuite(), tryton(), localstripe()]
}

/// What to do about a failed connection, by the failure's stable code.
pub(crate) fn advice(code: &str, connection: &str) -> String {
    match code {
        "auth_failed" | "bad_credential" | "credential_missing" => format!(
            "Rotate the credentials of {connection}, then test it. The vendor shows which keys are valid."
        ),
        "rate_limited" => {
            "Nothing to do: it goes on by itself. If it lasts, other integrations use the same \
                           allowance; lower the calls at once."
                .to_owned()
        }
        "connect_failed" | "timed_out" | "connection_dropped" => {
            "Check network, proxy and address, then sync again. It goes on where it stopped.".to_owned()
        }
        "vendor_unavailable" | "vendor_error" => {
            "The vendor has trouble: look at its status page and sync again later; it goes on from there."
                .to_owned()
        }
        "redirected" | "bad_address" | "insecure_address" | "not_found" => {
            format!("Correct the address of {connection}: it must be the vendor's own, with https.")
        }
        "test_live_mismatch" => {
            "The account is of the other kind: use a test account here, or add a live connection.".to_owned()
        }
        "schema_drift" | "answer_too_large" => {
            "The vendor answers in another shape than this version reads. What could not be read is kept \
             aside; update Tieout, or report the drift with the kept payload."
                .to_owned()
        }
        "mapping_required" | "entity_unmapped" => {
            "Import an account mapping that knows the ERP's entities; another person approves it.".to_owned()
        }
        "setting_missing" | "setting_bad" | "bad_json" => {
            format!(
                "Correct {connection}: remove it and add it again with the right settings, or rotate its \
                 credentials where those are wrong."
            )
        }
        _ => {
            "Read the vendor's words, mend the cause there, and sync again; it goes on from there.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vendor_says_what_it_was_checked_against_and_marks_its_secrets() {
        for vendor in [stripe(), netsuite(), tryton(), localstripe()] {
            assert!(!vendor.checked_against.is_empty());
            assert!(vendor.fields.iter().any(|f| f.secret), "{}", vendor.vendor);
            for field in &vendor.fields {
                assert!(!field.help.is_empty() && !field.label.is_empty(), "{}", field.name);
                let secret_name = ["key", "secret", "password"].iter().any(|w| field.name.contains(w));
                assert!(!secret_name || field.secret, "{} is a secret", field.name);
                let fits = field
                    .default
                    .as_ref()
                    .is_none_or(|d| field.choices.is_empty() || field.choices.contains(d));
                assert!(fits, "{}: its default is none of its choices", field.name);
                let known = field.with.as_ref().is_none_or(|with| {
                    vendor.fields.iter().any(|f| f.name == with.field && f.choices.contains(&with.value))
                });
                assert!(known, "{}: what it goes with is no choice of another field", field.name);
            }
        }
    }
}
