//! Takes code out of the front end that no page of Pli can reach, but that the compiler cannot know to be dead, because
//! something keeps a pointer to it. Each such function is made to trap, and forgets what it referred to: what only it
//! used goes when the module is split. A journey that reached one would fail on the trap.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::names::plain;
use anyhow::{Context, Result, ensure};
use wasm_encoder::{CustomSection, Encode, RawSection};
use wasmparser::{BinaryReader, CustomSectionReader, KnownCustom, Name, Parser, Payload, RelocSectionReader};

/// A function that every erased view keeps a pointer to. It hydrates lazily; Pli takes a page over in one go
/// (`app::root::hydrate`).
const LAZY_HYDRATION: &str = "hydrate_async";

/// What the function is nested in when it is the future that it makes. What is nested deeper is not taken out: the compiler
/// may have made it one with the same helper of `hydrate`.
const FUTURE: &str = "::{closure#0}";

/// The least body that is taken out, in bytes. The compiler makes one of two functions with the same body, under either
/// name: a small one may be somebody else's as well.
const MIN_BYTES: usize = 100;

/// `unreachable`, `nop` and `end`, as the specification numbers them.
const TRAP: u8 = 0x00;
const NOTHING: u8 = 0x01;
const END: u8 = 0x0b;

/// The module with those functions made to trap. Sizes and places stay, because the linker's notes refer to them.
///
/// # Errors
/// It is no module that the linker wrote with names and relocations, or holds no such function: then this file is stale.
pub(crate) fn prune(module: &[u8]) -> Result<Vec<u8>> {
    let read = read(module)?;
    let dead: Vec<&Range<usize>> = read
        .bodies
        .iter()
        .enumerate()
        .filter(|(index, body)| {
            body.len() >= MIN_BYTES
                && u32::try_from(read.n_imported + index)
                    .ok()
                    .and_then(|index| read.names.get(&index))
                    .is_some_and(|name| is_unreachable(&plain(name)))
        })
        .map(|(_, body)| body)
        .collect();
    ensure!(
        !dead.is_empty(),
        "no function to take out: `prune.rs` has lost its purpose"
    );

    let mut bytes = module.to_vec();
    for body in &dead {
        // A body starts with its count of locals.
        let code = &mut bytes[(*body).clone()];
        ensure!(code.len() >= 3, "a function too short to trap");
        code.fill(NOTHING);
        code[0] = 0;
        code[1] = TRAP;
        code[code.len() - 1] = END;
    }
    let is_alive = |place: usize| {
        let next = dead.partition_point(|body| body.end <= place);
        !dead.get(next).is_some_and(|body| body.contains(&place))
    };
    without_relocations(&bytes, &read, is_alive)
}

/// Whether a function, named as people write it, is the lazy hydration of some view, or the future of one.
fn is_unreachable(name: &str) -> bool {
    let name = name.strip_suffix(FUTURE).unwrap_or(name);
    let name = name.strip_suffix('>').map_or(name, before_generics);
    name.rsplit("::").next() == Some(LAZY_HYDRATION)
}

/// The name without the generics at its end, whose last bracket is gone already.
fn before_generics(name: &str) -> &str {
    let mut depth = 1;
    for (at, letter) in name.char_indices().rev() {
        match letter {
            // The arrow of a function's type is no bracket.
            '>' if !name[..at].ends_with(['-', '=']) => depth += 1,
            '<' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return name[..at].trim_end_matches("::");
        }
    }
    name
}

/// What is needed of a module; all ranges are in its bytes.
struct Read<'a> {
    n_imported: usize,
    bodies: Vec<Range<usize>>,
    names: HashMap<u32, &'a str>,
    code_start: usize,
}

fn read(module: &[u8]) -> Result<Read<'_>> {
    let mut read = Read {
        n_imported: 0,
        bodies: Vec::new(),
        names: HashMap::new(),
        code_start: 0,
    };
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let is_function = matches!(import?.ty, wasmparser::TypeRef::Func(_));
                    read.n_imported += usize::from(is_function);
                }
            }
            Payload::CodeSectionStart { range, .. } => read.code_start = place(range.start)?,
            Payload::CodeSectionEntry(body) => read.bodies.push(places(&body.range())?),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    for name in names {
                        if let Name::Function(functions) = name? {
                            for function in functions {
                                let function = function?;
                                read.names.insert(function.index, function.name);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    ensure!(!read.names.is_empty(), "the module has no names: is it stripped?");
    Ok(read)
}

fn place(offset: u64) -> Result<usize> {
    usize::try_from(offset).context("a module larger than this machine's memory")
}

fn places(range: &Range<u64>) -> Result<Range<usize>> {
    Ok(place(range.start)?..place(range.end)?)
}

/// Writes the module anew, with only those relocations of its code whose place is still alive.
fn without_relocations(module: &[u8], read: &Read<'_>, is_alive: impl Fn(usize) -> bool) -> Result<Vec<u8>> {
    let mut written = wasm_encoder::Module::new();
    let mut was_found = false;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && section.name() == "reloc.CODE"
        {
            was_found = true;
            let data = kept_relocations(section, read.code_start, &is_alive)?;
            written.section(&CustomSection {
                name: Cow::Borrowed("reloc.CODE"),
                data: Cow::Owned(data),
            });
        } else if let Some((id, range)) = payload.as_section() {
            written.section(&RawSection {
                id,
                data: &module[places(&range)?],
            });
        }
    }
    ensure!(
        was_found,
        "the module has no relocations: was it linked with --emit-relocs?"
    );
    Ok(written.finish())
}

fn kept_relocations(
    section: &CustomSectionReader<'_>,
    code_start: usize,
    is_alive: impl Fn(usize) -> bool,
) -> Result<Vec<u8>> {
    let reader = RelocSectionReader::new(BinaryReader::new(section.data(), section.data_offset()))
        .context("unreadable relocations")?;
    let target = reader.section_index();
    let mut kept = Vec::new();
    let mut n_kept: u32 = 0;
    for entry in reader.entries() {
        let entry = entry?;
        if !is_alive(code_start + entry.offset as usize) {
            continue;
        }
        n_kept += 1;
        kept.push(entry.ty as u8);
        entry.offset.encode(&mut kept);
        entry.index.encode(&mut kept);
        if entry.ty.addend_kind() != wasmparser::RelocAddendKind::None {
            entry.addend.encode(&mut kept);
        }
    }
    let mut data = Vec::new();
    target.encode(&mut data);
    n_kept.encode(&mut data);
    data.extend_from_slice(&kept);
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::is_unreachable;

    #[test]
    fn lazy_hydration_goes_and_what_it_shares_with_hydration_stays() {
        let cases = [
            ("<_ as View>::into_any::hydrate_async::<Row>", true),
            (
                "<_ as View>::into_any::hydrate_async::<Row<fn(u32) -> Cell<u8>>>",
                true,
            ),
            ("<_ as View>::into_any::hydrate_async::<Row>::{closure#0}", true),
            ("<Row as View>::hydrate_async", true),
            ("<Row as View>::hydrate_async::{closure#0}", true),
            ("<Row as View>::hydrate_async::{closure#0}::inner_1", false),
            ("<Row as View>::hydrate_async::{closure#0}::{closure#1}", false),
            ("<Row as View>::hydrate::inner_1", false),
            (
                "core::ptr::drop_in_place::<<Row as View>::hydrate_async::{closure#0}>",
                false,
            ),
        ];

        for (name, is_dead) in cases {
            assert_eq!(is_unreachable(name), is_dead, "{name}");
        }
    }
}
