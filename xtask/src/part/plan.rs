//! Who goes where, and through which place of the shared table the parts call each other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context, Result};
use wasm_encoder::{Encode, RefType, TableType};
use wasmparser::Operator;

use super::index_of;
use super::whole::Whole;

/// Who goes where, and under which number.
pub(super) struct Plan<'a> {
    pub(super) whole: &'a Whole<'a>,
    /// The functions that come later.
    pub(super) late: BTreeSet<u32>,
    /// The early functions that late ones call, each with its place in the shared table.
    pub(super) called_early: BTreeMap<u32, u32>,
    /// The late functions that leave a step, each with its place in the shared table; in the order of their places.
    pub(super) steps: Vec<(u32, u32)>,
    /// The late functions that only the first table refers to, each after its place; in order.
    pub(super) placed: Vec<(u32, u32)>,
    /// The addresses of data that comes later, in order.
    pub(super) late_data: &'a [Range<u32>],
    /// The tables and globals that late functions use.
    pub(super) used: Used,
}

#[derive(Default)]
pub(super) struct Used {
    pub(super) tables: BTreeSet<u32>,
    pub(super) globals: BTreeSet<u32>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        whole: &'a Whole<'a>,
        late: BTreeSet<u32>,
        late_data: &'a [Range<u32>],
    ) -> Result<Self> {
        let mut reached: BTreeSet<u32> = whole.named.intersection(&late).copied().collect();
        let mut called = BTreeSet::new();
        let mut used = Used::default();
        for (at, body) in whole.bodies.iter().enumerate() {
            let is_late = late.contains(&(whole.n_imported + index_of(at)?));
            for operator in body.get_operators_reader()? {
                match operator? {
                    Operator::Call { function_index }
                    | Operator::ReturnCall { function_index }
                    | Operator::RefFunc { function_index } => {
                        match (is_late, late.contains(&function_index)) {
                            (true, false) => {
                                called.insert(function_index);
                            }
                            (false, true) => {
                                reached.insert(function_index);
                            }
                            _ => {}
                        }
                    }
                    Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index }
                        if is_late =>
                    {
                        used.globals.insert(global_index);
                    }
                    Operator::CallIndirect { table_index, .. } if is_late => {
                        used.tables.insert(table_index);
                    }
                    Operator::TableGet { table }
                    | Operator::TableSet { table }
                    | Operator::TableGrow { table }
                    | Operator::TableSize { table }
                    | Operator::TableFill { table }
                        if is_late =>
                    {
                        used.tables.insert(table);
                    }
                    _ => {}
                }
            }
        }
        let stays = |index: &u32| {
            let kind = whole.kind_of(*index).ok();
            reached.contains(index) || kind.is_none_or(|kind| kind.number.is_none())
        };
        let (held, mut placed): (Vec<_>, Vec<_>) = whole
            .places
            .iter()
            .copied()
            .filter(|(_, index)| late.contains(index))
            .partition(|(_, index)| stays(index));
        reached.extend(held.into_iter().map(|(_, index)| index));
        placed.sort_unstable();
        if !placed.is_empty() {
            used.tables.insert(0);
        }
        let mut free = 0..;
        let called_early = called.into_iter().zip(free.by_ref()).collect();
        let mut steps = reached
            .into_iter()
            .map(|index| Ok((whole.type_of(index)?, index)))
            .collect::<Result<Vec<_>>>()?;
        // Steps of one kind follow each other: they differ by their places alone, and compress well.
        steps.sort_unstable();
        let steps = steps.into_iter().map(|(_, index)| index).zip(free).collect();
        Ok(Self {
            whole,
            late,
            called_early,
            steps,
            placed,
            late_data,
            used,
        })
    }

    /// The places of `placed` and what kind of function stands there, for the script that makes the steps: of each place
    /// how far it is from the one before, and the number of the kind.
    pub(super) fn places(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut last = 0;
        for &(place, index) in &self.placed {
            let kind = self.whole.kind_of(index)?;
            (place - last).encode(&mut bytes);
            kind.number.context("a kind without a number")?.encode(&mut bytes);
            last = place;
        }
        Ok(bytes)
    }

    /// The late parts of a segment of `length` bytes at `address`, as places in it.
    pub(super) fn late_parts(&self, address: u32, length: usize) -> Result<Vec<Range<usize>>> {
        let end = address + index_of(length)?;
        let ranges = self.late_data.iter();
        Ok(ranges
            .map(|range| range.start.max(address)..range.end.min(end))
            .filter(|range| !range.is_empty())
            .map(|range| (range.start - address) as usize..(range.end - address) as usize)
            .collect())
    }

    pub(super) fn n_links(&self) -> Result<u32> {
        index_of(self.called_early.len() + self.steps.len())
    }

    pub(super) fn first_step(&self) -> Result<u32> {
        index_of(self.called_early.len())
    }

    pub(super) fn links(&self) -> Result<TableType> {
        Ok(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: u64::from(self.n_links()?),
            maximum: None,
            shared: false,
        })
    }
}
