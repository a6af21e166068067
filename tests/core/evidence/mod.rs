//! What futures promise: a branch begins where the plant is, leaves it alone, moves only what
//! depends on a change, and its numbers cover the truth as often as they say.

mod branch;
mod breach_report;
mod dependence;
mod estimate_command;
mod statistics;
