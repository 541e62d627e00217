//! Writes the first part.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, ImportSection, Instruction, Module, TableSection, TypeSection, ValType,
};
use wasmparser::{DataKind, DataSectionReader, Parser, Payload};

use super::data::address_of;
use super::plan::Plan;
use super::{BRING, LINKS, Misplaced, PLACES, REST_MODULE, Reencoded, index_of};

/// The first part. One function is imported in addition, after those there were, and one is added at the end: all
/// others move up. The steps stand together after the functions that stay.
pub(super) fn write(plan: &Plan<'_>) -> Result<Vec<u8>> {
    let whole = plan.whole;
    let mut kept = Vec::new();
    let mut numbers = BTreeMap::new();
    for index in 0..index_of(whole.types.len())? {
        if index < whole.n_imported {
            numbers.insert(index, index);
        } else if !plan.late.contains(&index) {
            kept.push(index);
        }
    }
    let n_kept = kept.len();
    kept.extend(plan.steps.iter().map(|(index, _)| index));
    for (at, &index) in kept.iter().enumerate() {
        numbers.insert(index, whole.n_imported + 1 + index_of(at)?);
    }
    let is_here = whole.n_imported + 1 + index_of(kept.len())?;
    // Only the table refers to these: something must stand there until the script puts its step.
    numbers.extend(plan.placed.iter().map(|(_, index)| (*index, is_here)));
    let mut first = First {
        plan,
        numbers,
        is_here,
        kept,
        n_kept,
        are_links_filled: false,
    };
    first.write()
}

/// The writer of the first part.
struct First<'a> {
    plan: &'a Plan<'a>,
    /// The new number of each function that stays or leaves a step.
    numbers: BTreeMap<u32, u32>,
    /// The number of the function that asks whether the rest is here.
    is_here: u32,
    /// The functions with a body, in order: those that stay, then those that leave a step.
    kept: Vec<u32>,
    n_kept: usize,
    are_links_filled: bool,
}

impl Reencode for First<'_> {
    type Error = Misplaced;

    fn function_index(&mut self, index: u32) -> Reencoded<u32> {
        let number = self.numbers.get(&index).copied();
        number.ok_or(Error::UserError(Misplaced(index)))
    }
}

impl First<'_> {
    fn write(&mut self) -> Result<Vec<u8>> {
        let plan = self.plan;
        let whole = plan.whole;
        let (bring_type, is_here_type) = (whole.n_types, whole.n_types + 1);
        let mut has_imports = false;
        let mut module = Module::new();
        for payload in Parser::new(0).parse_all(whole.bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    let mut types = TypeSection::new();
                    self.parse_type_section(&mut types, section)?;
                    types.ty().function([], []);
                    types.ty().function([ValType::I32], [ValType::I32]);
                    module.section(&types);
                }
                Payload::ImportSection(section) => {
                    let mut imports = ImportSection::new();
                    self.parse_import_section(&mut imports, section)?;
                    has_imports = true;
                    imports.import(REST_MODULE, BRING, EntityType::Function(bring_type));
                    module.section(&imports);
                }
                Payload::FunctionSection(_) => {
                    ensure!(has_imports, "a module that takes nothing from the main one");
                    let mut functions = FunctionSection::new();
                    for &index in &self.kept {
                        functions.function(whole.type_of(index)?);
                    }
                    functions.function(is_here_type);
                    module.section(&functions);
                    if !whole.has_tables {
                        module.section(TableSection::new().table(plan.links()?));
                    }
                }
                Payload::TableSection(section) => {
                    let mut tables = TableSection::new();
                    self.parse_table_section(&mut tables, section)?;
                    tables.table(plan.links()?);
                    module.section(&tables);
                }
                Payload::ExportSection(section) => {
                    let mut exports = ExportSection::new();
                    self.parse_export_section(&mut exports, section)?;
                    self.export_shared(&mut exports);
                    module.section(&exports);
                }
                Payload::ElementSection(section) => {
                    let mut elements = ElementSection::new();
                    self.parse_element_section(&mut elements, section)?;
                    self.fill_links(&mut elements)?;
                    module.section(&elements);
                }
                Payload::CodeSectionStart { .. } => {
                    self.fill_links_alone(&mut module)?;
                    module.section(&self.code()?);
                }
                Payload::MemorySection(section) => {
                    let mut memories = wasm_encoder::MemorySection::new();
                    self.parse_memory_section(&mut memories, section)?;
                    module.section(&memories);
                }
                Payload::GlobalSection(section) => {
                    let mut globals = wasm_encoder::GlobalSection::new();
                    self.parse_global_section(&mut globals, section)?;
                    module.section(&globals);
                }
                Payload::StartSection { func, .. } => {
                    let function_index = self.function_index(func)?;
                    module.section(&wasm_encoder::StartSection { function_index });
                }
                Payload::DataCountSection { count, .. } => {
                    self.fill_links_alone(&mut module)?;
                    module.section(&wasm_encoder::DataCountSection { count });
                }
                Payload::DataSection(section) => {
                    module.section(&self.data(section)?);
                }
                Payload::Version { .. }
                | Payload::End(_)
                | Payload::CodeSectionEntry(_)
                | Payload::CustomSection(_) => {}
                other => bail!("a section of another kind: {other:?}"),
            }
        }
        if !plan.placed.is_empty() {
            module.section(&wasm_encoder::CustomSection {
                name: PLACES.into(),
                data: plan.places()?.into(),
            });
        }
        Ok(module.finish())
    }

    fn export_shared(&self, exports: &mut ExportSection) {
        let plan = self.plan;
        exports.export(LINKS, ExportKind::Table, plan.whole.n_tables);
        for &table in &plan.used.tables {
            exports.export(&format!("t{table}"), ExportKind::Table, table);
        }
        for &global in &plan.used.globals {
            exports.export(&format!("g{global}"), ExportKind::Global, global);
        }
        if plan.whole.memory.is_some() {
            exports.export("m", ExportKind::Memory, 0);
        }
    }

    fn fill_links(&mut self, elements: &mut ElementSection) -> Result<()> {
        let mut numbers = Vec::new();
        for &index in self.plan.called_early.keys() {
            numbers.push(self.function_index(index)?);
        }
        let table = Some(self.plan.whole.n_tables);
        elements.active(
            table,
            &ConstExpr::i32_const(0),
            Elements::Functions(numbers.into()),
        );
        self.are_links_filled = true;
        Ok(())
    }

    /// The same in a module that fills no table of its own.
    fn fill_links_alone(&mut self, module: &mut Module) -> Result<()> {
        if !self.are_links_filled {
            let mut elements = ElementSection::new();
            self.fill_links(&mut elements)?;
            module.section(&elements);
        }
        Ok(())
    }

    fn code(&mut self) -> Result<CodeSection> {
        let plan = self.plan;
        let mut code = CodeSection::new();
        let kept = self.kept.clone();
        for &index in &kept[..self.n_kept] {
            self.parse_function_body(&mut code, plan.whole.body(index)?.clone())?;
        }
        for &(index, place) in &plan.steps {
            code.function(&self.step(index, place)?);
        }
        code.function(&self.asks());
        Ok(code)
    }

    /// Late data leaves nothing, so that it weighs nothing: the rest puts it there.
    fn data(&mut self, section: DataSectionReader<'_>) -> Result<DataSection> {
        let mut data = DataSection::new();
        for segment in section {
            let segment = segment?;
            let DataKind::Active { offset_expr, .. } = &segment.kind else {
                self.parse_data(&mut data, segment)?;
                continue;
            };
            let mut bytes = segment.data.to_vec();
            for part in self.plan.late_parts(address_of(&segment.kind)?, bytes.len())? {
                bytes[part].fill(0);
            }
            data.active(0, &self.const_expr(offset_expr.clone())?, bytes);
        }
        Ok(data)
    }

    /// What stands where a late function was: its arguments, its place, the call.
    fn step(&self, index: u32, place: u32) -> Result<Function> {
        let kind = self.plan.whole.type_of(index)?;
        let mut step = Function::new([]);
        for parameter in 0..self.plan.whole.kind_of(index)?.n_parameters {
            step.instruction(&Instruction::LocalGet(parameter));
        }
        step.instruction(&Instruction::I32Const(i32::try_from(place)?));
        step.instruction(&Instruction::Call(self.is_here));
        step.instruction(&Instruction::CallIndirect {
            type_index: kind,
            table_index: self.plan.whole.n_tables,
        });
        step.instruction(&Instruction::End);
        Ok(step)
    }

    /// Gives a place of the shared table back, once it is filled.
    fn asks(&self) -> Function {
        let mut asks = Function::new([]);
        for instruction in [
            Instruction::LocalGet(0),
            Instruction::TableGet(self.plan.whole.n_tables),
            Instruction::RefIsNull,
            Instruction::If(wasm_encoder::BlockType::Empty),
            Instruction::Call(self.plan.whole.n_imported),
            Instruction::End,
            Instruction::LocalGet(0),
            Instruction::End,
        ] {
            asks.instruction(&instruction);
        }
        asks
    }
}
