//! Signing in and out, locking after a while without a touch, and the kiosk.
//!
//! The password is checked in a thread, since a good hash takes longer than a frame. After a
//! refusal the next try must wait, longer each time.
//!
//! Limitations: accounts that are made while the program runs are noticed when somebody asks to
//! sign in.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use bevy::ecs::message::MessageMutator;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::TwinSystems;
use super::action::{Action, Named};
use super::deeds::Deed;
use super::notices::Tell;
use super::telemetry::Waker;
use super::who::{Credentials, Door, Identity, Who};
use crate::files::{Account, AccountError, Accounts};

/// What is told to whoever is not let in, whatever was wrong.
pub const WRONG: &str = "Name or password are wrong";
/// The longest time until another try.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The door: whose accounts, who is being checked, and how long it stays shut.
///
/// Written by the systems of this file; [`super::ui`] writes when somebody touched something
/// last, and how long nobody may.
#[derive(Resource, Default)]
pub struct Entrance {
    /// The file of accounts; `None` if there are none, as in tests and pictures.
    pub file: Option<PathBuf>,
    /// When somebody touched something last, since the program's start.
    pub touched: Duration,
    /// How long nobody may touch anything before the desk is locked; `None` for ever.
    pub lock_after: Option<Duration>,
    checking: Option<Checking>,
    failures: u32,
    shut_until: Duration,
}

/// Somebody whose password is being checked.
struct Checking {
    name: String,
    answer: Receiver<Answer>,
}

struct Answer {
    /// True if there is an account of this name.
    known: bool,
    let_in: Result<Account, AccountError>,
}

/// How long the door stays shut after so many failures.
pub fn wait_after(failures: u32) -> Duration {
    let secs = 1_u64 << failures.saturating_sub(1).min(16);
    match failures {
        0 => Duration::ZERO,
        _ => Duration::from_secs(secs).min(LONGEST_WAIT),
    }
}

/// Who sits at the desk when the program starts, and what is to be told of it.
pub fn at_start(file: Option<&PathBuf>, name: String) -> (Who, Option<String>) {
    match file.map_or_else(|| Ok(Accounts::default()), |file| Accounts::read(file)) {
        Ok(accounts) if accounts.is_empty() => (Who::local(name), None),
        Ok(_) => (Who::of(Identity::Nobody), None),
        // Who broke the file must not be let in by that.
        Err(error) => (
            Who::of(Identity::Nobody),
            Some(format!("Nobody can sign in: {error}")),
        ),
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Who>()
        .init_resource::<Entrance>()
        .add_systems(
            PreUpdate,
            (
                lock,
                let_in,
                follow_actions.run_if(on_message::<Action>),
                show,
            )
                .chain()
                .in_set(TwinSystems::Admit),
        );
}

/// What changing who sits at the desk needs.
#[derive(SystemParam)]
pub(super) struct Desk<'w> {
    who: ResMut<'w, Who>,
    entrance: ResMut<'w, Entrance>,
    time: Res<'w, Time<Real>>,
    waker: Res<'w, Waker>,
    deeds: MessageWriter<'w, Deed>,
    tell: MessageWriter<'w, Tell>,
}

/// Follows what is asked of the door. Runs before the gate: what the same frame asks besides is
/// judged by who is there then.
pub(super) fn follow_actions(mut actions: MessageMutator<Action>, mut desk: Desk) {
    for action in actions.read() {
        let leaves = matches!(action, Action::Named(Named::Escape | Named::ToggleKiosk));
        if desk.who.kiosk && leaves {
            // Where there are accounts, only somebody who has one opens the kiosk again.
            *action = match desk.who.has_accounts() {
                true => Action::Named(Named::SignIn),
                false => {
                    desk.who.kiosk = false;
                    desk.deed("leave the kiosk", "");
                    Action::Refused
                }
            };
        }
        match action {
            Action::SignIn(credentials) => desk.check(credentials),
            Action::Named(Named::SignIn) => desk.look_for_accounts(),
            Action::Named(Named::SignOut) => desk.leave("sign out", ""),
            Action::Named(Named::ToggleKiosk) => {
                desk.deed("begin the kiosk", "");
                desk.leave("sign out", "for the kiosk");
                desk.who.kiosk = true;
            }
            _ => {}
        }
    }
}

impl Desk<'_> {
    /// Begins to check a password, unless another is being checked or it is too early.
    fn check(&mut self, credentials: &Credentials) {
        let now = self.time.elapsed();
        let file = self.entrance.file.clone();
        let free = self.entrance.checking.is_none() && now >= self.entrance.shut_until;
        let Some(file) = file.filter(|_| free) else {
            return;
        };
        let (answers, answer) = bounded(1);
        let (name, password) = (credentials.name.clone(), credentials.password.clone());
        let waker = self.waker.clone();
        self.entrance.checking = Some(Checking {
            name: name.clone(),
            answer,
        });
        let spawned = thread::Builder::new()
            .name("sign-in".into())
            .spawn(move || {
                let read = Accounts::read(&file);
                let known = read
                    .as_ref()
                    .is_ok_and(|accounts| accounts.all().iter().any(|one| one.name == name));
                let let_in = read.and_then(|accounts| {
                    let account = accounts.log_in(&name, password.as_str());
                    account.cloned()
                });
                // A program that has ended wants no answer.
                answers.send(Answer { known, let_in }).ok();
                waker.wake();
            });
        if let Err(error) = spawned {
            self.entrance.checking = None;
            self.who.door.refused = Some(format!("The password could not be checked: {error}"));
        }
    }

    /// Takes notice of accounts that were made since the program started.
    fn look_for_accounts(&mut self) {
        if self.who.has_accounts() {
            return;
        }
        let (now, told) = at_start(self.entrance.file.as_ref(), self.who.name().to_owned());
        if now.has_accounts() {
            self.who.identity = now.identity;
        }
        if let Some(told) = told {
            self.tell.write(Tell::warning(told));
        }
    }

    /// Lets whoever is signed in go.
    fn leave(&mut self, how: &'static str, why: &str) {
        if !matches!(self.who.identity, Identity::Account { .. }) {
            return;
        }
        self.deed(how, why);
        self.who.identity = Identity::Nobody;
        self.who.door = Door {
            arrivals: self.who.door.arrivals,
            ..Door::default()
        };
    }

    fn deed(&mut self, what: &'static str, detail: &str) {
        let deed = Deed::new(what, "desk", detail);
        self.deeds.write(deed.by(self.who.name()).always());
    }
}

/// Locks the desk when nobody has touched it for long.
fn lock(mut desk: Desk) {
    let idle = desk.time.elapsed().saturating_sub(desk.entrance.touched);
    let limit = desk.entrance.lock_after;
    let signed_in = matches!(desk.who.identity, Identity::Account { .. });
    if !signed_in || limit.is_none_or(|limit| idle < limit) {
        return;
    }
    let name = desk.who.name().to_owned();
    let minutes = idle.as_secs() / 60;
    desk.leave("lock", &format!("{minutes} min without a touch"));
    let text = format!("Locked after {minutes} min without a touch: {name} is signed out");
    desk.tell.write(Tell::warning(text));
}

/// Lets in whose password was right.
fn let_in(mut desk: Desk) {
    let Some(checking) = &desk.entrance.checking else {
        return;
    };
    let answer = match checking.answer.try_recv() {
        Ok(answer) => answer,
        Err(TryRecvError::Empty) => return,
        Err(TryRecvError::Disconnected) => {
            desk.entrance.checking = None;
            let text = "The password could not be checked: try again".to_owned();
            desk.who.door.refused = Some(text);
            return;
        }
    };
    let name = checking.name.clone();
    desk.entrance.checking = None;
    match answer.let_in {
        Ok(account) => {
            // Whoever was there before is gone now.
            desk.leave("sign out", "for somebody else");
            desk.entrance.failures = 0;
            desk.entrance.shut_until = Duration::ZERO;
            desk.entrance.touched = desk.time.elapsed();
            desk.who.identity = Identity::Account {
                name: account.name,
                grants: account.grants,
            };
            desk.who.kiosk = false;
            desk.who.door.refused = None;
            desk.who.door.arrivals += 1;
            let roles = desk.who.role_text();
            desk.deed("sign in", &roles);
            let text = format!("Signed in as {}, {roles}", desk.who.name());
            desk.tell.write(Tell::done(text));
        }
        Err(error) => {
            desk.entrance.failures += 1;
            let wait = wait_after(desk.entrance.failures);
            desk.entrance.shut_until = desk.time.elapsed() + wait;
            desk.who.door.refused = Some(match error {
                AccountError::Refused => WRONG.to_owned(),
                other => format!("Nobody can sign in: {other}"),
            });
            // Some type the password where the name should stand.
            let subject = if answer.known {
                &name
            } else {
                "an unknown name"
            };
            let deed = Deed::new("refused to sign in", subject, "");
            desk.deeds.write(deed.by(desk.who.name()).always());
        }
    }
}

/// Shows how the door stands.
fn show(entrance: Res<Entrance>, time: Res<Time<Real>>, mut who: ResMut<Who>) {
    let mut next = who.clone();
    next.door.checking = entrance.checking.is_some();
    let wait = entrance.shut_until.saturating_sub(time.elapsed());
    next.door.wait_secs = wait.as_millis().div_ceil(1_000) as u64;
    who.set_if_neq(next);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_with_every_failure_up_to_a_minute() {
        let secs = |failures| wait_after(failures).as_secs();
        assert_eq!([0, 1, 2, 3, 4].map(secs), [0, 1, 2, 4, 8]);
        assert_eq!([7, 8, 40, u32::MAX].map(secs), [60, 60, 60, 60]);
    }
}
