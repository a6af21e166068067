//! The core, floors 0 to 5, tested at its borders. No Bevy, no display.

mod files;
mod floors;
mod scene;
