//! The packages that the journeys in a browser run with. None of them is in Pli: its own scripts are all the JavaScript there is.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{List, WHOLE};
use crate::workspace::root;

/// Adds what the lock file names.
pub(super) fn add(list: &mut List) -> Result<()> {
    let path = root().join("e2e/package-lock.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let lock: Value = serde_json::from_str(&text)?;
    let packages = lock["packages"]
        .as_object()
        .context("a lock file without packages")?;
    for (place, package) in packages {
        let Some((_, name)) = place.rsplit_once("node_modules/") else {
            continue;
        };
        let version = package["version"].as_str().unwrap_or_default();
        let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        let mut component = json!({
            "type": "library", "bom-ref": purl, "name": name, "version": version, "scope": "excluded", "purl": purl,
            "properties": [{ "name": "pli:used-in", "value": "tests" }],
        });
        if let Some(sum) = package["integrity"].as_str().and_then(sha512) {
            component["hashes"] = json!([{ "alg": "SHA-512", "content": sum }]);
        }
        if let Some(licence) = package["license"].as_str() {
            component["licenses"] = json!([{ "expression": licence }]);
        }
        list.components.insert(purl.clone(), component);
        list.need(WHOLE, [purl].into_iter());
    }
    Ok(())
}

/// `sha512-…` in base 64, in hexadecimal digits.
fn sha512(integrity: &str) -> Option<String> {
    let bytes = STANDARD.decode(integrity.strip_prefix("sha512-")?).ok()?;
    let mut digits = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_written_in_digits() {
        assert_eq!(sha512("sha512-AAEC/w==").as_deref(), Some("000102ff"));
        assert_eq!(sha512("sha1-AAEC/w=="), None);
    }
}
