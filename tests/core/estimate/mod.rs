//! What nobody measures, fitted to what was measured.

mod least_squares;
mod waterworks;
