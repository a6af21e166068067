//! What nobody measures, fitted to what was measured.

mod leak;
mod least_squares;
mod waterworks;
