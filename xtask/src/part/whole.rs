//! What has to be known of a module before it is parted.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef};

use super::index_of;

/// What is read of a module.
pub(super) struct Whole<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) n_types: u32,
    /// Of each type, how many parameters.
    pub(super) n_parameters: Vec<u32>,
    pub(super) n_imported: u32,
    /// The type of each function, the imported ones first.
    pub(super) types: Vec<u32>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) n_tables: u32,
    pub(super) tables: Vec<wasmparser::TableType>,
    pub(super) globals: Vec<wasmparser::GlobalType>,
    pub(super) memory: Option<wasmparser::MemoryType>,
    pub(super) has_tables: bool,
    /// Functions that a table, an export or the start names.
    pub(super) named: BTreeSet<u32>,
}

impl<'a> Whole<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut whole = Self {
            bytes,
            n_types: 0,
            n_parameters: Vec::new(),
            n_imported: 0,
            types: Vec::new(),
            bodies: Vec::new(),
            n_tables: 0,
            tables: Vec::new(),
            globals: Vec::new(),
            memory: None,
            has_tables: false,
            named: BTreeSet::new(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            whole.take(payload?)?;
        }
        whole.n_tables = index_of(whole.tables.len())?;
        Ok(whole)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for kind in group?.into_types() {
                        let wasmparser::CompositeInnerType::Func(function) = &kind.composite_type.inner
                        else {
                            bail!("a type that is no function's");
                        };
                        self.n_parameters.push(index_of(function.params().len())?);
                        self.n_types += 1;
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    match import?.ty {
                        TypeRef::Func(kind) => {
                            self.types.push(kind);
                            self.n_imported += 1;
                        }
                        TypeRef::Table(table) => self.tables.push(table),
                        TypeRef::Memory(memory) => self.memory = Some(memory),
                        TypeRef::Global(global) => self.globals.push(global),
                        other => bail!("an import of another kind: {other:?}"),
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for kind in section {
                    self.types.push(kind?);
                }
            }
            Payload::TableSection(section) => {
                self.has_tables = true;
                for table in section {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memory = Some(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == wasmparser::ExternalKind::Func {
                        self.named.insert(export.index);
                    }
                }
            }
            Payload::StartSection { func, .. } => {
                self.named.insert(func);
            }
            Payload::ElementSection(section) => {
                for element in section {
                    self.take_element(element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            _ => {}
        }
        Ok(())
    }

    fn take_element(&mut self, element: wasmparser::Element<'a>) -> Result<()> {
        match element.items {
            wasmparser::ElementItems::Functions(functions) => {
                for function in functions {
                    self.named.insert(function?);
                }
            }
            wasmparser::ElementItems::Expressions(_, expressions) => {
                for expression in expressions {
                    for operator in expression?.get_operators_reader() {
                        if let Operator::RefFunc { function_index } = operator? {
                            self.named.insert(function_index);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn body(&self, index: u32) -> Result<&FunctionBody<'a>> {
        let at = index
            .checked_sub(self.n_imported)
            .context("a body of an import")?;
        self.bodies.get(at as usize).context("a function without a body")
    }

    pub(super) fn type_of(&self, index: u32) -> Result<u32> {
        self.types
            .get(index as usize)
            .copied()
            .context("a function without a type")
    }
}

/// Whether a function may live in another module than its data and elements.
pub(super) fn is_movable(body: &FunctionBody<'_>) -> Result<bool> {
    for operator in body.get_operators_reader()? {
        let stays = matches!(
            operator?,
            Operator::RefFunc { .. }
                | Operator::ReturnCall { .. }
                | Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. }
        );
        if stays {
            return Ok(false);
        }
    }
    Ok(true)
}
