//! What has to be known of a module before it is parted.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef};

use super::index_of;

/// What is read of a module.
pub(super) struct Whole<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) n_types: u32,
    pub(super) kinds: Vec<Kind>,
    pub(super) n_imported: u32,
    /// The type of each function, the imported ones first.
    pub(super) types: Vec<u32>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) n_tables: u32,
    pub(super) tables: Vec<wasmparser::TableType>,
    pub(super) globals: Vec<wasmparser::GlobalType>,
    pub(super) memory: Option<wasmparser::MemoryType>,
    pub(super) has_tables: bool,
    /// Functions that an export or the start names, or a segment of elements whose places are not known.
    pub(super) named: BTreeSet<u32>,
    /// The places of functions in the first table, which all modules share.
    pub(super) places: Vec<(u32, u32)>,
}

impl<'a> Whole<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut whole = Self {
            bytes,
            n_types: 0,
            kinds: Vec::new(),
            n_imported: 0,
            types: Vec::new(),
            bodies: Vec::new(),
            n_tables: 0,
            tables: Vec::new(),
            globals: Vec::new(),
            memory: None,
            has_tables: false,
            named: BTreeSet::new(),
            places: Vec::new(),
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
                        self.kinds.push(Kind::of(function)?);
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
                let place = first_place(&element.kind)?;
                for (at, function) in functions.into_iter().enumerate() {
                    let function = function?;
                    match place {
                        Some(place) => self.places.push((place + index_of(at)?, function)),
                        None => drop(self.named.insert(function)),
                    }
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

    pub(super) fn kind_of(&self, index: u32) -> Result<&Kind> {
        let kind = self.kinds.get(self.type_of(index)? as usize);
        kind.context("an unknown type")
    }

    pub(super) fn type_of(&self, index: u32) -> Result<u32> {
        self.types
            .get(index as usize)
            .copied()
            .context("a function without a type")
    }
}

/// Where a segment begins in the first table, if it is known.
fn first_place(kind: &wasmparser::ElementKind<'_>) -> Result<Option<u32>> {
    let wasmparser::ElementKind::Active {
        table_index: None | Some(0),
        offset_expr,
    } = kind
    else {
        return Ok(None);
    };
    let mut operators = offset_expr.get_operators_reader();
    Ok(match (operators.read()?, operators.read()?) {
        (Operator::I32Const { value }, Operator::End) => Some(u32::try_from(value)?),
        _ => None,
    })
}

/// What a function takes and gives.
pub(super) struct Kind {
    pub(super) n_parameters: u32,
    /// All of it in one number, for the script: the parameters as digits to the base of 4 after a leading 1, times 5, plus
    /// 0 for no result, else 1 more than its digit. None for what a number below 2^31 does not hold.
    pub(super) number: Option<u32>,
}

impl Kind {
    fn of(function: &wasmparser::FuncType) -> Result<Self> {
        let n_parameters = index_of(function.params().len())?;
        let parameters = function.params().iter().try_fold(1_u32, |number, &kind| {
            number.checked_mul(4)?.checked_add(value_number(kind)?)
        });
        let result = match function.results() {
            [] => Some(0),
            [kind] => value_number(*kind).map(|number| number + 1),
            _ => None,
        };
        let number = parameters
            .zip(result)
            .and_then(|(parameters, result)| parameters.checked_mul(5)?.checked_add(result))
            .filter(|number| i32::try_from(*number).is_ok());
        Ok(Self { n_parameters, number })
    }
}

fn value_number(kind: wasmparser::ValType) -> Option<u32> {
    match kind {
        wasmparser::ValType::I32 => Some(0),
        wasmparser::ValType::I64 => Some(1),
        wasmparser::ValType::F32 => Some(2),
        wasmparser::ValType::F64 => Some(3),
        _ => None,
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
