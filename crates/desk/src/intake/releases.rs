//! News of releases: a signed text in a place that the administrator of this machine names, and nowhere
//! else. It says that there is a newer version and what changed. Nothing is downloaded or installed by it.

use std::{fs::File, io::Read as _, path::Path, sync::Arc};

use chrono::NaiveDate;
use minisign_verify::{Error as Unsigned, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use tieout_connectors::kit::{World, fetch};
use tieout_domain::ports::Clock;

use crate::{
    base::{
        clock::{OsEntropy, SystemClock},
        code::Code,
        error::{DeskError, DeskResult},
        machine::{MachinePolicy, UpdatePlace},
    },
    intake::adapters::runtime,
};

/// No such text is longer.
const LONGEST: u64 = 1 << 20;
/// What the signature's name adds to that of the text, as `minisign -S` writes it.
const SIGNATURE: &str = ".minisig";

/// What is known of releases here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ReleaseNews {
    /// `off` where the administrator names no place, `current`, `newer` or `older`.
    pub state: String,
    /// The version of this program.
    pub here: String,
    /// The version of the release that is told of.
    pub released: Option<String>,
    /// When it was published.
    pub published: Option<String>,
    /// What changed, each in a sentence.
    pub changes: Vec<String>,
    /// Its packages, for whoever installs them.
    pub packages: Vec<ReleasePackage>,
    /// Where this was read.
    pub manifest: Option<String>,
}

/// A package of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ReleasePackage {
    /// The name of its file.
    pub file: String,
    /// The file's SHA-256, hex.
    pub sha256: String,
}

/// The text. What a later program may add to it is passed over: it is signed, and only told.
#[derive(Debug, Deserialize)]
struct Manifest {
    product: String,
    version: String,
    published: NaiveDate,
    /// Not believed after this day: an old text that somebody keeps serving is noticed.
    valid_until: Option<NaiveDate>,
    #[serde(default)]
    changes: Vec<String>,
    #[serde(default, rename = "package")]
    packages: Vec<ReleasePackage>,
}

/// Looks for news where the administrator of this machine says.
///
/// # Errors `machine_policy_unusable`; `update_unreachable` where the text or its signature cannot be read,
/// `update_untrusted` where it is not signed by the administrator's key as it stands, `update_unusable`
/// where it says nothing that this program understands or is out of date.
pub fn news() -> DeskResult<ReleaseNews> {
    let policy = MachinePolicy::read()?;
    let here = env!("CARGO_PKG_VERSION");
    let Some(place) = policy.update() else {
        return Ok(ReleaseNews {
            state: "off".to_owned(),
            here: here.to_owned(),
            released: None,
            published: None,
            changes: Vec::new(),
            packages: Vec::new(),
            manifest: None,
        });
    };
    let text = read(&place.manifest, &policy)?;
    let signature = read(&format!("{}{SIGNATURE}", place.manifest), &policy)?;
    signed(place, &text, &signature)?;
    told(place, &text, here)
}

/// What a signed text says, held against this program.
fn told(place: &UpdatePlace, text: &[u8], here: &str) -> DeskResult<ReleaseNews> {
    let unusable = |why: String| DeskError::new(Code::UpdateUnusable, format!("{}: {why}", place.manifest));
    let text = std::str::from_utf8(text).map_err(|_| unusable("it is no text".to_owned()))?;
    let manifest: Manifest = toml::from_str(text).map_err(|error| unusable(error.message().to_owned()))?;
    if manifest.product != "tieout" {
        return Err(unusable(format!("it tells of \"{}\", not of tieout", manifest.product)));
    }
    let today = SystemClock.now().date_naive();
    if let Some(until) = manifest.valid_until.filter(|until| *until < today) {
        return Err(unusable(format!(
            "it was valid until {until}: what stands there is an old one, or has to be signed anew"
        )));
    }
    let version =
        |text: &str| version(text).ok_or_else(|| unusable(format!("\"{text}\" is no version (1.2.3)")));
    let state = match version(&manifest.version)?.cmp(&version(here)?) {
        std::cmp::Ordering::Greater => "newer",
        std::cmp::Ordering::Equal => "current",
        std::cmp::Ordering::Less => "older",
    };
    Ok(ReleaseNews {
        state: state.to_owned(),
        here: here.to_owned(),
        released: Some(manifest.version),
        published: Some(manifest.published.to_string()),
        changes: manifest.changes,
        packages: manifest.packages,
        manifest: Some(place.manifest.clone()),
    })
}

/// Refuses what the administrator's key has not signed just as it stands.
fn signed(place: &UpdatePlace, text: &[u8], signature: &[u8]) -> DeskResult<()> {
    let refused = |why: &str| {
        let words = "nothing that it says is believed: ask this machine's administrator";
        DeskError::new(Code::UpdateUntrusted, format!("{}: {why}; {words}", place.manifest))
    };
    let key = PublicKey::from_base64(place.key.trim());
    let key = key.map_err(|_| refused("the key of the machine's policy is no minisign public key"))?;
    let signature = std::str::from_utf8(signature).ok().and_then(|text| Signature::decode(text).ok());
    let signature = signature.ok_or_else(|| refused("what stands beside it is no minisign signature"))?;
    key.verify(text, &signature, false).map_err(|error| match error {
        Unsigned::UnexpectedKeyId => refused("it is signed with another key than the machine's policy names"),
        Unsigned::UnexpectedAlgorithm | Unsigned::UnsupportedAlgorithm | Unsigned::UnsupportedLegacyMode => {
            refused("its signature is of a kind that is not taken (sign with minisign 0.10 or later)")
        }
        _ => refused("it was changed after it was signed"),
    })
}

/// What stands at an address, or in a file.
fn read(place: &str, policy: &MachinePolicy) -> DeskResult<Vec<u8>> {
    let failed = |why: String| {
        DeskError::new(
            Code::UpdateUnreachable,
            format!("whether there is a newer release is not known: {why}"),
        )
    };
    if place.starts_with("https://") || place.starts_with("http://") {
        let world = World::new(Arc::new(SystemClock), OsEntropy).trusting(policy.trusted()?);
        let found = runtime()?.block_on(fetch(place, world));
        return found.map_err(|failure| failed(format!("{place}: {failure}")));
    }
    let file = File::open(Path::new(place)).map_err(|error| failed(format!("{place}: {error}")))?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).map_err(|error| failed(format!("{place}: {error}")))?;
    Ok(bytes)
}

/// Three whole numbers.
fn version(text: &str) -> Option<[u64; 3]> {
    let parts: Vec<u64> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str) -> Result<String, String> {
        let place = UpdatePlace { manifest: "release.toml".to_owned(), key: String::new() };
        told(&place, text.as_bytes(), "1.2.3").map(|news| news.state).map_err(|error| error.message)
    }

    #[test]
    fn a_release_is_newer_by_its_numbers_and_not_by_its_letters() {
        let of = |version: &str| {
            state(&format!("product = \"tieout\"\nversion = \"{version}\"\npublished = \"2026-11-30\"\n"))
        };
        for (version, want) in
            [("1.2.3", "current"), ("1.10.0", "newer"), ("2.0.0", "newer"), ("1.2.2", "older")]
        {
            assert_eq!(of(version).as_deref(), Ok(want));
        }
        for bad in ["1.2", "1.2.3-rc.1", "v2", ""] {
            assert!(of(bad).unwrap_err().contains("is no version"), "{bad}");
        }
        let other = "product = \"another\"\nversion = \"9.9.9\"\npublished = \"2026-11-30\"\n";
        assert!(state(other).unwrap_err().contains("not of tieout"));
    }
}
