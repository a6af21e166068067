//! What a command says: data on stdout, talk on stderr.
//!
//! Nobody has to listen to the end: when `head` has seen enough, the rest is dropped in silence
//! and the command goes on with its work.

use std::fmt;
use std::io::{self, ErrorKind, Write};

/// Writes a line of data to stdout.
macro_rules! tell {
    ($($text:tt)*) => {
        $crate::cli::output::data_line(format_args!($($text)*))
    };
}

/// Writes a line of talk to stderr.
macro_rules! talk {
    ($($text:tt)*) => {
        $crate::cli::output::talk_line(format_args!($($text)*))
    };
}

pub(super) use {talk, tell};

pub(super) fn data_line(text: fmt::Arguments<'_>) {
    if let Err(error) = writeln!(io::stdout(), "{text}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        talk!("error: cannot write the results: {error}");
    }
}

pub(super) fn talk_line(text: fmt::Arguments<'_>) {
    // Where nobody can be told, nobody can be told of it either.
    writeln!(io::stderr(), "{text}").ok();
}
