//! Which functions a page runs to come to life: noted by modules that count, kept in `late-functions.txt`.
//!
//! `cargo xtask profile` writes that file from a run in a browser. A function that it does not know, because it is newer,
//! counts as early: the file may be old, pages only get heavier by it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    ImportSection, Instruction, Module, RawSection, ValType,
};
use wasmparser::{FunctionBody, Parser, Payload, TypeRef};

use crate::workspace::root;

/// The exports that hold a bit for each function, 1 once it ran; after it stand the module's name and the export's number.
const NOTES: &str = "notes:";

/// Notes in one export: bits of an `i32`. A memory would hold all, but a browser reserves gigabytes of addresses for each.
const NOTES_EACH: usize = 32;

/// The module with a note at the start of each function.
///
/// # Errors
/// It is no module.
pub(crate) fn note_calls(module: &[u8], name: &str) -> Result<Vec<u8>> {
    let mut written = Module::new();
    let mut code = CodeSection::new();
    let mut n_bodies: usize = 0;
    let mut n_globals = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    n_globals += u32::from(matches!(import?.ty, TypeRef::Global(_)));
                }
                let mut imports = ImportSection::new();
                RoundtripReencoder.parse_import_section(&mut imports, section)?;
                written.section(&imports);
            }
            Payload::FunctionSection(section) => {
                n_bodies = section.count() as usize;
                let mut functions = FunctionSection::new();
                RoundtripReencoder.parse_function_section(&mut functions, section)?;
                written.section(&functions);
            }
            Payload::GlobalSection(section) => {
                n_globals += section.count();
                let mut globals = GlobalSection::new();
                RoundtripReencoder.parse_global_section(&mut globals, section)?;
                written.section(add_notes(&mut globals, n_bodies));
            }
            Payload::ExportSection(section) => {
                // Modules that own no global have none before their exports.
                if !has_globals(module)? {
                    written.section(add_notes(&mut GlobalSection::new(), n_bodies));
                }
                let mut exports = ExportSection::new();
                RoundtripReencoder.parse_export_section(&mut exports, section)?;
                for number in 0..u32::try_from(n_bodies.div_ceil(NOTES_EACH))? {
                    let own = format!("{NOTES}{name}:{number}");
                    exports.export(&own, ExportKind::Global, n_globals + number);
                }
                written.section(&exports);
            }
            Payload::CodeSectionEntry(body) => {
                let at = code.len() as usize;
                let global = n_globals + u32::try_from(at / NOTES_EACH)?;
                code.function(&noting(&body, global, at % NOTES_EACH)?);
                if code.len() as usize == n_bodies {
                    written.section(&code);
                }
            }
            Payload::CodeSectionStart { .. } | Payload::CustomSection(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    let data = &module[usize::try_from(range.start)?..usize::try_from(range.end)?];
                    written.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok(written.finish())
}

fn has_globals(module: &[u8]) -> Result<bool> {
    for payload in Parser::new(0).parse_all(module) {
        if matches!(payload?, Payload::GlobalSection(_)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn add_notes(globals: &mut GlobalSection, n_bodies: usize) -> &GlobalSection {
    for _ in 0..n_bodies.div_ceil(NOTES_EACH) {
        let kind = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(kind, &ConstExpr::i32_const(0));
    }
    globals
}

fn noting(body: &FunctionBody<'_>, global: u32, bit: usize) -> Result<Function> {
    let mut function = RoundtripReencoder.new_function_with_parsed_locals(body)?;
    function.instruction(&Instruction::GlobalGet(global));
    function.instruction(&Instruction::I32Const(1 << bit));
    function.instruction(&Instruction::I32Or);
    function.instruction(&Instruction::GlobalSet(global));
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        function.instruction(&RoundtripReencoder.instruction(operators.read()?)?);
    }
    Ok(function)
}

/// Maps compare keys when their hashes happen to be alike, and so do lists that are drawn by key; which differs from run to
/// run: what did not run once may run the next time.
fn runs_by_chance(name: &str) -> bool {
    let is_map = ["hashbrown::", "indexmap::"]
        .iter()
        .any(|library| name.contains(library));
    let compares = name.contains("{closure") && ["find", "equivalent"].iter().any(|word| name.contains(word));
    // The keys of lists: several values, of which the first tells nearly all apart.
    let is_key = name.starts_with("<(") && name.ends_with(" as core::cmp::PartialEq>::eq");
    (is_map && compares) || is_key
}

/// The functions that no page ran before its rest was here.
pub(crate) struct Late(BTreeSet<u32>);

impl Late {
    /// As the file has them.
    ///
    /// # Errors
    /// The file is missing or damaged.
    pub(crate) fn read() -> Result<Self> {
        let path = path();
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let marks = text.split_whitespace().map(|word| {
            u32::from_str_radix(word, 36).with_context(|| format!("{word} in {} is no mark", path.display()))
        });
        Ok(Self(marks.collect::<Result<_>>()?))
    }

    /// Those that are known and never ran.
    pub(crate) fn new<'a>(known: impl Iterator<Item = &'a str>, ran: impl Iterator<Item = &'a str>) -> Self {
        let ran: BTreeSet<u32> = ran.map(mark).collect();
        Self(known.map(mark).filter(|known| !ran.contains(known)).collect())
    }

    pub(crate) fn includes(&self, name: &str) -> bool {
        self.0.contains(&mark(name)) && !runs_by_chance(name)
    }

    /// Writes the file: marks in order, so that two runs can be compared.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self) -> Result<()> {
        let mut text = String::new();
        for (at, mark) in self.0.iter().enumerate() {
            text.push_str(&in_base_36(*mark));
            text.push(if at % 16 == 15 { '\n' } else { ' ' });
        }
        fs::write(path(), text).context("cannot write the late functions")
    }
}

/// Where the late functions are kept.
pub(crate) fn path() -> PathBuf {
    root().join("xtask/late-functions.txt")
}

/// Bits of a mark: two of 20,000 functions share one in a thousand cases, which moves a function and breaks nothing.
const MARK_BITS: u32 = 26;

/// A name's mark. Its closures' numbers do not count: they change with each closure that is added before.
fn mark(name: &str) -> u32 {
    let digest = Sha256::digest(without_numbers(name));
    let word = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    word >> (u32::BITS - MARK_BITS)
}

fn without_numbers(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once("{closure#") {
        plain.push_str(before);
        plain.push_str("{closure");
        rest = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
    plain + rest
}

fn in_base_36(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(number % 36, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{MemoryType, TypeSection};
    use wasmparser::Validator;

    use super::*;

    #[test]
    fn a_noting_module_is_valid_and_exports_its_notes() {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        module.section(&types);
        let memory = MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        module.section(ImportSection::new().import("main", "memory", memory));
        module.section(FunctionSection::new().function(0));
        let kind = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        module.section(GlobalSection::new().global(kind, &ConstExpr::i32_const(0)));
        module.section(ExportSection::new().export("start", ExportKind::Func, 0));
        let mut body = Function::new([]);
        body.instruction(&Instruction::End);
        module.section(CodeSection::new().function(&body));

        let noting = note_calls(&module.finish(), "home").expect("a module");

        Validator::new().validate_all(&noting).expect("valid");
        let exports: Vec<String> = Parser::new(0)
            .parse_all(&noting)
            .filter_map(|payload| match payload.expect("a module") {
                Payload::ExportSection(section) => Some(section),
                _ => None,
            })
            .flatten()
            .map(|export| export.expect("an export").name.to_owned())
            .collect();
        assert_eq!(exports, ["start", "notes:home:0"]);
    }

    #[test]
    fn late_is_what_is_known_and_never_ran() {
        let late = Late::new(["a", "b", "c"].into_iter(), ["b"].into_iter());

        let includes = |name| late.includes(name);
        assert_eq!(["a", "b", "c", "new"].map(includes), [true, false, true, false]);
    }

    #[test]
    fn what_compares_keys_is_never_late() {
        let compares = "<hashbrown::raw::RawTable<u8>>::find::<map::insert::{closure#0}>::{closure#0}";
        let drops = "<hashbrown::raw::RawTable<u8>>::drop_elements";
        let equals = "<(app::api::ids::AccountId, bool) as core::cmp::PartialEq>::eq";
        let late = Late::new([compares, drops, equals].into_iter(), [].into_iter());

        assert!(!late.includes(compares));
        assert!(!late.includes(equals));
        assert!(late.includes(drops));
    }

    #[test]
    fn a_closure_keeps_its_mark_when_another_is_added_before() {
        assert_eq!(mark("page::{closure#3}::<u8>"), mark("page::{closure#12}::<u8>"));
        assert_ne!(mark("page::{closure#3}::<u8>"), mark("row::{closure#3}::<u8>"));
    }

    #[test]
    fn marks_are_written_as_they_are_read() {
        for number in [0, 35, 36, (1 << MARK_BITS) - 1] {
            assert_eq!(u32::from_str_radix(&in_base_36(number), 36), Ok(number));
        }
    }
}
