//! Everything below the window, as one binary.

mod models;
