//! What is made of the front end's modules: left whole for the debugger, parted for people, or made to note what runs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use crate::names::{linked_names, strip};
use crate::part::{PLACES, Parted, addresses, choose, late_data, part};
use crate::profile::{Late, note_calls};

/// What is made of each module.
pub(crate) enum Form {
    /// As it is, with the names of its functions: for the debugger.
    Whole,
    /// In two parts, without names.
    Parted(Late),
    /// As it is, but each function notes that it ran.
    Noting,
}

/// All modules by their names.
pub(crate) type Modules = BTreeMap<String, Vec<u8>>;

impl Form {
    /// Gives the modules their form. `linked` is what the linker made, pruned, before it was split and
    /// bound.
    ///
    /// # Errors
    /// One is no module, or cannot be parted.
    pub(crate) fn give(&self, linked: &[u8], modules: Modules) -> Result<BTreeMap<String, Parted>> {
        let whole = |first| Parted { first, rest: None };
        match self {
            Form::Whole => Ok(modules
                .into_iter()
                .map(|(name, module)| (name, whole(module)))
                .collect()),
            Form::Noting => modules
                .into_iter()
                .map(|(name, module)| {
                    let noting = note_calls(&module, &name)?;
                    Ok((name, whole(noting)))
                })
                .collect(),
            Form::Parted(late) => parted(linked, &modules, late),
        }
    }
}

fn parted(linked: &[u8], modules: &Modules, late: &Late) -> Result<BTreeMap<String, Parted>> {
    let mut chosen = BTreeMap::new();
    let mut moved = BTreeSet::new();
    let mut stays = BTreeSet::new();
    for (name, module) in modules {
        let functions = choose(module, |function| late.includes(function))?;
        for (index, function) in linked_names(module)? {
            let side = if functions.contains(&index) {
                &mut moved
            } else {
                &mut stays
            };
            side.insert(function.to_owned());
        }
        chosen.insert(name, functions);
    }
    let pieces = late_data(linked, |function| {
        moved.contains(function) && !stays.contains(function)
    })?;
    let bytes: Vec<&[u8]> = modules.values().map(Vec::as_slice).collect();
    let mut all = BTreeMap::new();
    for ((name, module), data) in modules.iter().zip(addresses(&pieces, &bytes)?) {
        let functions = chosen.remove(name).unwrap_or_default();
        let parted =
            part(module, functions, &data).with_context(|| format!("the module {name} cannot be parted"))?;
        let first = strip(&parted.first, PLACES)?;
        let rest = parted.rest;
        all.insert(name.clone(), Parted { first, rest });
    }
    Ok(all)
}
