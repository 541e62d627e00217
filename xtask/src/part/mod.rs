//! Parts a module in two: the functions that a page runs to come to life, and the rest, which comes afterwards.
//!
//! The rest is a module of its own. Each of its functions that something outside of it refers to leaves a step in the
//! first: it asks whether the rest is here, has it brought if not, and calls on through a table that both share. So the
//! parting is a matter of speed alone: which function is where changes nothing of what the program does.
//!
//! A late function that only the table of functions refers to leaves not even that: a list of such places travels, and the
//! script makes their steps (`chunks.js`). The rest puts the function itself there.

mod data;
mod first;
mod plan;
mod rest;
mod whole;

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context, Result};
use wasm_encoder::reencode::Error;

use self::plan::Plan;
use self::whole::Whole;
use crate::names::function_names;

pub(crate) use self::data::{addresses, late_data};

/// Where the first part takes from what brings the rest.
const REST_MODULE: &str = "rest";

/// The function that brings the rest.
const BRING: &str = "bring";

/// What the rest takes everything from: the first part's exports.
const FIRST_MODULE: &str = "first";

/// The custom section that names the places of the table of functions for which the script makes the steps.
pub(crate) const PLACES: &str = "late";

/// The table that both share.
const LINKS: &str = "links";

/// A module's two parts.
pub(crate) struct Parted {
    /// What a page runs to come to life, and the steps to the rest.
    pub(crate) first: Vec<u8>,
    /// The rest; none when it would not pay.
    pub(crate) rest: Option<Vec<u8>>,
}

/// Code that is moved must weigh at least this much, in bytes: a module has its own costs.
const MIN_REST_BYTES: usize = 400;

/// The functions of a module that come later, by their numbers; none when a rest would not pay. `is_late` says by its name
/// which function may.
///
/// # Errors
/// It is no module.
pub(crate) fn choose(module: &[u8], is_late: impl Fn(&str) -> bool) -> Result<BTreeSet<u32>> {
    let whole = Whole::read(module)?;
    let names = function_names(module)?;
    let mut late = BTreeSet::new();
    let mut late_bytes = 0;
    for (at, body) in whole.bodies.iter().enumerate() {
        let index = whole.n_imported + index_of(at)?;
        let size = usize::try_from(body.range().end - body.range().start)?;
        if names.get(&index).is_some_and(|name| is_late(name)) && whole::is_movable(body)? {
            late.insert(index);
            late_bytes += size;
        }
    }
    if late_bytes < MIN_REST_BYTES {
        late.clear();
    }
    Ok(late)
}

/// Parts a module: these functions, and the data at these addresses, come later. What the data are for must be at most
/// those functions and others that come no earlier.
///
/// # Errors
/// It is no module, or one that the binder and the splitter do not make.
pub(crate) fn part(module: &[u8], late: BTreeSet<u32>, late_data: &[Range<u32>]) -> Result<Parted> {
    if late.is_empty() {
        return Ok(Parted {
            first: module.to_vec(),
            rest: None,
        });
    }
    let whole = Whole::read(module)?;
    let plan = Plan::new(&whole, late, late_data)?;
    Ok(Parted {
        first: first::write(&plan)?,
        rest: Some(rest::write(&plan)?),
    })
}

/// A part refers to what is in the other.
#[derive(Debug)]
struct Misplaced(u32);

impl std::fmt::Display for Misplaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "number {} is in the other part", self.0)
    }
}

impl std::error::Error for Misplaced {}

type Reencoded<T> = Result<T, Error<Misplaced>>;

fn index_of(count: usize) -> Result<u32> {
    u32::try_from(count).context("more than a module may hold")
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, ConstExpr, DataSection, ElementSection, Elements, Encode, ExportKind, ExportSection,
        Function, FunctionSection, ImportSection, Instruction, MemoryType, Module, NameMap, NameSection,
        RefType, SectionId, TableSection, TableType, TypeSection, ValType,
    };
    use wasmparser::{Parser, Payload, Validator};

    use super::{PLACES, Parted, choose};

    fn part(module: &[u8], is_late: impl Fn(&str) -> bool) -> anyhow::Result<Parted> {
        super::part(module, choose(module, is_late)?, &[])
    }

    /// Three functions of a number: `start` is exported and calls `late`, `late` calls `helper` and is in a table.
    fn module() -> Vec<u8> {
        module_where_start_calls(1)
    }

    fn module_where_start_calls(callee: u32) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [ValType::I32]);
        module.section(&types);
        let memory = MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        module.section(ImportSection::new().import("main", "memory", memory));
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for callee in [Some(callee), Some(2), None] {
            functions.function(0);
            let mut body = Function::new([]);
            body.instruction(&Instruction::LocalGet(0));
            // Long enough to be worth a module.
            for _ in 0..200 {
                body.instruction(&Instruction::I32Const(7));
                body.instruction(&Instruction::I32Add);
            }
            if let Some(callee) = callee {
                body.instruction(&Instruction::Call(callee));
            }
            body.instruction(&Instruction::End);
            code.function(&body);
        }
        module.section(&functions);
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 1,
            maximum: None,
            shared: false,
        });
        module.section(&tables);
        let mut exports = ExportSection::new();
        exports.export("start", ExportKind::Func, 0);
        module.section(&exports);
        let mut elements = ElementSection::new();
        elements.active(
            None,
            &ConstExpr::i32_const(0),
            Elements::Functions(vec![1].into()),
        );
        module.section(&elements);
        module.section(&code);
        let mut names = NameMap::new();
        for (index, name) in ["start", "late", "helper"].into_iter().enumerate() {
            names.append(u32::try_from(index).expect("three"), name);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        module.section(&section);
        module.finish()
    }

    /// The same with a segment of data at address 1000.
    fn module_with_data(bytes: &[u8]) -> Vec<u8> {
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(1000), bytes.iter().copied());
        let mut section = Vec::new();
        data.encode(&mut section);
        let mut whole = module();
        // After the code, which the names follow: sections stand in an order of their own.
        let names = whole
            .windows(5)
            .rposition(|bytes| bytes == b"\x04name")
            .expect("names");
        let start = whole[..names]
            .iter()
            .rposition(|byte| *byte == 0)
            .expect("a section");
        let tail = whole.split_off(start);
        whole.push(SectionId::Data as u8);
        whole.extend_from_slice(&section);
        whole.extend_from_slice(&tail);
        whole
    }

    fn bodies(module: &[u8]) -> Vec<usize> {
        Parser::new(0)
            .parse_all(module)
            .filter_map(|payload| match payload.expect("a module") {
                Payload::CodeSectionEntry(body) => Some(body.as_bytes().len()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_late_function_leaves_a_step_and_both_parts_are_valid() {
        let parted = part(&module(), |name| name == "late").expect("two parts");
        let rest = parted.rest.expect("a rest");

        Validator::new().validate_all(&parted.first).expect("valid");
        Validator::new().validate_all(&rest).expect("valid");
        let whole = bodies(&module());
        // The step in place of `late`, and the function that asks whether it is here.
        assert_eq!(bodies(&parted.first).len(), 4);
        assert!(bodies(&parted.first)[2] < 20);
        // Its call of `helper` goes through the table: a place and a kind instead of a number.
        assert_eq!(bodies(&rest).len(), 1);
        assert!(bodies(&rest)[0] > whole[1]);
    }

    #[test]
    fn what_only_late_functions_call_leaves_no_step() {
        let parted = part(&module(), |name| name != "start").expect("two parts");

        assert_eq!(bodies(&parted.first).len(), 3);
        assert_eq!(bodies(&parted.rest.expect("a rest")).len(), 2);
    }

    #[test]
    fn what_only_the_table_holds_leaves_its_place() {
        let parted = part(&module_where_start_calls(2), |name| name == "late").expect("two parts");

        Validator::new().validate_all(&parted.first).expect("valid");
        let rest = parted.rest.expect("a rest");
        Validator::new().validate_all(&rest).expect("valid");
        // `start`, `helper`, and the function that asks.
        assert_eq!(bodies(&parted.first).len(), 3);
        let places: Vec<_> = Parser::new(0)
            .parse_all(&parted.first)
            .filter_map(|payload| match payload.expect("a module") {
                Payload::CustomSection(section) if section.name() == PLACES => Some(section.data().to_vec()),
                _ => None,
            })
            .collect();
        // Place 0; one parameter and a result, both i32: (1, 0) to the base of 4, times 5, plus 1.
        assert_eq!(places, [[0, 21]]);
        let filled = Parser::new(0)
            .parse_all(&rest)
            .filter_map(|payload| match payload.expect("a module") {
                Payload::ElementSection(section) => Some(section.count()),
                _ => None,
            })
            .collect::<Vec<_>>();
        // The links, and that place.
        assert_eq!(filled, [2]);
    }

    #[test]
    fn late_data_is_nothing_in_the_first_part_and_stands_in_the_rest() {
        let whole = module_with_data(b"early late early");
        let late = choose(&whole, |name| name == "late").expect("functions");

        let parted = super::part(&whole, late, std::slice::from_ref(&(1006..1010))).expect("two parts");

        let data = |module: &[u8]| -> Vec<Vec<u8>> {
            let payloads = Parser::new(0).parse_all(module);
            let sections = payloads.filter_map(|payload| match payload.expect("a module") {
                Payload::DataSection(section) => Some(section),
                _ => None,
            });
            sections
                .flatten()
                .map(|segment| segment.expect("a segment").data.to_vec())
                .collect()
        };
        assert_eq!(data(&parted.first), [b"early \0\0\0\0 early"]);
        let rest = parted.rest.expect("a rest");
        assert_eq!(data(&rest), [b"late"]);
        Validator::new().validate_all(&rest).expect("valid");
    }

    #[test]
    fn a_rest_that_does_not_pay_is_none() {
        let whole = module();

        let parted = part(&whole, |_| false).expect("one part");

        assert!(parted.rest.is_none());
        assert_eq!(parted.first, whole);
    }
}
