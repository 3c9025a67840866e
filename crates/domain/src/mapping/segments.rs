//! Segments of what is booked: the classifications that an ERP wants on lines.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap as _};

use super::roles::Role;

/// The segments that can be given, as the ERP's record and the connection's settings call them.
pub const SEGMENTS: [&str; 3] = ["department", "class", "location"];

/// Values by the name of their segment: the ERP's ids.
pub type SegmentIds = BTreeMap<String, String>;

/// Segments of an entity: those of all lines, and those of lines on the account of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments {
    /// Of every line.
    pub every: SegmentIds,
    /// Of lines on the account of a role, which go before those of every line.
    pub of_role: BTreeMap<Role, SegmentIds>,
}

impl Segments {
    /// True where nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.every.is_empty() && self.of_role.is_empty()
    }
}

impl Serialize for Segments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, id) in &self.every {
            map.serialize_entry(name, id)?;
        }
        for (role, ids) in &self.of_role {
            map.serialize_entry(role.as_str(), ids)?;
        }
        map.end()
    }
}

/// Only names of segments.
struct Checked(SegmentIds);

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ids = SegmentIds::deserialize(deserializer)?;
        match ids.keys().find(|name| !SEGMENTS.contains(&name.as_str())) {
            Some(unknown) => Err(de::Error::unknown_field(unknown, &SEGMENTS)),
            None => Ok(Self(ids)),
        }
    }
}

impl<'de> Deserialize<'de> for Segments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Segments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("segments (department, class, location), or a table of them for a role")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Segments, A::Error> {
                let mut segments = Segments::default();
                while let Some(key) = map.next_key::<String>()? {
                    if SEGMENTS.contains(&key.as_str()) {
                        segments.every.insert(key, map.next_value()?);
                    } else if let Some(role) = Role::parse(&key) {
                        segments.of_role.insert(role, map.next_value::<Checked>()?.0);
                    } else {
                        return Err(de::Error::unknown_field(&key, &SEGMENTS));
                    }
                }
                Ok(segments)
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}
