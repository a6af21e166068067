//! What is wrong with a scene, collected until the whole of it has been looked at.
//!
//! A finding keeps the path of its place; lines are looked up at the end, so that a
//! sound scene pays nothing for them.

use crate::problem::{Outline, Problem, Step};

/// More findings than this are counted, not told.
const MAX_TOLD: usize = 1_000;

/// A place in the scene file: free to make, turned into a path when something is wrong there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// The scene itself.
    Scene,
    /// A field, or an entry of a map.
    Key(&'a Place<'a>, &'a str),
    /// An item of a list.
    Item(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> Self {
        Place::Key(self, key)
    }

    pub(super) fn item(&'a self, item: usize) -> Self {
        Place::Item(self, item)
    }

    pub(super) fn path(&self) -> Vec<Step> {
        match self {
            Place::Scene => Vec::new(),
            Place::Key(around, key) => {
                let mut path = around.path();
                path.push((*key).into());
                path
            }
            Place::Item(around, item) => {
                let mut path = around.path();
                path.push((*item).into());
                path
            }
        }
    }
}

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    told: Vec<Finding>,
    count: usize,
    /// Lists whose items come from imported files: list, first item, file.
    imported: Vec<(&'static str, usize, String)>,
}

#[derive(Debug)]
struct Finding {
    path: Vec<Step>,
    message: String,
    hint: Hint,
}

#[derive(Debug)]
enum Hint {
    Text(String),
    /// The whole problem, as another file's reader told it.
    Told(Problem),
    /// The first of two things that may stand only once.
    FirstAt(Vec<Step>),
}

impl Findings {
    /// Notes a mistake at `place`.
    pub(super) fn add(
        &mut self,
        place: &Place<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(place, message.into(), Hint::Text(hint.into()));
    }

    /// Notes an error whose text says after a semicolon how to mend it.
    pub(super) fn add_error(&mut self, place: &Place<'_>, error: &impl std::error::Error) {
        let text = error.to_string();
        match text.split_once("; ") {
            Some((message, hint)) => self.add(place, message, hint),
            None => self.add(place, text, ""),
        }
    }

    /// Notes that what stands at `place` stood at `first` already.
    pub(super) fn add_second(
        &mut self,
        place: &Place<'_>,
        first: &Place<'_>,
        message: impl Into<String>,
    ) {
        self.push(place, message.into(), Hint::FirstAt(first.path()));
    }

    /// Notes what an import said; at `place`, unless it names a file of its own.
    pub(super) fn add_problem(&mut self, place: &Place<'_>, problem: Problem) {
        self.push(place, String::new(), Hint::Told(problem));
    }

    /// From item `first` on, `list` holds what `file` added.
    pub(super) fn attribute(&mut self, list: &'static str, first: usize, file: &str) {
        self.imported.push((list, first, file.to_owned()));
    }

    /// How many there are: compared before and after, it tells whether a part is sound.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    fn push(&mut self, place: &Place<'_>, message: String, hint: Hint) {
        self.count += 1;
        if self.told.len() < MAX_TOLD {
            self.told.push(Finding {
                path: place.path(),
                message,
                hint,
            });
        }
    }

    /// The findings as problems of `text`, in the order of its lines.
    pub(super) fn into_problems(self, text: &str) -> Vec<Problem> {
        let outline = Outline::of(text);
        let untold = self.count - self.told.len();
        let file_of = |path: &[Step]| {
            let [Step::Key(list), Step::Item(item), ..] = path else {
                return None;
            };
            let fits = |(of, first, _): &&(&str, usize, String)| of == list && first <= item;
            let file = self.imported.iter().rfind(fits);
            file.map(|(.., file)| file.as_str())
        };
        let mut problems: Vec<Problem> = self
            .told
            .into_iter()
            .map(|finding| {
                let file = file_of(&finding.path);
                let line = |path: &[Step]| outline.line(path).filter(|_| file_of(path).is_none());
                let hint = match finding.hint {
                    Hint::Told(problem) if problem.file.is_some() => return problem,
                    Hint::Told(problem) => {
                        let line = line(&finding.path);
                        return Problem { line, ..problem };
                    }
                    Hint::Text(text) => text,
                    Hint::FirstAt(path) => match (file_of(&path), line(&path)) {
                        (Some(file), _) => format!("the first comes from {file}"),
                        (None, Some(line)) => format!("the first stands on line {line}"),
                        (None, None) => String::new(),
                    },
                };
                let problem = Problem::new(line(&finding.path), finding.message, hint);
                match file {
                    Some(file) => problem.in_file(file),
                    None => problem,
                }
            })
            .collect();
        problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        if untold > 0 {
            problems.push(Problem::new(
                None,
                format!("{untold} more problems"),
                "they may go away with those above",
            ));
        }
        problems
    }
}
