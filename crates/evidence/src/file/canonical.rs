//! Canonical JSON: names in the order of their bytes, nothing between, each value as it was written. What
//! is read must be written just so, so that two texts never mean one thing and a name never stands twice.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::file::fault::{FileFault, FileResult};

/// A value as canonical JSON.
///
/// # Errors
/// `packet_unreadable` where it is no JSON.
pub fn text_of(value: &impl Serialize) -> FileResult<String> {
    let value = serde_json::to_value(value).map_err(|e| FileFault::unreadable(e.to_string()))?;
    let mut text = String::new();
    write(&value, &mut text);
    Ok(text)
}

/// What canonical JSON says.
///
/// # Errors
/// `packet_unreadable` where it is none, or says what is not known of `what`.
pub fn read<T: DeserializeOwned>(bytes: &[u8], what: &str) -> FileResult<T> {
    let unreadable = |why: String| FileFault::unreadable(format!("{what} cannot be read: {why}"));
    let value: Value = serde_json::from_slice(bytes).map_err(|e| unreadable(e.to_string()))?;
    let mut text = String::new();
    write(&value, &mut text);
    if text.as_bytes() != bytes {
        return Err(unreadable("it is not written as canonical JSON".to_owned()));
    }
    serde_json::from_value(value).map_err(|e| unreadable(e.to_string()))
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            text.push('{');
            for (at, name) in names.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&Value::String(name.clone()).to_string());
                text.push(':');
                write(&fields[name], text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_in_order_and_what_is_written_otherwise_is_not_read() {
        let value = json!({ "b": [1, { "z": null, "a": "ü\"" }], "a": 10 });
        let text = text_of(&value).unwrap();
        assert_eq!(text, r#"{"a":10,"b":[1,{"a":"ü\"","z":null}]}"#);
        assert_eq!(read::<Value>(text.as_bytes(), "it").unwrap(), value);
        for other in [r#"{"b":1,"a":2}"#, r#"{"a": 1}"#, r#"{"a":1,"a":1}"#, r#"{"a":"\u0041"}"#, "{}\n"] {
            assert_eq!(read::<Value>(other.as_bytes(), "it").unwrap_err().code(), "packet_unreadable");
        }
    }
}
