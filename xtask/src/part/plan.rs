//! Who goes where, and through which place of the shared table the parts call each other.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use wasm_encoder::{RefType, TableType};
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
    /// The late functions that leave a step, each with its place in the shared table.
    pub(super) steps: BTreeMap<u32, u32>,
    /// The tables and globals that late functions use.
    pub(super) used: Used,
}

#[derive(Default)]
pub(super) struct Used {
    pub(super) tables: BTreeSet<u32>,
    pub(super) globals: BTreeSet<u32>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(whole: &'a Whole<'a>, late: BTreeSet<u32>) -> Result<Self> {
        let mut reached: BTreeSet<u32> = whole.named.intersection(&late).copied().collect();
        let mut called = BTreeSet::new();
        let mut used = Used::default();
        for (at, body) in whole.bodies.iter().enumerate() {
            let is_late = late.contains(&(whole.n_imported + index_of(at)?));
            for operator in body.get_operators_reader()? {
                match operator? {
                    Operator::Call { function_index } | Operator::RefFunc { function_index } => {
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
        let mut free = 0..;
        let mut placed = |functions: BTreeSet<u32>| -> BTreeMap<u32, u32> {
            functions.into_iter().zip(free.by_ref()).collect()
        };
        let called_early = placed(called);
        let steps = placed(reached);
        Ok(Self {
            whole,
            late,
            called_early,
            steps,
            used,
        })
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
