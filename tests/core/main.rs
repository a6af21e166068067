//! Tests of floors 0 to 5, at their borders.

mod alarm;
mod history;
