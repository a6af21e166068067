//! What the program has to say: done, refused, failed. Shown in the status line and logged.

use bevy::prelude::*;

use super::panels::Notice;

/// How many notices are kept.
const KEPT: usize = 200;

/// Something that was done or refused.
#[derive(Message, Clone, Debug)]
pub struct Tell {
    /// What happened, in a sentence.
    pub text: String,
    /// True if it was refused or went wrong.
    pub warning: bool,
}

impl Tell {
    /// Something that was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            warning: false,
        }
    }

    /// Something that was refused or went wrong.
    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            warning: true,
        }
    }
}

/// The last notices, newest last. Written by [`keep`] alone.
#[derive(Resource, Default)]
pub struct Notices(pub Vec<Notice>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Notices>()
        .add_message::<Tell>()
        .add_systems(PostUpdate, keep.run_if(on_message::<Tell>));
}

fn keep(mut told: MessageReader<Tell>, time: Res<Time<Real>>, mut notices: ResMut<Notices>) {
    for tell in told.read() {
        if tell.warning {
            warn!("{}", tell.text);
        } else {
            info!("{}", tell.text);
        }
        notices.0.push(Notice {
            text: tell.text.clone(),
            warning: tell.warning,
            at_secs: time.elapsed_secs_f64(),
        });
    }
    let surplus = notices.0.len().saturating_sub(KEPT);
    notices.0.drain(..surplus);
}
