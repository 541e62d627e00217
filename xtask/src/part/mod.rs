//! Parts a module in two: the functions that a page runs to come to life, and the rest, which comes afterwards.
//!
//! The rest is a module of its own. Each of its functions that something outside of it refers to leaves a step in the
//! first: it asks whether the rest is here, has it brought if not, and calls on through a table that both share. So the
//! parting is a matter of speed alone: which function is where changes nothing of what the program does.

mod first;
mod plan;
mod rest;
mod whole;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use wasm_encoder::reencode::Error;

use self::plan::Plan;
use self::whole::Whole;
use crate::names::function_names;

/// Where the first part takes from what brings the rest.
const REST_MODULE: &str = "rest";

/// The function that brings the rest.
const BRING: &str = "bring";

/// What the rest takes everything from: the first part's exports.
const FIRST_MODULE: &str = "first";

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

/// Parts a module; `is_late` says by its name which function may come later.
///
/// # Errors
/// It is no module, or one that the binder and the splitter do not make.
pub(crate) fn part(module: &[u8], is_late: impl Fn(&str) -> bool) -> Result<Parted> {
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
        return Ok(Parted {
            first: module.to_vec(),
            rest: None,
        });
    }
    let plan = Plan::new(&whole, late)?;
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
        CodeSection, ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function,
        FunctionSection, ImportSection, Instruction, MemoryType, Module, NameMap, NameSection, RefType,
        TableSection, TableType, TypeSection, ValType,
    };
    use wasmparser::{Parser, Payload, Validator};

    use super::part;

    /// Three functions of a number: `start` is exported and calls `late`, `late` calls `helper` and is in a table.
    fn module() -> Vec<u8> {
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
        for callee in [Some(1), Some(2), None] {
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
        // The step where `late` was, and the function that asks whether it is here.
        assert_eq!(bodies(&parted.first).len(), 4);
        assert!(bodies(&parted.first)[1] < 20);
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
    fn a_rest_that_does_not_pay_is_none() {
        let whole = module();

        let parted = part(&whole, |_| false).expect("one part");

        assert!(parted.rest.is_none());
        assert_eq!(parted.first, whole);
    }
}
