//! Who may do what, and where in the plant. Floor 1.
//!
//! A role is a set of rights. It is given for the whole plant or for an *area*: an asset with
//! all that belongs to it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Look at everything.
    See,
    /// Write notes.
    Note,
    /// Acknowledge and reset alarms.
    Acknowledge,
    /// Shelve alarms and take them back.
    Shelve,
    /// Write to the plant.
    Write,
    /// Compute futures.
    Simulate,
    /// Change scenarios.
    EditScenarios,
    /// Change limits and rules of alarms.
    EditLimits,
    /// Take alarms out of service and back.
    TakeOutOfService,
    /// Change the scene.
    EditScene,
    /// Change who may do what.
    ManageAccounts,
}

/// A set of rights with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Runs the plant.
    Operator,
    /// Computes its futures.
    Planner,
    /// Changes limits, models and scene.
    Engineer,
    /// Says who may do what; as to the plant, looks.
    Administrator,
}

/// A role, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The tag of the asset to which it is bound, with all that belongs to it; the whole plant
    /// if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
}

/// A text that is no grant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{text}` is no role: write viewer, operator, planner, engineer or administrator, and @TAG after it for one area"
)]
pub struct NoGrant {
    /// The text.
    pub text: String,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::See,
        Self::Note,
        Self::Acknowledge,
        Self::Shelve,
        Self::Write,
        Self::Simulate,
        Self::EditScenarios,
        Self::EditLimits,
        Self::TakeOutOfService,
        Self::EditScene,
        Self::ManageAccounts,
    ];
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Operator,
        Self::Planner,
        Self::Engineer,
        Self::Administrator,
    ];

    /// What it is called, in a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Planner => "planner",
            Self::Engineer => "engineer",
            Self::Administrator => "administrator",
        }
    }

    /// True if the right belongs to the role.
    pub const fn has(self, right: Right) -> bool {
        match right {
            Right::See => true,
            Right::Note => !matches!(self, Self::Viewer | Self::Administrator),
            Right::Acknowledge | Right::Shelve | Right::Write => {
                matches!(self, Self::Operator | Self::Engineer)
            }
            Right::Simulate => matches!(self, Self::Operator | Self::Planner | Self::Engineer),
            Right::EditScenarios => matches!(self, Self::Planner | Self::Engineer),
            Right::EditLimits | Right::TakeOutOfService | Right::EditScene => {
                matches!(self, Self::Engineer)
            }
            Right::ManageAccounts => matches!(self, Self::Administrator),
        }
    }
}

/// `operator`, or `operator@B-100` for an area.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.area {
            None => f.write_str(self.role.name()),
            Some(area) => write!(f, "{}@{area}", self.role.name()),
        }
    }
}

/// Reads what [`Display`](fmt::Display) writes.
impl FromStr for Grant {
    type Err = NoGrant;

    fn from_str(text: &str) -> Result<Self, NoGrant> {
        let (name, area) = match text.split_once('@') {
            Some((name, area)) => (name, Some(area.trim())),
            None => (text, None),
        };
        let named = |role: &Role| role.name().eq_ignore_ascii_case(name.trim());
        let role = Role::ALL.into_iter().find(named);
        match (role, area) {
            (Some(role), area) if area != Some("") => Ok(Self {
                role,
                area: area.map(str::to_owned),
            }),
            _ => Err(NoGrant {
                text: text.to_owned(),
            }),
        }
    }
}

/// True if `grants` give the right at an asset; `place` is its tag and those of the assets that
/// it belongs to. What concerns the whole plant has no place, and is given by no area.
pub fn may<'a>(
    grants: &[Grant],
    right: Right,
    place: impl IntoIterator<Item = &'a str> + Clone,
) -> bool {
    grants.iter().any(|grant| {
        let here = match &grant.area {
            None => true,
            Some(area) => place.clone().into_iter().any(|tag| tag == area),
        };
        grant.role.has(right) && here
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_its_rights_and_no_other() {
        // In the order of the rights: see, note, acknowledge, shelve, write, simulate,
        // scenarios, limits, out of service, scene, accounts.
        for (role, expected) in [
            (Role::Viewer, "+----------"),
            (Role::Operator, "++++++-----"),
            (Role::Planner, "++---++----"),
            (Role::Engineer, "++++++++++-"),
            (Role::Administrator, "+---------+"),
        ] {
            let has = Right::ALL.map(|right| if role.has(right) { '+' } else { '-' });
            assert_eq!(has.iter().collect::<String>(), expected, "{role:?}");
        }
    }

    #[test]
    fn a_grant_is_read_as_it_is_written() {
        for role in Role::ALL {
            for area in [None, Some("B-100".to_owned())] {
                let grant = Grant { role, area };
                assert_eq!(grant.to_string().parse(), Ok(grant));
            }
        }
        for wrong in ["", "boss", "operator@", "@B-100"] {
            assert!(wrong.parse::<Grant>().is_err(), "`{wrong}`");
        }
    }

    #[test]
    fn a_role_holds_in_its_area_only() {
        let grant = |role, area: Option<&str>| Grant {
            role,
            area: area.map(str::to_owned),
        };
        let grants = [
            grant(Role::Viewer, None),
            grant(Role::Operator, Some("B-100")),
        ];
        let check = |right, place: &[&str], expected: bool| {
            let told = may(&grants, right, place.iter().copied());
            assert_eq!(told, expected, "{right:?} at {place:?}");
        };
        check(Right::Acknowledge, &["P-101", "B-100"], true);
        check(Right::Acknowledge, &["B-100"], true);
        check(Right::Acknowledge, &["P-301", "B-300"], false);
        check(Right::Acknowledge, &[], false);
        check(Right::See, &["P-301", "B-300"], true);
        check(Right::See, &[], true);
        check(Right::ManageAccounts, &["B-100"], false);
    }
}
