//! The fit alone, on models with a formula.
