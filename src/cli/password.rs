//! A password from a person who types it, unseen, or from a script by stdin; never from the
//! command line, which other programs can see.

use std::io::{self, IsTerminal, Read, Write};
use std::process::{Command, Stdio};

/// The first line of stdin.
pub(super) fn read_line() -> Result<String, String> {
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    read.map_err(|error| format!("no password on stdin: {error}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks a person at a terminal for a new one, without showing what is typed; twice, so that a
/// slip is seen.
pub(super) fn ask_new() -> Result<String, String> {
    if !io::stdin().is_terminal() {
        return Err("nobody can type a password here: use --password-stdin".to_owned());
    }
    let unseen = Unseen::begin()?;
    let first = ask_once("Password: ")?;
    let again = ask_once("Again: ")?;
    drop(unseen);
    if first != again {
        return Err("the two passwords differ".to_owned());
    }
    Ok(first)
}

/// A terminal that shows nothing of what is typed, and hands on every key, so that nobody
/// breaks off and leaves it so. Dropping it puts it back.
struct Unseen {
    before: String,
}

impl Unseen {
    fn begin() -> Result<Self, String> {
        let before = stty(&["-g"])?;
        stty(&["-echo", "-icanon", "-isig", "min", "1", "time", "0"])?;
        Ok(Self { before })
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        stty(&[&self.before]).ok();
    }
}

/// Sets the terminal of stdin.
fn stty(arguments: &[&str]) -> Result<String, String> {
    let done = Command::new("stty")
        .args(arguments)
        .stdin(Stdio::inherit())
        .output();
    let done = done.map_err(|error| format!("stty: {error}; use --password-stdin"))?;
    if !done.status.success() {
        return Err("the terminal cannot hide what is typed; use --password-stdin".to_owned());
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

fn ask_once(what: &str) -> Result<String, String> {
    eprint!("{what}");
    io::stderr().flush().ok();
    let typed = type_in(io::stdin().lock().bytes());
    eprintln!();
    typed
}

/// What was typed up to the end of the line.
fn type_in(keys: impl Iterator<Item = io::Result<u8>>) -> Result<String, String> {
    let mut typed = Vec::new();
    for key in keys {
        match key.map_err(|error| error.to_string())? {
            b'\r' | b'\n' => {
                return String::from_utf8(typed).map_err(|_| "that is no text".to_owned());
            }
            // Ctrl+C, Ctrl+D
            3 | 4 => return Err("broken off; nothing was changed".to_owned()),
            // Backspace takes a whole character away.
            8 | 127 => {
                while let Some(byte) = typed.pop() {
                    if byte & 0b1100_0000 != 0b1000_0000 {
                        break;
                    }
                }
            }
            // Ctrl+U
            21 => typed.clear(),
            other => typed.push(other),
        }
    }
    Err("the terminal went away; nothing was changed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_a_line() {
        let check = |keys: &[u8], expected: Option<&str>| {
            let typed = type_in(keys.iter().copied().map(Ok));
            assert_eq!(typed.ok().as_deref(), expected, "{keys:?}");
        };
        check(b"secret\n", Some("secret"));
        check("größ\u{7f}\u{7f}e\r".as_bytes(), Some("gre"));
        check(b"wrong\x15right\n", Some("right"));
        check(b"sec\x03", None);
        check(b"sec", None);
        check(b"\x7f\n", Some(""));
    }
}
