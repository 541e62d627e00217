//! Which data only late functions can reach: read from the linker's notes, which say of each function and of each piece of
//! data what it refers to.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    DataKind, KnownCustom, Linking, Operator, Parser, Payload, RelocAddendKind, RelocSectionReader,
    SymbolInfo,
};

use super::index_of;
use crate::names::linked_names;

/// Addresses of data that may come with the rest. `linked` is the module as the linker wrote it; `is_late` says of a
/// function, by its name as linked, whether it comes with the rest.
///
/// # Errors
/// It is no module that the linker wrote with its notes.
pub(crate) fn late_data(linked: &[u8], is_late: impl Fn(&str) -> bool) -> Result<Vec<Range<u32>>> {
    let linked = Linked::read(linked)?;
    let mut is_early = vec![false; linked.n_symbols as usize];
    let mut to_visit = Vec::new();
    for reference in &linked.of_code {
        let function = linked.function_at(reference.from)?;
        if !linked.names.get(&function).is_some_and(|name| is_late(name)) {
            to_visit.push(reference.to);
        }
    }
    let mut of_data: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for reference in &linked.of_data {
        let mut is_covered = false;
        for symbol in linked.symbols_at(reference.from)? {
            of_data.entry(symbol).or_default().push(reference.to);
            is_covered = true;
        }
        // What stands in no symbol is not moved.
        if !is_covered {
            to_visit.push(reference.to);
        }
    }
    while let Some(symbol) = to_visit.pop() {
        let seen = is_early.get_mut(symbol as usize).context("an unknown symbol")?;
        if !std::mem::replace(seen, true) {
            to_visit.extend(of_data.get(&symbol).into_iter().flatten());
        }
    }
    Ok(linked.only_in(|symbol| !is_early[symbol]))
}

/// What the linker noted.
struct Linked<'a> {
    names: HashMap<u32, &'a str>,
    n_imported: u32,
    /// Where each body begins and ends in the module.
    bodies: Vec<Range<usize>>,
    /// Where each segment of data begins in the module, and in the memory.
    segments: Vec<(usize, u32)>,
    n_symbols: u32,
    /// The symbols of data that have a length, by their addresses.
    by_address: Vec<(Range<u32>, u32)>,
    of_code: Vec<Reference>,
    of_data: Vec<Reference>,
}

/// A place in the module refers to a symbol.
struct Reference {
    from: usize,
    to: u32,
}

impl<'a> Linked<'a> {
    fn read(module: &'a [u8]) -> Result<Self> {
        let mut linked = Self {
            names: linked_names(module)?,
            n_imported: 0,
            bodies: Vec::new(),
            segments: Vec::new(),
            n_symbols: 0,
            by_address: Vec::new(),
            of_code: Vec::new(),
            of_data: Vec::new(),
        };
        let (mut code, mut data) = (0, 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let is_function = matches!(import?.ty, wasmparser::TypeRef::Func(_));
                        linked.n_imported += u32::from(is_function);
                    }
                }
                Payload::CodeSectionStart { range, .. } => code = usize::try_from(range.start)?,
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    linked
                        .bodies
                        .push(usize::try_from(range.start)?..usize::try_from(range.end)?);
                }
                Payload::DataSection(section) => {
                    data = usize::try_from(section.range().start)?;
                    for segment in section {
                        let segment = segment?;
                        let length = segment.data.len();
                        let start = usize::try_from(segment.range.end)? - length;
                        linked.segments.push((start, address_of(&segment.kind)?));
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking {
                            if let Linking::SymbolTable(symbols) = part? {
                                for symbol in symbols {
                                    linked.add_symbol(&symbol?)?;
                                }
                            }
                        }
                    }
                    KnownCustom::Reloc(reloc) => match section.name() {
                        "reloc.CODE" => linked.of_code = references(reloc, code)?,
                        "reloc.DATA" => linked.of_data = references(reloc, data)?,
                        _ => {}
                    },
                    _ => {}
                },
                _ => {}
            }
        }
        ensure!(linked.n_symbols > 0, "a module without the linker's notes");
        Ok(linked)
    }

    fn add_symbol(&mut self, symbol: &SymbolInfo<'_>) -> Result<()> {
        if let SymbolInfo::Data {
            symbol: Some(place), ..
        } = symbol
            && place.size > 0
        {
            let segment = self.segments.get(place.index as usize);
            let (_, address) = segment.context("a symbol in no segment")?;
            let start = address + place.offset;
            self.by_address.push((start..start + place.size, self.n_symbols));
        }
        self.n_symbols += 1;
        Ok(())
    }

    fn function_at(&self, place: usize) -> Result<u32> {
        let at = self.bodies.partition_point(|body| body.end <= place);
        let body = self.bodies.get(at).filter(|body| body.contains(&place));
        body.context("a reference from no function")?;
        Ok(self.n_imported + index_of(at)?)
    }

    /// The symbols that a place in the module's data belongs to.
    fn symbols_at(&self, place: usize) -> Result<impl Iterator<Item = u32>> {
        let segment = self.segments.partition_point(|(start, _)| *start <= place);
        let (start, address) = segment
            .checked_sub(1)
            .and_then(|segment| self.segments.get(segment))
            .context("a reference from no segment")?;
        let address = address + index_of(place - start)?;
        Ok(self
            .by_address
            .iter()
            .filter(move |(range, _)| range.contains(&address))
            .map(|(_, symbol)| *symbol))
    }

    /// The addresses that only symbols cover for which this holds, in order and joined.
    fn only_in(&self, holds: impl Fn(usize) -> bool) -> Vec<Range<u32>> {
        let mut edges: Vec<(u32, bool, i32)> = Vec::new();
        for (range, symbol) in &self.by_address {
            let holds = holds(*symbol as usize);
            edges.push((range.start, holds, 1));
            edges.push((range.end, holds, -1));
        }
        edges.sort_unstable_by_key(|(address, ..)| *address);
        let (mut n_holding, mut n_others) = (0, 0);
        let mut ranges: Vec<Range<u32>> = Vec::new();
        let mut last = 0;
        for (address, holds, change) in edges {
            if n_holding > 0 && n_others == 0 && last < address {
                match ranges.last_mut() {
                    Some(range) if range.end == last => range.end = address,
                    _ => ranges.push(last..address),
                }
            }
            *if holds { &mut n_holding } else { &mut n_others } += change;
            last = address;
        }
        ranges
    }
}

/// Where an active segment begins in the memory.
pub(super) fn address_of(kind: &DataKind<'_>) -> Result<u32> {
    let DataKind::Active {
        memory_index: 0,
        offset_expr,
    } = kind
    else {
        bail!("a segment of data without an address");
    };
    match offset_expr.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(u32::try_from(value)?),
        other => bail!("a segment of data with the address {other:?}"),
    }
}

/// The references to data of one section, which begins at `start` in the module.
fn references(section: RelocSectionReader<'_>, start: usize) -> Result<Vec<Reference>> {
    let mut references = Vec::new();
    for entry in section.entries() {
        let entry = entry?;
        // Of all kinds, those to addresses alone carry a distance from their symbol.
        if entry.ty.addend_kind() != RelocAddendKind::None {
            references.push(Reference {
                from: start + entry.offset as usize,
                to: entry.index,
            });
        }
    }
    Ok(references)
}
