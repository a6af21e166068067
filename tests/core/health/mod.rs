//! Remaining useful life, through the command line and the library.

mod cmapss;
mod fleet;
mod foresee;
