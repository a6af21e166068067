//! The plant in three dimensions: readings in, a picture out.

use bevy::prelude::*;

pub(super) fn plugin(_app: &mut App) {}
