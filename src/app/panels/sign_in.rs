//! Who sits at the desk: always told at the top, and the window in which somebody says it.

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, Context, FontId, Key, Modifiers, RichText, TextEdit, Ui, WidgetInfo, WidgetType,
};
use egui_phosphor::regular as icon;

use super::controls::text_field;
use super::menus::named_items_ui;
use super::{PanelState, Twin, theme};
use crate::app::action::{Action, Named};
use crate::app::who::{Credentials, Identity, Password, Who};

/// How long nobody may touch anything before the desk is locked, min, if nobody says otherwise.
pub const LOCK_AFTER_MINS: u32 = 15;
/// The choices, min; zero is never.
const LOCKS: [u32; 5] = [2, 5, 15, 60, 0];
/// Longer names and roles are cut in the bar, characters: where there is room, and where not.
const LETTERS: [(usize, usize); 2] = [(24, 30), (13, 15)];

/// What somebody types to sign in. It tells nothing of it to a log.
#[derive(Default)]
pub struct SignInState(Option<Draft>);

#[derive(Default)]
struct Draft {
    name: String,
    password: String,
    /// The field that gets the keyboard next.
    next: Option<Field>,
    /// How many had come in when it was opened.
    arrivals: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Password,
}

impl SignInState {
    /// True while somebody is asked who he is.
    pub(super) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Opens the window, unless it is open.
    pub fn begin(&mut self) {
        self.0.get_or_insert_with(|| Draft {
            next: Some(Field::Name),
            ..Draft::default()
        });
    }

    /// Forgets what was typed.
    pub fn close(&mut self) {
        self.0 = None;
    }
}

/// The window, while it is open.
pub fn sign_in_ui(
    ctx: &Context,
    twin: &Twin<'_>,
    state: &mut SignInState,
    actions: &mut Vec<Action>,
) {
    let Some(draft) = &mut state.0 else { return };
    let door = &twin.who.door;
    let arrived = *draft.arrivals.get_or_insert(door.arrivals) != door.arrivals;
    let escape = |input: &mut egui::InputState| input.consume_key(Modifiers::NONE, Key::Escape);
    if arrived || ctx.input_mut(escape) {
        state.close();
        return;
    }
    let mut close = false;
    egui::Window::new("Sign in")
        .anchor(Align2::CENTER_CENTER, [0.0, 0.0])
        .collapsible(false)
        .resizable(false)
        .default_width(400.0)
        .show(ctx, |ui| {
            close = match twin.who.has_accounts() {
                true => fields_ui(ui, twin.who, draft, actions),
                false => no_accounts_ui(ui),
            };
        });
    if close {
        state.close();
    }
}

/// What there is to know where nobody has an account; true if the window is to be closed.
fn no_accounts_ui(ui: &mut Ui) -> bool {
    ui.label("There are no accounts: whoever sits here may do everything.");
    ui.add_space(4.0);
    ui.label(theme::note(
        "The first account is made on the command line:",
    ));
    ui.monospace("parallax accounts add NAME --role administrator");
    ui.add_space(8.0);
    ui.button("Close").clicked()
}

/// Name and password; true if the window is to be closed.
fn fields_ui(ui: &mut Ui, who: &Who, draft: &mut Draft, actions: &mut Vec<Action>) -> bool {
    let door = &who.door;
    if let Identity::Account { name, .. } = &who.identity {
        let text = format!("{name}, {} is signed in until then", who.role_text());
        ui.label(theme::note(text));
        ui.add_space(4.0);
    }
    let mut asked = false;
    egui::Grid::new("sign in")
        .num_columns(2)
        .spacing([12.0, 6.0])
        .show(ui, |ui| {
            ui.label("Name");
            let field = TextEdit::singleline(&mut draft.name).desired_width(300.0);
            let name = text_field(ui, field, "Name");
            ui.end_row();
            ui.label("Password");
            let field = TextEdit::singleline(&mut draft.password)
                .password(true)
                .desired_width(300.0);
            let password = text_field(ui, field, "Password");
            ui.end_row();
            let entered = ui.input(|input| input.key_pressed(Key::Enter));
            if name.lost_focus() && entered {
                draft.next = Some(Field::Password);
            }
            asked = password.lost_focus() && entered;
            match draft.next.take() {
                Some(Field::Name) => name.request_focus(),
                Some(Field::Password) => password.request_focus(),
                None => {}
            }
        });
    ui.add_space(6.0);
    door_ui(ui, who);
    let filled = !draft.name.is_empty() && !draft.password.is_empty();
    let refusal = match door {
        door if door.checking => Some("The password is being checked"),
        door if door.wait_secs > 0 => Some("Wait until the time above is over"),
        _ if !filled => Some("Say who you are first"),
        _ => None,
    };
    let mut close = false;
    ui.horizontal(|ui| {
        let button = ui.add_enabled(refusal.is_none(), egui::Button::new("Sign in"));
        let button = button.on_hover_text("Enter");
        asked |= button
            .on_disabled_hover_text(refusal.unwrap_or_default())
            .clicked();
        close = ui.button("Cancel").clicked();
    });
    if asked && refusal.is_none() {
        actions.push(Action::SignIn(Credentials {
            name: draft.name.trim().to_owned(),
            password: Password::new(std::mem::take(&mut draft.password)),
        }));
        draft.next = Some(Field::Password);
    } else if asked {
        // Whoever must wait has typed it already.
        draft.next = Some(Field::Password);
    }
    close
}

/// How the signing in stands, in a line that is always there.
fn door_ui(ui: &mut Ui, who: &Who) {
    let door = &who.door;
    ui.horizontal(|ui| {
        ui.set_min_height(20.0);
        if door.checking {
            ui.spinner();
            ui.label("Checking");
        } else if let Some(refused) = &door.refused {
            let text = match door.wait_secs {
                0 => refused.clone(),
                secs => format!("{refused}. Try again in {secs} s"),
            };
            let text = RichText::new(format!("{}  {text}", icon::WARNING));
            ui.add(egui::Label::new(text.color(theme::warning())).wrap());
        }
    });
}

/// Who sits at the desk, for the bar at the top; a click shows what can be done about it.
pub fn who_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut PanelState,
    narrow: bool,
    actions: &mut Vec<Action>,
) {
    let who = twin.who;
    ui.spacing_mut().button_padding.y = 1.0;
    let menu = ui.menu_button((icon::USER, words_of(who, narrow)), |ui| {
        ui.label(theme::note(format!("{}: {}", who.name(), who.role_text())));
        if !who.has_accounts() {
            let hint = "No accounts: parallax accounts add";
            ui.label(theme::note(hint));
        }
        ui.separator();
        let items = [Named::SignIn, Named::SignOut, Named::ToggleKiosk];
        named_items_ui(ui, twin, &items, actions);
        if who.has_accounts() {
            ui.separator();
            ui.label(theme::note("Lock without a touch after"));
            for minutes in LOCKS {
                let text = match minutes {
                    0 => "Never".to_owned(),
                    some => format!("{some} min"),
                };
                ui.radio_value(&mut state.lock_after_mins, minutes, text);
            }
        }
    });
    let full = format!("{}, {}", who.name(), who.role_text());
    menu.response
        .widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &full));
    menu.response.on_hover_text(full);
}

/// The name, and the role below it in small letters; both cut if they are long.
fn words_of(who: &Who, narrow: bool) -> LayoutJob {
    let (name, role, ink) = match &who.identity {
        Identity::Nobody => ("Not signed in", "viewer".to_owned(), theme::warning()),
        Identity::Local { name } => (name.as_str(), "local".to_owned(), theme::text()),
        Identity::Account { name, .. } => (
            name.as_str(),
            who.role_text().replace(" for ", ", "),
            theme::text(),
        ),
    };
    let mut job = LayoutJob::default();
    let (name_letters, role_letters) = LETTERS[usize::from(narrow)];
    for (text, letters, size, ink) in [
        (name, name_letters, 12.5, ink),
        (&role, role_letters, 10.5, theme::weak()),
    ] {
        let mut short: String = text.chars().take(letters).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        if !job.text.is_empty() {
            short.insert(0, '\n');
        }
        job.append(
            &short,
            0.0,
            TextFormat::simple(FontId::proportional(size), ink),
        );
    }
    job
}
