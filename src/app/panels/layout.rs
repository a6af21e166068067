//! The dock: which tab stands where.

use egui::{Ui, WidgetText};
use egui_dock::tab_viewer::OnCloseResponse;
use egui_dock::{DockArea, DockState, NodeIndex, TabStyle, TabViewer};
use egui_phosphor::regular as icon;
use serde::{Deserialize, Serialize};

use super::chosen::chooses;
use super::{
    PanelState, Twin, alarms, anomalies, explore, flows, health, inspector, marks, scenarios,
    skill, sources, theme, tree, trends, viewport,
};
use crate::app::action::Action;
use crate::app::viewport::ViewInput;

/// A panel of the dock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tab {
    /// The asset tree.
    Assets,
    /// The 3D view.
    Plant,
    /// The selected asset.
    Inspector,
    /// Futures to ask for.
    Scenarios,
    /// How far forecasts can be trusted.
    Skill,
    /// Where telemetry comes from.
    Sources,
    /// Signals over time.
    Trends,
    /// The alarm list.
    Alarms,
    /// Sweeps, sensitivity, searches.
    Explore,
    /// What is out of the ordinary.
    Anomalies,
    /// Which machine fails when.
    Health,
    /// What flows from where to where.
    Flows,
}

impl Tab {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Assets,
        Self::Plant,
        Self::Inspector,
        Self::Scenarios,
        Self::Skill,
        Self::Sources,
        Self::Trends,
        Self::Alarms,
        Self::Explore,
        Self::Anomalies,
        Self::Health,
        Self::Flows,
    ];

    /// What stands on the tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Assets => "Assets",
            Self::Plant => "Plant",
            Self::Inspector => "Inspector",
            Self::Scenarios => "Scenarios",
            Self::Skill => "Skill",
            Self::Sources => "Sources",
            Self::Trends => "Trends",
            Self::Alarms => "Alarms",
            Self::Explore => "Explore",
            Self::Anomalies => "Anomalies",
            Self::Health => "Health",
            Self::Flows => "Flows",
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Assets => icon::TREE_STRUCTURE,
            Self::Plant => icon::CUBE,
            Self::Inspector => icon::GAUGE,
            Self::Scenarios => icon::GIT_BRANCH,
            Self::Skill => icon::TARGET,
            Self::Sources => icon::PLUGS_CONNECTED,
            Self::Trends => icon::CHART_LINE,
            Self::Alarms => icon::BELL,
            Self::Explore => icon::FLASK,
            Self::Anomalies => icon::PULSE,
            Self::Health => icon::HOURGLASS_MEDIUM,
            Self::Flows => icon::FLOW_ARROW,
        }
    }
}

/// Every tab in its first place.
pub fn first_layout() -> DockState<Tab> {
    let mut dock = DockState::new(vec![Tab::Plant]);
    let surface = dock.main_surface_mut();
    let [centre, _] = surface.split_right(
        NodeIndex::root(),
        0.76,
        vec![Tab::Inspector, Tab::Scenarios, Tab::Skill, Tab::Sources],
    );
    let [centre, _] = surface.split_left(centre, 0.22, vec![Tab::Assets]);
    surface.split_below(
        centre,
        0.58,
        vec![
            Tab::Trends,
            Tab::Alarms,
            Tab::Explore,
            Tab::Anomalies,
            Tab::Health,
            Tab::Flows,
        ],
    );
    dock
}

/// A screen that is narrower or lower than this is small, points.
const SMALL: egui::Vec2 = egui::vec2(900.0, 620.0);

/// True if there is no room for four panels at a time.
pub fn is_small(screen: egui::Vec2) -> bool {
    screen.x < SMALL.x || screen.y < SMALL.y
}

/// True if symbols on tabs would push others out of sight.
pub fn is_narrow(screen: egui::Vec2) -> bool {
    screen.x < 1_440.0
}

/// Every tab in its first place on a small screen: what is looked at to the left, what it is
/// about to the right.
pub fn small_layout() -> DockState<Tab> {
    let beside = [
        Tab::Inspector,
        Tab::Assets,
        Tab::Scenarios,
        Tab::Skill,
        Tab::Sources,
    ];
    let mut main: Vec<_> = Tab::ALL.into_iter().collect();
    main.retain(|tab| !beside.contains(tab));
    let mut dock = DockState::new(main);
    let surface = dock.main_surface_mut();
    surface.split_right(NodeIndex::root(), 0.64, beside.to_vec());
    dock
}

/// True if `dock` holds every tab exactly once: what a remembered layout must do.
pub fn is_complete(dock: &DockState<Tab>) -> bool {
    Tab::ALL.iter().all(|tab| {
        let places = dock.iter_all_tabs().filter(|(_, placed)| *placed == tab);
        places.count() == 1
    })
}

/// Puts tabs that a remembered layout lacks beside the trends; what holds a tab twice, or has no
/// trends, becomes `first`.
pub fn complete(dock: &mut DockState<Tab>, first: fn() -> DockState<Tab>) {
    let missing = Tab::ALL
        .into_iter()
        .filter(|tab| dock.find_tab(tab).is_none());
    let missing: Vec<_> = missing.collect();
    if let Some(path) = dock.find_tab(&Tab::Trends)
        && let Ok(leaf) = dock.leaf_mut(path.node_path())
    {
        let shown = leaf.active;
        missing.into_iter().for_each(|tab| leaf.append_tab(tab));
        leaf.active = shown;
    }
    if !is_complete(dock) {
        *dock = first();
    }
}

/// Brings a tab to the front.
pub fn show(dock: &mut DockState<Tab>, tab: Tab) {
    if let Some(path) = dock.find_tab(&tab) {
        // The path was found a moment ago, so it exists.
        let _ = dock.set_active_tab(path);
    }
}

/// Lays out the dock with all panels in it.
pub fn dock_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut PanelState,
    input: &mut ViewInput,
    actions: &mut Vec<Action>,
) {
    // The panels borrow the rest of the state while the dock is laid out.
    let mut dock = std::mem::replace(state.shown_dock(), DockState::new(Vec::new()));
    for tab in state.bring_up.drain(..) {
        show(&mut dock, tab);
    }
    let style = dock_style(ui);
    let id = if state.is_small { "small dock" } else { "dock" };
    let mut panels = Panels {
        twin,
        state,
        input,
        actions,
    };
    DockArea::new(&mut dock)
        .id(egui::Id::new(id))
        .style(style)
        .show_close_buttons(false)
        .show_leaf_close_all_buttons(false)
        .show_leaf_collapse_buttons(false)
        .tab_context_menus(false)
        .show_inside(ui, &mut panels);
    *state.shown_dock() = dock;
}

fn dock_style(ui: &Ui) -> egui_dock::Style {
    let mut style = egui_dock::Style::from_egui(ui.style());
    style.dock_area_padding = None;
    style.main_surface_border_stroke = egui::Stroke::NONE;
    style.separator.width = 4.0;
    style.separator.color_idle = theme::window();
    style.separator.color_hovered = theme::line();
    style.separator.color_dragged = theme::selection();
    style.tab_bar.bg_fill = theme::window();
    style.tab_bar.height = 28.0;
    style.tab_bar.hline_color = theme::window();
    style.tab_bar.corner_radius = egui::CornerRadius::ZERO;
    style.tab.tab_body.inner_margin = egui::Margin::same(8);
    style.tab.tab_body.stroke = egui::Stroke::NONE;
    style.tab.tab_body.corner_radius = egui::CornerRadius::ZERO;
    style.tab.tab_body.bg_fill = theme::panel();
    for look in [
        &mut style.tab.active,
        &mut style.tab.focused,
        &mut style.tab.active_with_kb_focus,
        &mut style.tab.focused_with_kb_focus,
    ] {
        look.bg_fill = theme::panel();
        look.outline_color = theme::panel();
        look.text_color = theme::strong();
    }
    for look in [
        &mut style.tab.inactive,
        &mut style.tab.hovered,
        &mut style.tab.inactive_with_kb_focus,
    ] {
        look.bg_fill = theme::window();
        look.outline_color = theme::window();
        look.text_color = theme::weak();
    }
    style.tab.hovered.text_color = theme::text();
    style.tab.hline_below_active_tab_name = false;
    style.overlay.selection_color = theme::selection().gamma_multiply(0.3);
    style
}

struct Panels<'a, 'b> {
    twin: &'a Twin<'b>,
    state: &'a mut PanelState,
    input: &'a mut ViewInput,
    actions: &'a mut Vec<Action>,
}

impl TabViewer for Panels<'_, '_> {
    type Tab = Tab;

    fn id(&mut self, tab: &mut Tab) -> egui::Id {
        egui::Id::new(*tab)
    }

    fn title(&mut self, tab: &mut Tab) -> WidgetText {
        let waiting = match tab {
            Tab::Alarms => marks::listed(self.twin.alarms).count(),
            _ => 0,
        };
        let icon = match self.state.is_narrow {
            true => String::new(),
            false => format!("{}  ", tab.icon()),
        };
        match waiting {
            0 => format!("{icon}{}", tab.title()).into(),
            some => format!("{icon}{} ({some})", tab.title()).into(),
        }
    }

    fn ui(&mut self, ui: &mut Ui, tab: &mut Tab) {
        let (twin, state, actions) = (self.twin, &mut *self.state, &mut *self.actions);
        let before = actions.len();
        match tab {
            Tab::Assets => tree::tree_ui(ui, twin, &mut state.tree, actions),
            Tab::Plant => viewport::viewport_ui(ui, twin, &mut state.view, self.input, actions),
            Tab::Inspector => inspector::inspector_ui(ui, twin, &state.trends, actions),
            Tab::Scenarios => scenarios::scenarios_ui(ui, twin, &mut state.scenarios, actions),
            Tab::Skill => skill::skill_ui(ui, twin, &mut state.skill, actions),
            Tab::Sources => sources::sources_ui(ui, twin, &mut state.sources, actions),
            Tab::Trends => trends::trends_ui(ui, twin, &mut state.trends, actions),
            Tab::Alarms => alarms::alarms_ui(ui, twin, &mut state.alarms, actions),
            Tab::Explore => explore::explore_ui(ui, twin, &mut state.explore, actions),
            Tab::Anomalies => {
                anomalies::anomalies_ui(ui, twin, &mut state.anomalies, actions);
            }
            Tab::Health => health::health_ui(ui, twin, actions),
            Tab::Flows => flows::flows_ui(ui, twin, &mut state.flows, actions),
        }
        if actions[before..].iter().any(chooses) {
            state.chosen_in = Some(*tab);
        }
    }

    fn on_close(&mut self, _tab: &mut Tab) -> OnCloseResponse {
        OnCloseResponse::Ignore
    }

    fn is_closeable(&self, _tab: &Tab) -> bool {
        false
    }

    fn tab_style_override(&self, tab: &Tab, style: &TabStyle) -> Option<TabStyle> {
        // The picture fills its tab to the edge.
        (*tab == Tab::Plant).then(|| {
            let mut style = style.clone();
            style.tab_body.inner_margin = egui::Margin::ZERO;
            style
        })
    }

    fn scroll_bars(&self, _tab: &Tab) -> [bool; 2] {
        [false, false]
    }
}
