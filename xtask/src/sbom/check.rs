//! What a list of parts must say to be of use: each part once, with version, sum and licence, and nothing needed that is not there.

use std::collections::BTreeSet;

use serde_json::Value;

/// What the list lacks.
pub(super) fn problems(list: &Value) -> Vec<String> {
    let none = Vec::new();
    let components = list["components"].as_array().unwrap_or(&none);
    let mut problems = Vec::new();
    let mut there: BTreeSet<&str> = list["metadata"]["component"]["bom-ref"]
        .as_str()
        .into_iter()
        .collect();
    for component in components {
        let reference = component["bom-ref"].as_str().unwrap_or_default();
        if reference.is_empty() || !there.insert(reference) {
            problems.push(format!("without a reference of its own: {}", component["name"]));
        }
        for field in ["name", "version", "type", "scope"] {
            if component[field].as_str().is_none_or(str::is_empty) {
                problems.push(format!("{reference}: no {field}"));
            }
        }
        // What comes from a registry has an address there.
        let is_of_registry = component["purl"]
            .as_str()
            .is_some_and(|purl| !purl.starts_with("pkg:generic/"));
        if is_of_registry
            && component["hashes"][0]["content"]
                .as_str()
                .is_none_or(str::is_empty)
        {
            problems.push(format!("{reference}: no hash"));
        }
        // A package that only tests run with may keep silent about its licence.
        let is_in_pli = component["purl"].is_string() && component["scope"] == "required";
        if is_in_pli && component["licenses"][0].is_null() {
            problems.push(format!("{reference}: no licence"));
        }
    }
    for dependency in list["dependencies"].as_array().unwrap_or(&none) {
        let needed = dependency["dependsOn"].as_array().unwrap_or(&none);
        for reference in needed.iter().chain([&dependency["ref"]]) {
            if !there.contains(reference.as_str().unwrap_or_default()) {
                problems.push(format!("needed and not there: {reference}"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list() -> Value {
        json!({
            "metadata": { "component": { "bom-ref": "pli" } },
            "components": [{
                "type": "library", "bom-ref": "cargo:a@1", "name": "a", "version": "1", "scope": "required",
                "purl": "pkg:cargo/a@1", "hashes": [{ "alg": "SHA-256", "content": "00" }],
                "licenses": [{ "expression": "MIT" }],
            }],
            "dependencies": [{ "ref": "pli", "dependsOn": ["cargo:a@1"] }],
        })
    }

    #[test]
    fn a_whole_list_has_no_problem() {
        assert_eq!(problems(&list()), Vec::<String>::new());
    }

    #[test]
    fn what_a_list_lacks_is_found() {
        for field in ["bom-ref", "version", "scope", "hashes", "licenses"] {
            let mut lacking = list();
            lacking["components"][0].as_object_mut().unwrap().remove(field);
            assert!(!problems(&lacking).is_empty(), "{field}");
        }
        let mut lost = list();
        lost["components"] = json!([]);
        assert_eq!(problems(&lost), ["needed and not there: \"cargo:a@1\""]);
        let mut twice = list();
        let one = twice["components"][0].clone();
        twice["components"].as_array_mut().unwrap().push(one);
        assert!(!problems(&twice).is_empty());
    }
}
