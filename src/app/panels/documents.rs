//! What there is to read of an asset: a click opens it in the desktop's own program.

use egui::{RichText, Ui};
use egui_phosphor::regular as icon;

use super::{Twin, theme};
use crate::app::action::Action;
use crate::scene::{Asset, Document, DocumentIndex, DocumentKind, DocumentPlace};

/// The documents of an asset, its own first.
pub(super) fn documents_ui(ui: &mut Ui, twin: &Twin<'_>, asset: &Asset, actions: &mut Vec<Action>) {
    if asset.documents.is_empty() {
        return;
    }
    ui.label(theme::caption("Documents"));
    for &index in asset.documents.iter() {
        if let Some(document) = twin.scene.documents.get(index.index()) {
            document_ui(ui, twin, index, document, actions);
        }
    }
    ui.add_space(8.0);
}

fn document_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    index: DocumentIndex,
    document: &Document,
    actions: &mut Vec<Action>,
) {
    let action = Action::OpenDocument(index);
    let allowed = twin.permits(&action.need()).and(match document.is_there() {
        true => Ok(()),
        false => Err("It was not in the scene's folder when the scene was opened"),
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(
            RichText::new(icon_of(document.kind))
                .size(15.0)
                .color(theme::weak()),
        );
        let title = egui::Link::new(&document.title);
        let link = ui.add_enabled(allowed.is_ok(), title);
        let link = match allowed {
            Ok(()) => link.on_hover_text(place_text(document)),
            Err(reason) => link.on_disabled_hover_text(reason),
        };
        if link.clicked() {
            actions.push(action);
        }
        ui.label(theme::note(document.story()));
    });
}

/// Where a click leads.
fn place_text(document: &Document) -> String {
    match &document.place {
        DocumentPlace::File { file, .. } => format!("Opens {file} of the scene's folder"),
        DocumentPlace::Page(url) => format!("Opens {url} in the browser"),
    }
}

const fn icon_of(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Text | DocumentKind::Markdown | DocumentKind::Writing => icon::FILE_TEXT,
        DocumentKind::Pdf => icon::FILE_PDF,
        DocumentKind::Table => icon::TABLE,
        DocumentKind::Picture => icon::IMAGE,
        DocumentKind::Drawing => icon::COMPASS_TOOL,
        DocumentKind::Film => icon::FILM_STRIP,
        DocumentKind::Page => icon::GLOBE,
    }
}
