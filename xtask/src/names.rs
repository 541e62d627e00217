//! What a module says of itself: the names of its functions; and the module without it.

use std::collections::HashMap;

use anyhow::Result;
use wasm_encoder::RawSection;
use wasmparser::{KnownCustom, Name, Naming, Parser, Payload, TypeRef};

/// The name of each function as people write it, without what tells two builds apart.
///
/// # Errors
/// It is no module.
pub(crate) fn function_names(module: &[u8]) -> Result<HashMap<u32, String>> {
    let names = noted_names(module)?.into_iter();
    Ok(names.map(|(index, name)| (index, plain(name))).collect())
}

/// The name of each function as the linker wrote it, without the word that the splitter adds.
///
/// # Errors
/// As for [`function_names`].
pub(crate) fn linked_names(module: &[u8]) -> Result<HashMap<u32, &str>> {
    let mut names = noted_names(module)?;
    for name in names.values_mut() {
        *name = name.split_once(' ').map_or(*name, |(name, _)| name);
    }
    Ok(names)
}

fn noted_names(module: &[u8]) -> Result<HashMap<u32, &str>> {
    let mut names = HashMap::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(section) = payload?
            && let KnownCustom::Name(parts) = section.as_known()
        {
            for part in parts {
                if let Name::Function(functions) = part? {
                    for function in functions {
                        let Naming { index, name } = function?;
                        names.insert(index, name);
                    }
                }
            }
        }
    }
    Ok(names)
}

/// The names of the functions that have a body here, in order.
///
/// # Errors
/// As for [`function_names`].
pub(crate) fn defined_functions(module: &[u8]) -> Result<Vec<String>> {
    let mut names = function_names(module)?;
    let (mut n_imported, mut n_defined) = (0, 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    n_imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(functions) => n_defined = functions.count(),
            _ => {}
        }
    }
    Ok((n_imported..n_imported + n_defined)
        .map(|index| names.remove(&index).unwrap_or_default())
        .collect())
}

/// The splitter names what it adds after the function it leads to, with a word after a blank.
pub(crate) fn plain(name: &str) -> String {
    let (mangled, word) = name.split_once(' ').unwrap_or((name, ""));
    format!("{:#} {word}", rustc_demangle::demangle(mangled))
        .trim_end()
        .to_owned()
}

/// The module without its custom sections, names and notes of the linker, but with the one named `kept`.
///
/// # Errors
/// It is no module.
pub(crate) fn strip(module: &[u8], kept: &str) -> Result<Vec<u8>> {
    let mut written = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if !matches!(&payload, Payload::CustomSection(section) if section.name() != kept)
            && let Some((id, range)) = payload.as_section()
        {
            written.section(&RawSection {
                id,
                data: &module[usize::try_from(range.start)?..usize::try_from(range.end)?],
            });
        }
    }
    Ok(written.finish())
}
