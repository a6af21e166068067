//! Where things lie: coordinates, bends, labels, picture and tags.

use super::Label;
use super::draft::Draft;
use super::line::{Line, number};
use super::mistake::{Mistake, quoted};

/// A line of [COORDINATES].
pub(super) fn coordinate<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(3, "node, x, y")?;
    let node = draft.node(line.word(0))?;
    draft.nodes[node].at = Some([line.number(1, "x")?, line.number(2, "y")?]);
    draft.findings.extra(line, 3);
    Ok(())
}

/// A line of [VERTICES]: the next bend of a link.
pub(super) fn vertex<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(3, "link, x, y")?;
    let link = draft.link(line.word(0))?;
    let bend = [line.number(1, "x")?, line.number(2, "y")?];
    draft.links[link].vertices.push(bend);
    draft.findings.extra(line, 3);
    Ok(())
}

/// A line of [LABELS]: `x y "text" node`. EPANET does not read it.
pub(super) fn label<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    let at = number(line.word(0)).zip(number(line.word(1)));
    let Some(((x, y), text)) = at.zip(line.words.get(2)) else {
        draft.findings.note("labels", line.number, || {
            "a label has x, y and a text; the line is ignored".to_owned()
        });
        return Ok(());
    };
    draft.map.labels.push(Label {
        at: [x, y],
        text: (*text).to_owned(),
    });
    Ok(())
}

/// A line of [BACKDROP]. EPANET does not read it.
pub(super) fn backdrop<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    let value = line.word(1).to_owned();
    if line.is(0, "UNITS") {
        draft.map.units = value;
    } else if line.is(0, "FILE") {
        if !value.is_empty() {
            draft.findings.note("backdrop", line.number, || {
                format!("the picture {} behind the map is not shown", quoted(&value))
            });
        }
        draft.map.backdrop = value;
    } else {
        draft.findings.note("backdrop", line.number, || {
            "size and place of the picture behind the map are not used".to_owned()
        });
    }
    Ok(())
}

/// A line of [TAGS]. EPANET does not read it.
pub(super) fn tag<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    let (node, link) = (draft.node(line.word(1)), draft.link(line.word(1)));
    match (line.word(2), node, link) {
        (tag, Ok(node), _) if line.is(0, "NODE") && !tag.is_empty() => draft.nodes[node].tag = tag,
        (tag, _, Ok(link)) if line.is(0, "LINK") && !tag.is_empty() => draft.links[link].tag = tag,
        _ => draft.findings.note("tags", line.number, || {
            "a tag has NODE or LINK, its name and a text; the line is ignored".to_owned()
        }),
    }
    Ok(())
}
