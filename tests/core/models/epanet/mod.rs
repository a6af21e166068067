//! Hydraulics against EPANET 2.2.
//!
//! The engine itself comes with a Python package (see [`reference`]); some of its results lie
//! beside the shared networks too. A network is right if both engines make the same steps
//! and find the same heads, flows, statuses and settings at each.

mod comparison;
mod configuration;
mod edge_cases;
mod networks;
mod oddities;
mod published;
pub(super) mod random;
mod reference;
mod variants;
mod verdict;
