//! Which data only late functions can reach: read from the linker's notes, which say of each function and of each piece of
//! data what it refers to.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use wasmparser::{
    DataKind, KnownCustom, Linking, Operator, Parser, Payload, RelocAddendKind, RelocSectionReader,
    SymbolInfo,
};

use super::index_of;
use crate::names::linked_names;

/// The pieces of data that may come with the rest. `module` is as the linker wrote it; `is_late` says of a function, by its
/// name as linked, whether it comes with the rest.
///
/// # Errors
/// It is no module that the linker wrote with its notes.
pub(crate) fn late_data(module: &[u8], is_late: impl Fn(&str) -> bool) -> Result<Vec<&[u8]>> {
    let linked = Linked::read(module)?;
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
    linked.pieces(module, |symbol| !is_early[symbol as usize])
}

/// The addresses of pieces of data in modules that the splitter made, of each module in order. It moves data, so they are
/// looked for by what they hold; one that is not there exactly once is left out.
///
/// # Errors
/// One is no module.
pub(crate) fn addresses(pieces: &[&[u8]], modules: &[&[u8]]) -> Result<Vec<Vec<Range<u32>>>> {
    let mut segments = Vec::new();
    for (at, module) in modules.iter().enumerate() {
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::DataSection(section) = payload? {
                for segment in section {
                    let segment = segment?;
                    segments.push((at, address_of(&segment.kind)?, segment.data));
                }
            }
        }
    }
    let mut addresses = vec![Vec::new(); modules.len()];
    for piece in pieces {
        let mut found = segments.iter().flat_map(|(at, address, data)| {
            occurrences(data, piece).map(move |place| (*at, *address, place))
        });
        if let (Some((at, address, place)), None) = (found.next(), found.next()) {
            let start = address + index_of(place)?;
            addresses[at].push(start..start + index_of(piece.len())?);
        }
    }
    for module in &mut addresses {
        module.sort_by_key(|range| range.start);
    }
    Ok(addresses)
}

/// Where a piece stands in data, also where it stands over itself.
fn occurrences<'a>(data: &'a [u8], piece: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let place = from + memmem::find(data.get(from..)?, piece)?;
        from = place + 1;
        Some(place)
    })
}

/// Shorter pieces of data are left where they are, in bytes: to say where they go weighs as much.
const MIN_PIECE: usize = 24;

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
    /// The places of all addresses and table places in the data: the splitter writes others there.
    rewritten: Vec<usize>,
    /// Where the section of data is in the module.
    data: Range<usize>,
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
            rewritten: Vec::new(),
            data: 0..0,
        };
        let mut code = 0;
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
                    let range = section.range();
                    linked.data = usize::try_from(range.start)?..usize::try_from(range.end)?;
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
                        "reloc.DATA" => {
                            let start = linked.data.start;
                            for entry in reloc.entries() {
                                linked.rewritten.push(start + entry?.offset as usize);
                            }
                            linked.of_data = references(reloc, start)?;
                        }
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

    /// The data of the symbols for which this holds: those that share no byte with another, hold nothing that the splitter
    /// writes anew, and stand once in all data.
    fn pieces<'m>(&self, module: &'m [u8], holds: impl Fn(u32) -> bool) -> Result<Vec<&'m [u8]>> {
        let mut pieces = Vec::new();
        for (range, _) in self.by_address.iter().filter(|(_, symbol)| holds(*symbol)) {
            let mut overlapping = self
                .by_address
                .iter()
                .filter(|(other, _)| other.start < range.end && range.start < other.end);
            let is_alone = overlapping.next().is_some() && overlapping.next().is_none();
            let place = self.place_of(range.start).context("a symbol in no segment")?;
            let place = place..place + range.len();
            let is_plain = !self
                .of_data
                .iter()
                .any(|reference| place.contains(&reference.from));
            let piece = module.get(place).context("a symbol outside of the module")?;
            if piece.len() >= MIN_PIECE && is_alone && is_plain {
                pieces.push(piece);
            }
        }
        Ok(pieces)
    }

    /// Where the data at an address is in the module.
    fn place_of(&self, address: u32) -> Option<usize> {
        let segment = self.segments.partition_point(|(_, start)| *start <= address);
        let (place, start) = self.segments.get(segment.checked_sub(1)?)?;
        Some(place + (address - start) as usize)
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

#[cfg(test)]
mod tests {
    use wasm_encoder::{ConstExpr, DataSection, Module};

    use super::addresses;

    fn module(segments: &[(i32, &[u8])]) -> Vec<u8> {
        let mut data = DataSection::new();
        for (address, bytes) in segments {
            data.active(0, &ConstExpr::i32_const(*address), bytes.iter().copied());
        }
        let mut module = Module::new();
        module.section(&data);
        module.finish()
    }

    #[test]
    fn a_piece_has_an_address_when_it_stands_once() {
        let modules = [
            module(&[(1000, b"..once..twice..")]),
            module(&[(2000, b"twice"), (3000, b"aaaa")]),
        ];
        let modules = [modules[0].as_slice(), &modules[1]];

        let found = addresses(&[b"once", b"twice", b"never", b"aaa"], &modules).expect("modules");

        assert_eq!(found[0].as_slice(), std::slice::from_ref(&(1002..1006)));
        assert_eq!(found[1], []);
    }
}
