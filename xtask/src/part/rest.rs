//! Writes the rest.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, Function, FunctionSection,
    ImportSection, Instruction, Module, TypeSection,
};
use wasmparser::{DataKind, FunctionBody, Operator, Parser, Payload};

use super::data::address_of;
use super::plan::Plan;
use super::{FIRST_MODULE, LINKS, Misplaced, Reencoded};

/// The rest: takes its memory, tables and globals from the first part, and fills its places in the shared table.
pub(super) fn write(plan: &Plan<'_>) -> Result<Vec<u8>> {
    let whole = plan.whole;
    let mut rest = Rest {
        numbers: plan.late.iter().copied().zip(0..).collect(),
        tables: plan.used.tables.iter().copied().zip(1..).collect(),
        globals: plan.used.globals.iter().copied().zip(0..).collect(),
    };
    let mut types = TypeSection::new();
    let mut imports = ImportSection::new();
    imports.import(FIRST_MODULE, LINKS, EntityType::Table(plan.links()?));
    for &table in &plan.used.tables {
        let kind = whole.tables.get(table as usize).context("an unknown table")?;
        imports.import(
            FIRST_MODULE,
            &format!("t{table}"),
            EntityType::Table(rest.table_type(*kind)?),
        );
    }
    for &global in &plan.used.globals {
        let kind = whole.globals.get(global as usize).context("an unknown global")?;
        imports.import(
            FIRST_MODULE,
            &format!("g{global}"),
            EntityType::Global(rest.global_type(*kind)?),
        );
    }
    if let Some(memory) = whole.memory {
        imports.import(FIRST_MODULE, "m", EntityType::Memory(rest.memory_type(memory)?));
    }
    for payload in Parser::new(0).parse_all(whole.bytes) {
        if let Payload::TypeSection(section) = payload? {
            rest.parse_type_section(&mut types, section)?;
        }
    }
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for &index in &plan.late {
        functions.function(whole.type_of(index)?);
        code.function(&rest.body(whole.body(index)?, plan)?);
    }
    let mut elements = ElementSection::new();
    let numbers = plan
        .steps
        .iter()
        .map(|(index, _)| rest.numbers.get(index).copied().context("a step to nowhere"))
        .collect::<Result<Vec<u32>>>()?;
    let place = ConstExpr::i32_const(i32::try_from(plan.first_step()?)?);
    elements.active(Some(0), &place, Elements::Functions(numbers.into()));
    for run in plan.placed.chunk_by(|before, after| after.0 == before.0 + 1) {
        let numbers = run
            .iter()
            .map(|(_, index)| known(&rest.numbers, *index))
            .collect::<Reencoded<Vec<u32>>>()?;
        let place = ConstExpr::i32_const(i32::try_from(run[0].0)?);
        elements.active(
            Some(rest.table_index(0)?),
            &place,
            Elements::Functions(numbers.into()),
        );
    }

    let mut module = Module::new();
    module.section(&types);
    module.section(&imports);
    module.section(&functions);
    module.section(&elements);
    module.section(&code);
    let data = late_data(plan)?;
    if !data.is_empty() {
        module.section(&data);
    }
    Ok(module.finish())
}

fn late_data(plan: &Plan<'_>) -> Result<DataSection> {
    let mut data = DataSection::new();
    for payload in Parser::new(0).parse_all(plan.whole.bytes) {
        if let Payload::DataSection(section) = payload? {
            for segment in section {
                let segment = segment?;
                let DataKind::Active { .. } = &segment.kind else {
                    continue;
                };
                let address = address_of(&segment.kind)?;
                for part in plan.late_parts(address, segment.data.len())? {
                    let start = i32::try_from(address as usize + part.start)?;
                    data.active(0, &ConstExpr::i32_const(start), segment.data[part].to_vec());
                }
            }
        }
    }
    Ok(data)
}

/// The writer of the rest; the shared table is its table 0.
struct Rest {
    numbers: BTreeMap<u32, u32>,
    tables: BTreeMap<u32, u32>,
    globals: BTreeMap<u32, u32>,
}

impl Reencode for Rest {
    type Error = Misplaced;

    fn function_index(&mut self, index: u32) -> Reencoded<u32> {
        known(&self.numbers, index)
    }

    fn table_index(&mut self, index: u32) -> Reencoded<u32> {
        known(&self.tables, index)
    }

    fn global_index(&mut self, index: u32) -> Reencoded<u32> {
        known(&self.globals, index)
    }
}

fn known(numbers: &BTreeMap<u32, u32>, index: u32) -> Reencoded<u32> {
    let number = numbers.get(&index).copied();
    number.ok_or(Error::UserError(Misplaced(index)))
}

impl Rest {
    /// A late function: what it calls of the first part it calls through the shared table.
    fn body(&mut self, body: &FunctionBody<'_>, plan: &Plan<'_>) -> Result<Function> {
        let mut written = self.new_function_with_parsed_locals(body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            if let Operator::Call { function_index } = operator
                && let Some(&place) = plan.called_early.get(&function_index)
            {
                written.instruction(&Instruction::I32Const(i32::try_from(place)?));
                written.instruction(&Instruction::CallIndirect {
                    type_index: plan.whole.type_of(function_index)?,
                    table_index: 0,
                });
            } else {
                written.instruction(&self.instruction(operator)?);
            }
        }
        Ok(written)
    }
}
