//! What the administrator of this machine has fixed for everybody who works on it: one file, which the
//! window and the command line obey alike because the desk does. It only narrows; nothing in it opens what
//! is closed otherwise. It is read whenever it is asked, so that a change holds from then on.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tieout_connectors::kit::{Trusted, host_of};
use tieout_vault::Backend;

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// Where the file is. On Windows the folder is not asked of `%ProgramData%`, which whoever starts the
/// program may set; on a machine that has it elsewhere there is no such file.
const PLACE: &str = if cfg!(windows) {
    r"C:\ProgramData\Tieout\policy.toml"
} else if cfg!(target_os = "macos") {
    "/Library/Application Support/Tieout/policy.toml"
} else {
    "/etc/tieout/policy.toml"
};

/// No such file is longer; one that is, is none.
const LONGEST: u64 = 1 << 20;

/// What is fixed on this machine; nothing where there is no file.
#[derive(Clone, Debug)]
pub struct MachinePolicy {
    place: PathBuf,
    found: Option<Written>,
}

/// The file. An unknown key is refused: it may be one by which a newer program would close something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    #[serde(default)]
    secrets: Secrets,
    #[serde(default)]
    connections: Connections,
    #[serde(default)]
    lock: Lock,
    #[serde(default)]
    exports: Exports,
    #[serde(default)]
    network: Network,
    update: Option<UpdatePlace>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    allowed: Option<Vec<Backend>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Connections {
    vendors: Option<Vec<String>>,
    hosts: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    after_minutes_at_most: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exports {
    allowed: Option<bool>,
    formats: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    certificate_authorities: Option<PathBuf>,
}

/// Where releases are told of, and by whose key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdatePlace {
    /// An `https://` address or a file, of a share as well.
    pub manifest: String,
    /// The minisign public key by which it must be signed, as its file has it in the second line.
    pub key: String,
}

/// One setting that is fixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FixedSetting {
    /// Its name in the file.
    pub name: String,
    /// To what.
    pub value: String,
}

impl MachinePolicy {
    /// Reads what is fixed on this machine.
    ///
    /// # Errors
    /// `machine_policy_unusable` where the file is there and cannot be read, cannot be understood, or may be
    /// written by everybody: nothing is then done that it could forbid.
    pub fn read() -> DeskResult<Self> {
        Self::at(Self::file())
    }

    /// Reads what a file in this place would fix.
    ///
    /// # Errors
    /// As [`MachinePolicy::read`].
    pub fn at(place: PathBuf) -> DeskResult<Self> {
        // A link that leads nowhere is there too, and no reason to go without.
        let found = match fs::symlink_metadata(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unusable(&place, &format!("it cannot be looked at ({error})"))),
            Ok(_) => {
                let text = trusted_text(&place)?;
                Some(Written::parse(&text).map_err(|why| unusable(&place, &why))?)
            }
        };
        Ok(Self { place, found })
    }

    /// The file's place, whether it is there or not. A debug build, which nobody is given, takes another
    /// one from `TIEOUT_DEBUG_POLICY`: tests have it, and whoever works with the product has not.
    #[must_use]
    pub fn file() -> PathBuf {
        #[cfg(debug_assertions)]
        if let Some(other) = std::env::var_os("TIEOUT_DEBUG_POLICY") {
            return PathBuf::from(other);
        }
        PathBuf::from(PLACE)
    }

    /// Whether there is a file.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.found.is_some()
    }

    /// Refuses a place for secrets that is not allowed here.
    ///
    /// # Errors
    /// `fixed_by_administrator`.
    pub fn admits_secrets(&self, backend: Backend) -> DeskResult<()> {
        let Some(allowed) = self.of(|found| found.secrets.allowed.as_ref()) else { return Ok(()) };
        if allowed.contains(&backend) {
            return Ok(());
        }
        let allowed: Vec<&str> = allowed.iter().map(|one| one.as_str()).collect();
        Err(self.fixed(&format!(
            "secrets are kept in {} here, not in {}",
            or_none(&allowed),
            backend.as_str()
        )))
    }

    /// Refuses a connection to a vendor or host that is not allowed here.
    ///
    /// # Errors
    /// `fixed_by_administrator`.
    pub fn admits_connection(&self, vendor: &str, url: &str) -> DeskResult<()> {
        if let Some(vendors) = self.of(|found| found.connections.vendors.as_ref())
            && !vendors.iter().any(|one| one == vendor)
        {
            return Err(
                self.fixed(&format!("{vendor} is not among the vendors allowed: {}", or_none(vendors)))
            );
        }
        let Some(hosts) = self.of(|found| found.connections.hosts.as_ref()) else { return Ok(()) };
        let host = host_of(url).unwrap_or_default();
        if hosts.iter().any(|allowed| is_host(&host, allowed)) {
            return Ok(());
        }
        Err(self.fixed(&format!("the host {host} is not among those allowed: {}", or_none(hosts))))
    }

    /// After so many minutes without input the desk locks at the latest.
    #[must_use]
    pub fn longest_idle(&self) -> Option<u32> {
        self.of(|found| found.lock.after_minutes_at_most.as_ref()).copied()
    }

    /// Refuses a desk that would lock later than it has to here; 0 is never.
    ///
    /// # Errors
    /// `fixed_by_administrator`.
    pub fn admits_idle(&self, minutes: u32) -> DeskResult<()> {
        match self.longest_idle() {
            Some(most) if minutes == 0 || minutes > most => {
                let asked = if minutes == 0 { "never".to_owned() } else { format!("after {minutes}") };
                Err(self.fixed(&format!("the desk locks after {most} minutes at most, not {asked}")))
            }
            _ => Ok(()),
        }
    }

    /// Refuses data that leaves the workspace, in this format (`xlsx`, `csv`, `pdf`, `parquet`, `binder`,
    /// `clipboard`).
    ///
    /// # Errors
    /// `fixed_by_administrator`.
    pub fn admits_export(&self, format: &str) -> DeskResult<()> {
        if self.of(|found| found.exports.allowed.as_ref()) == Some(&false) {
            return Err(self.fixed("nothing is exported from this machine"));
        }
        let Some(formats) = self.of(|found| found.exports.formats.as_ref()) else { return Ok(()) };
        match formats.iter().any(|allowed| allowed == format) {
            true => Ok(()),
            false => {
                Err(self.fixed(&format!("{format} is not among the exports allowed: {}", or_none(formats))))
            }
        }
    }

    /// Whom connections trust beside the system's own certificate authorities.
    ///
    /// # Errors
    /// `machine_policy_unusable` where the file that is named cannot be read, holds no certificate, or may be
    /// written by everybody.
    pub fn trusted(&self) -> DeskResult<Trusted> {
        let Some(file) = self.of(|found| found.network.certificate_authorities.as_ref()) else {
            return Ok(Trusted::default());
        };
        let why = |why: &str| unusable(&self.place, &format!("its certificate authorities: {why}"));
        let text = trusted_text(file).map_err(|error| why(&error.message))?;
        Trusted::from_pem(text.as_bytes()).map_err(|error| why(&format!("{}: {error}", file.display())))
    }

    /// Where this machine looks for newer releases; nowhere unless the administrator says.
    #[must_use]
    pub fn update(&self) -> Option<&UpdatePlace> {
        self.of(|found| found.update.as_ref())
    }

    /// All that is fixed, by its name in the file.
    #[must_use]
    pub fn all_fixed(&self) -> Vec<FixedSetting> {
        let Some(found) = &self.found else { return Vec::new() };
        let secrets = found.secrets.allowed.as_ref();
        let secrets = secrets.map(|all| or_none(&all.iter().map(|one| one.as_str()).collect::<Vec<_>>()));
        let list = |of: &Option<Vec<String>>| of.as_ref().map(|all| or_none(all));
        let authorities = found.network.certificate_authorities.as_ref();
        [
            ("secrets.allowed", secrets),
            ("connections.vendors", list(&found.connections.vendors)),
            ("connections.hosts", list(&found.connections.hosts)),
            ("lock.after_minutes_at_most", found.lock.after_minutes_at_most.map(|most| most.to_string())),
            ("exports.allowed", found.exports.allowed.map(|allowed| allowed.to_string())),
            ("exports.formats", list(&found.exports.formats)),
            ("network.certificate_authorities", authorities.map(|file| file.display().to_string())),
            ("update.manifest", found.update.as_ref().map(|update| update.manifest.clone())),
            ("update.key", found.update.as_ref().map(|update| update.key.clone())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(FixedSetting { name: name.to_owned(), value: value? }))
        .collect()
    }

    fn of<'s, T: ?Sized>(&'s self, part: impl FnOnce(&'s Written) -> Option<&'s T>) -> Option<&'s T> {
        self.found.as_ref().and_then(part)
    }

    fn fixed(&self, what: &str) -> DeskError {
        let place = self.place.display();
        DeskError::new(
            Code::FixedByAdministrator,
            format!(
                "{what}: this machine's administrator fixed it in {place}; ask them if it must be otherwise"
            ),
        )
    }
}

impl Written {
    fn parse(text: &str) -> Result<Self, String> {
        let found: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let line = line.map_or_else(String::new, |line| format!("line {line}: "));
            format!("{line}{}", error.message())
        })?;
        if found.version != 1 {
            return Err(format!("version {} is not known to this program, which knows 1", found.version));
        }
        if found.lock.after_minutes_at_most == Some(0) {
            return Err("lock.after_minutes_at_most is 0: write at least 1".to_owned());
        }
        Ok(found)
    }
}

/// What a file of the administrator's says, if nobody else can have written it.
fn trusted_text(path: &Path) -> DeskResult<String> {
    let failed = |error: &io::Error| unusable(path, &format!("it cannot be read ({error})"));
    for part in [Some(path), path.parent()].into_iter().flatten() {
        let about = fs::metadata(part).map_err(|error| failed(&error))?;
        if anybody_writes(&about) {
            let part = part.display();
            return Err(unusable(
                path,
                &format!("everybody may write {part}: take that right away (chmod o-w)"),
            ));
        }
    }
    let about = fs::metadata(path).map_err(|error| failed(&error))?;
    if !about.is_file() || about.len() > LONGEST {
        return Err(unusable(path, "it is no file of settings"));
    }
    fs::read_to_string(path).map_err(|error| failed(&error))
}

#[cfg(unix)]
fn anybody_writes(about: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(about) & 0o002 != 0
}

/// Its rights on Windows are the folder's, which are not read.
#[cfg(not(unix))]
fn anybody_writes(_: &fs::Metadata) -> bool {
    false
}

fn unusable(place: &Path, why: &str) -> DeskError {
    DeskError::new(
        Code::MachinePolicyUnusable,
        format!(
            "{}: {why}. What this machine's administrator fixed is not known, and nothing is done until it \
             is: ask them to put the file right",
            place.display()
        ),
    )
}

fn or_none(all: &[impl AsRef<str>]) -> String {
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// Whether a host is an allowed one: the same, or below one that is written as `*.example.com`. Neither has
/// a port.
fn is_host(host: &str, allowed: &str) -> bool {
    let allowed = allowed.to_ascii_lowercase();
    match allowed.strip_prefix("*.") {
        Some(above) => host.strip_suffix(above).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
        None => host == allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> MachinePolicy {
        MachinePolicy {
            place: PathBuf::from("/etc/tieout/policy.toml"),
            found: Some(Written::parse(text).unwrap()),
        }
    }

    #[test]
    fn a_host_is_allowed_by_its_name_or_by_what_it_is_below_and_by_nothing_that_only_looks_like_it() {
        let check = |allowed: &str, url: &str| {
            let policy = of(&format!("version = 1\n[connections]\nhosts = [\"{allowed}\"]\n"));
            policy.admits_connection("stripe", url).map_err(|error| error.code)
        };
        let refused = Err(Code::FixedByAdministrator);
        assert_eq!(check("api.stripe.com", "https://API.stripe.com/v1"), Ok(()));
        assert_eq!(check("api.stripe.com", "https://api.stripe.com:8443"), Ok(()));
        assert_eq!(check("api.stripe.com", "https://api.stripe.com.evil.example"), refused);
        assert_eq!(check("api.stripe.com", "https://api.stripe.com@evil.example"), refused);
        assert_eq!(check("*.netsuite.com", "https://1-sb1.suitetalk.api.netsuite.com"), Ok(()));
        assert_eq!(check("*.netsuite.com", "https://netsuite.com"), refused);
        assert_eq!(check("*.netsuite.com", "https://evilnetsuite.com"), refused);
        assert_eq!(check("*.netsuite.com", "nonsense"), refused);
    }

    #[test]
    fn what_is_not_said_is_not_fixed_and_an_empty_list_allows_nothing() {
        let none = MachinePolicy::at(PathBuf::from("/nowhere/at/all/policy.toml")).unwrap();
        assert!(!none.is_there() && none.all_fixed().is_empty());
        none.admits_secrets(Backend::Vault).unwrap();
        none.admits_export("csv").unwrap();
        none.admits_idle(0).unwrap();
        let empty = of(
            "version = 1\n[secrets]\nallowed = []\n[connections]\nvendors = []\n[exports]\nformats = []\n",
        );
        assert!(empty.admits_secrets(Backend::Keyring).is_err());
        assert!(empty.admits_connection("stripe", "https://api.stripe.com").is_err());
        assert!(empty.admits_export("xlsx").is_err());
        assert_eq!(empty.all_fixed().len(), 3);
    }

    #[test]
    fn what_cannot_be_understood_is_refused_with_its_line() {
        for (text, words) in [
            ("version = 1\n[secrets]\nalowed = [\"vault\"]\n", "line 3"),
            ("version = 1\n[secrets]\nallowed = [\"paper\"]\n", "line 3"),
            ("version = 2\n", "version 2 is not known"),
            ("[lock]\nafter_minutes_at_most = 5\n", "missing field `version`"),
            ("version = 1\n[lock]\nafter_minutes_at_most = 0\n", "at least 1"),
            ("version = 1\n[[", "line 2"),
        ] {
            let why = Written::parse(text).unwrap_err();
            assert!(why.contains(words), "{text}: {why}");
        }
    }
}
