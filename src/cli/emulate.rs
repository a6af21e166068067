//! `parallax emulate SCENE`: the scene's models as a plant behind a broker.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use super::output::{talk, tell};
use super::{EmulateArgs, could_not};
use crate::session;

/// Publishes until the time is over, or for ever.
pub fn emulate(args: &EmulateArgs) -> ExitCode {
    let opened = match session::open(&args.scene) {
        Ok(opened) => opened,
        Err(error) => return could_not(error),
    };
    let named = opened
        .scene
        .sources
        .first()
        .map(|source| source.broker.clone());
    let Some(broker) = args.broker.clone().or(named) else {
        return could_not("the scene names no broker: give one with --broker mqtt://host:port");
    };
    let emulator = match session::emulate(&opened, &broker, args.past, args.seed) {
        Ok(emulator) => emulator,
        Err(error) => return could_not(error),
    };
    talk!(
        "{} is emulated at {broker}; Ctrl+C ends it",
        opened.scene.name
    );
    let began = Instant::now();
    while args
        .duration
        .is_none_or(|duration| began.elapsed() < duration)
    {
        thread::sleep(Duration::from_millis(200));
        if let Some(error) = emulator.progress().error {
            return could_not(error);
        }
    }
    tell!("{} samples published", emulator.progress().samples);
    ExitCode::SUCCESS
}
