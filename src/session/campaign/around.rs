//! A campaign around a run that somebody is about to make, and its runs as runs to be opened.

use super::bundle::open_bundled;
use super::checks::Checks;
use super::drive::scenario_of;
use super::journal::Row;
use super::plan::{Campaign, PlanError, check_size};
use super::run::Task;
use super::spec::{CampaignSpec, FORMAT};
use crate::scene;
use crate::session::Opened;
use crate::simulation::RunPlan;
use crate::time::exact_duration_text;

impl Campaign {
    /// Many runs that begin as `plan` does and differ as `design` says, which is what stands
    /// behind `design:` in a plan.
    ///
    /// Its text is a whole plan, so that the command line can run it too, from the state that the
    /// scene begins with instead of the measured one.
    pub fn around(opened: &Opened, plan: &RunPlan, design: &str) -> Result<Self, PlanError> {
        let text = text(opened, plan, design);
        let path = opened.folder.join("plan.ron");
        let invalid = |problems| PlanError::Invalid {
            path: path.clone(),
            problems,
        };
        let spec: CampaignSpec = scene::read_as(&text).map_err(|problem| invalid(vec![problem]))?;
        let mut checks = Checks::new(&text, opened);
        let design = checks.design(&spec.design, plan.scenario.horizon);
        check_size(&design, spec.replications, &mut checks);
        let problems = checks.into_problems();
        if !problems.is_empty() {
            return Err(invalid(problems));
        }
        let (_, bundle) = open_bundled(&opened.file)?;
        Ok(Self {
            text,
            opened: opened.clone(),
            bundle,
            initial: plan.initial.clone(),
            scenario: plan.scenario.clone(),
            seed: plan.seed,
            replications: spec.replications,
            design,
        })
    }

    /// What the run of a row was asked: computed again, it gives the same, bit for bit.
    pub fn plan_of(&self, row: &Row) -> RunPlan {
        let mut scenario = scenario_of(self, row.run, &row.parameters);
        let parameters = self.design.parameters();
        let changed = parameters.iter().zip(&row.parameters);
        let changed = changed
            .filter_map(|(parameter, value)| Some(format!("{} {}", parameter.name, (*value)?)));
        let changed: Vec<_> = changed.collect();
        if !changed.is_empty() {
            scenario.name = format!("{}, {}", self.scenario.name, changed.join(", "));
        }
        Task::new(row.run, &self.opened, &self.initial, scenario, row.seed).plan(&self.opened)
    }
}

fn text(opened: &Opened, plan: &RunPlan, design: &str) -> String {
    let scenario = &plan.scenario;
    format!(
        "// From the plant as it was measured at the start: state {:016x}, scenario {:016x}.\n\
         Campaign(\n    format: {FORMAT},\n    scene: {:?},\n    scenario: {:?},\n    \
         start: \"{}\",\n    horizon: \"{}\",\n    step: \"{}\",\n    members: {},\n    \
         seed: {},\n    design: {design},\n)\n",
        plan.initial.fingerprint(),
        plan.fingerprint(),
        opened.file.display().to_string(),
        scenario.name,
        plan.initial.at(),
        exact_duration_text(scenario.horizon),
        exact_duration_text(scenario.step),
        scenario.members,
        plan.seed,
    )
}
