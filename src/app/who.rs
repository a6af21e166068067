//! Who uses the program, and what he may do.
//!
//! Where nobody has an account, whoever sits at the desk may do everything. Where somebody has
//! one, the program begins with nobody signed in, who may look.

use bevy::prelude::*;

use crate::access::{self, Grant, Right, Role};
use crate::scene::{AssetIndex, Scene};

/// Who sits at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// There are no accounts: he may do everything.
    Local {
        /// The desktop's user, or "operator".
        name: String,
    },
    /// There are accounts, and nobody has signed in: he may look.
    Nobody,
    /// He signed in.
    Account {
        /// The name of the account.
        name: String,
        /// What he may do, and where.
        grants: Vec<Grant>,
    },
}

/// Who uses the program. Written by the systems of [`super::sign_in`] alone, and when the program
/// starts.
#[derive(Resource, Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Who it is.
    pub identity: Identity,
    /// True if the plant is shown to everybody who passes by: then everybody may look.
    pub kiosk: bool,
    /// How the signing in stands.
    pub door: Door,
}

/// How the signing in stands, for the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// A password is being checked.
    pub checking: bool,
    /// Why the last one was not let in.
    pub refused: Option<String>,
    /// How long until another may try, s; zero if he may now.
    pub wait_secs: u64,
    /// How many have come in.
    pub arrivals: u64,
}

impl Default for Who {
    fn default() -> Self {
        Self::local("operator".to_owned())
    }
}

impl Who {
    /// Somebody where there are no accounts.
    pub fn local(name: String) -> Self {
        Self::of(Identity::Local { name })
    }

    /// This one, and nobody has tried to sign in.
    pub fn of(identity: Identity) -> Self {
        Self {
            identity,
            kiosk: false,
            door: Door::default(),
        }
    }

    /// The name that journals tell.
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::Local { name } | Identity::Account { name, .. } => name,
            Identity::Nobody => "nobody",
        }
    }

    /// What he is, in words: `operator for B-100, planner`.
    pub fn role_text(&self) -> String {
        let grants = match &self.identity {
            Identity::Local { .. } => return "all rights at this desk".to_owned(),
            Identity::Nobody => return "not signed in".to_owned(),
            Identity::Account { grants, .. } => grants,
        };
        let words = grants.iter().map(|grant| match &grant.area {
            None => grant.role.name().to_owned(),
            Some(area) => format!("{} for {area}", grant.role.name()),
        });
        match words.collect::<Vec<_>>() {
            words if words.is_empty() => Role::Viewer.name().to_owned(),
            words => words.join(", "),
        }
    }

    /// The role whose layout he has; `None` where there are no accounts.
    pub fn desk_role(&self) -> Option<Role> {
        let grants = match &self.identity {
            Identity::Local { .. } => return None,
            Identity::Nobody => return Some(Role::Viewer),
            Identity::Account { grants, .. } => grants,
        };
        // The one with most to do.
        let order = [
            Role::Operator,
            Role::Engineer,
            Role::Planner,
            Role::Administrator,
        ];
        let has = |role: &Role| grants.iter().any(|grant| grant.role == *role);
        Some(order.into_iter().find(has).unwrap_or(Role::Viewer))
    }

    /// True if accounts say who may do what.
    pub fn has_accounts(&self) -> bool {
        !matches!(self.identity, Identity::Local { .. })
    }

    /// True if he may do it at an asset, or if none is given to the whole plant.
    pub fn may(&self, right: Right, scene: &Scene, asset: Option<AssetIndex>) -> bool {
        let place = std::iter::successors(asset, |asset| scene.asset(*asset).parent);
        let place = place.map(|asset| scene.asset(asset).tag.as_str());
        self.may_by(right, |grants| access::may(grants, right, place.clone()))
    }

    /// True if he may do it anywhere.
    pub fn may_somewhere(&self, right: Right) -> bool {
        self.may_by(right, |grants| {
            grants.iter().any(|grant| grant.role.has(right))
        })
    }

    fn may_by(&self, right: Right, granted: impl Fn(&[Grant]) -> bool) -> bool {
        if self.kiosk || Role::Viewer.has(right) {
            return Role::Viewer.has(right);
        }
        match &self.identity {
            Identity::Local { .. } => true,
            Identity::Nobody => false,
            Identity::Account { grants, .. } => granted(grants),
        }
    }
}

/// A name and the password that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Who says that he is it.
    pub name: String,
    /// What shows it.
    pub password: Password,
}

/// A password, which no log and no message ever tells.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// This one.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// What was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}
