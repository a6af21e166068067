//! Arithmetic and conditions over signals, as people write them.
//!
//! ```text
//! [TK-301.level] < 1.2 and ([P-301.running] > 0.5 or [P-302.running] > 0.5)
//! abs([FT-1.flow] - [FT-2.flow]) / max([FT-1.flow], 10)
//! ```
//!
//! A signal stands in square brackets and has its own unit. A condition is 1 where it
//! holds and 0 where not. What depends on an unknown value is unknown.

use thiserror::Error;

use crate::signal::SignalId;
use crate::units::Unit;

/// Brackets within brackets go no deeper.
const MAX_DEPTH: usize = 50;

/// An expression over signals, with every name resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    root: Node,
    inputs: Vec<SignalId>,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// Something else should stand there.
    #[error(
        "{found} stands where {wanted} should, at character {at}; signals stand in square brackets, such as [P-1.flow] > 3"
    )]
    Unexpected {
        /// What stands there.
        found: String,
        /// What should.
        wanted: &'static str,
        /// Where, from 1.
        at: usize,
    },
    /// There is no such signal.
    #[error("there is no signal `{name}`; write tag and signal with a dot between")]
    UnknownSignal {
        /// What stands in the brackets.
        name: String,
    },
    /// There is no such function.
    #[error("there is no function `{name}`; there are abs, min and max")]
    UnknownFunction {
        /// Its name.
        name: String,
    },
    /// It is nested too deeply.
    #[error("the expression is nested too deeply; split it")]
    TooDeep,
    /// It reads no signal.
    #[error("the expression reads no signal; name one in square brackets")]
    NoSignal,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(f64),
    Signal(SignalId, Unit),
    Negative(Box<Node>),
    Not(Box<Node>),
    Abs(Box<Node>),
    Two(Operator, Box<(Node, Node)>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Min,
    Max,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

impl Expression {
    /// Reads an expression; `find` tells the signal of a name with its unit.
    pub fn parse(
        text: &str,
        find: impl Fn(&str) -> Option<(SignalId, Unit)>,
    ) -> Result<Self, ExpressionError> {
        let mut parser = Parser {
            text,
            at: 0,
            depth: 0,
            inputs: Vec::new(),
            find,
        };
        let root = parser.either()?;
        parser.skip_space();
        if parser.at < text.len() {
            return Err(parser.unexpected("an operator or the end"));
        }
        let mut inputs = parser.inputs;
        inputs.sort_unstable();
        inputs.dedup();
        match inputs.is_empty() {
            true => Err(ExpressionError::NoSignal),
            false => Ok(Self { root, inputs }),
        }
    }

    /// The signals that it reads, each once, in order.
    pub fn inputs(&self) -> &[SignalId] {
        &self.inputs
    }

    /// Its value, where `value` tells those of signals, SI; `None` if one is unknown, or the
    /// result is no number.
    pub fn value(&self, value: &impl Fn(SignalId) -> Option<f64>) -> Option<f64> {
        self.root.value(value).filter(|value| value.is_finite())
    }
}

impl Node {
    fn value(&self, value: &impl Fn(SignalId) -> Option<f64>) -> Option<f64> {
        Some(match self {
            Self::Number(number) => *number,
            Self::Signal(id, unit) => unit.from_si(value(*id)?),
            Self::Negative(node) => -node.value(value)?,
            Self::Not(node) => f64::from(!holds(node.value(value)?)),
            Self::Abs(node) => node.value(value)?.abs(),
            Self::Two(operator, sides) => {
                operator.apply(sides.0.value(value)?, sides.1.value(value)?)
            }
        })
    }
}

impl Operator {
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Min => left.min(right),
            Self::Max => left.max(right),
            Self::Less => f64::from(left < right),
            Self::LessOrEqual => f64::from(left <= right),
            Self::Greater => f64::from(left > right),
            Self::GreaterOrEqual => f64::from(left >= right),
            Self::Equal => f64::from(left == right),
            Self::NotEqual => f64::from(left != right),
            Self::And => f64::from(holds(left) && holds(right)),
            Self::Or => f64::from(holds(left) || holds(right)),
        }
    }
}

/// True if a number, taken for a condition, holds.
fn holds(value: f64) -> bool {
    value > 0.5
}

struct Parser<'t, F> {
    text: &'t str,
    at: usize,
    depth: usize,
    inputs: Vec<SignalId>,
    find: F,
}

impl<F: Fn(&str) -> Option<(SignalId, Unit)>> Parser<'_, F> {
    fn either(&mut self) -> Result<Node, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ExpressionError::TooDeep);
        }
        let mut left = self.both()?;
        while self.takes_word("or") {
            left = two(Operator::Or, left, self.both()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.negation()?;
        while self.takes_word("and") {
            left = two(Operator::And, left, self.negation()?);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Node, ExpressionError> {
        let mut nots = 0;
        while self.takes_word("not") {
            nots += 1;
        }
        let node = self.comparison()?;
        Ok(match nots {
            0 => node,
            odd if odd % 2 == 1 => Node::Not(Box::new(node)),
            _ => Node::Not(Box::new(Node::Not(Box::new(node)))),
        })
    }

    fn comparison(&mut self) -> Result<Node, ExpressionError> {
        const SIGNS: [(&str, Operator); 6] = [
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let left = self.sum()?;
        for (sign, operator) in SIGNS {
            if self.takes(sign) {
                return Ok(two(operator, left, self.sum()?));
            }
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.product()?;
        loop {
            let operator = if self.takes("+") {
                Operator::Add
            } else if self.takes("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = two(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.signed()?;
        loop {
            let operator = if self.takes("*") {
                Operator::Multiply
            } else if self.takes("/") {
                Operator::Divide
            } else {
                return Ok(left);
            };
            left = two(operator, left, self.signed()?);
        }
    }

    fn signed(&mut self) -> Result<Node, ExpressionError> {
        let mut is_negative = false;
        while self.takes("-") {
            is_negative = !is_negative;
        }
        let node = self.operand()?;
        Ok(match is_negative {
            true => Node::Negative(Box::new(node)),
            false => node,
        })
    }

    fn operand(&mut self) -> Result<Node, ExpressionError> {
        const WANTED: &str = "a number, a signal or a bracket";
        if self.takes("(") {
            let node = self.either()?;
            self.expect(")", "a closing bracket")?;
            return Ok(node);
        }
        if self.takes("[") {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find(']') else {
                self.at = self.text.len();
                return Err(self.unexpected("a closing square bracket"));
            };
            let name = rest[..end].trim();
            self.at += end + 1;
            let Some((id, unit)) = (self.find)(name) else {
                let name = name.chars().take(60).collect();
                return Err(ExpressionError::UnknownSignal { name });
            };
            self.inputs.push(id);
            return Ok(Node::Signal(id, unit));
        }
        let rest = &self.text[self.at..];
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        let digits = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
        if let Some(number) = rest[..digits].parse().ok().filter(|n: &f64| n.is_finite()) {
            self.at += digits;
            return Ok(Node::Number(number));
        }
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic());
        let name = &rest[..letters.unwrap_or(rest.len())];
        if name.is_empty() {
            return Err(self.unexpected(WANTED));
        }
        let operator = match name {
            "abs" => None,
            "min" => Some(Operator::Min),
            "max" => Some(Operator::Max),
            _ => {
                let name = name.chars().take(60).collect();
                return Err(ExpressionError::UnknownFunction { name });
            }
        };
        self.at += name.len();
        self.expect("(", "an opening bracket")?;
        let first = self.either()?;
        let node = match operator {
            None => Node::Abs(Box::new(first)),
            Some(operator) => {
                self.expect(",", "a comma")?;
                two(operator, first, self.either()?)
            }
        };
        self.expect(")", "a closing bracket")?;
        Ok(node)
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.skip_space();
        let is_next = self.text[self.at..].starts_with(sign);
        self.at += if is_next { sign.len() } else { 0 };
        is_next
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let after = self.text[self.at..].strip_prefix(word);
        let is_next = after.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()));
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    fn expect(&mut self, sign: &str, wanted: &'static str) -> Result<(), ExpressionError> {
        match self.takes(sign) {
            true => Ok(()),
            false => Err(self.unexpected(wanted)),
        }
    }

    fn unexpected(&self, wanted: &'static str) -> ExpressionError {
        let next = self.text[self.at..].chars().next();
        ExpressionError::Unexpected {
            found: next.map_or("the end".to_owned(), |next| format!("`{next}`")),
            wanted,
            at: self.text[..self.at].chars().count() + 1,
        }
    }
}

fn two(operator: Operator, left: Node, right: Node) -> Node {
    Node::Two(operator, Box::new((left, right)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signals `a`, `b` and `c` with the values 2, 3 and nothing.
    fn value(text: &str) -> Result<Option<f64>, ExpressionError> {
        let find = |name: &str| {
            let place = ["a", "b", "c"].iter().position(|known| *known == name)?;
            Some((SignalId(place as u32), Unit::NUMBER))
        };
        let known = |id: SignalId| [Some(2.0), Some(3.0), None][id.index()];
        Ok(Expression::parse(text, find)?.value(&known))
    }

    #[track_caller]
    fn check(text: &str, expected: f64) {
        assert_eq!(value(text), Ok(Some(expected)), "{text}");
    }

    #[test]
    fn operators_bind_as_in_arithmetic() {
        check("[a] + [b] * 2", 8.0);
        check("([a]+[b]) * 2 - -1", 11.0);
        check("[b] - [a] - 1", 0.0);
        check("12 / [a] / [b]", 2.0);
        check("abs([a] - [b] * 4) + max([a], 7) + min([a],7)", 19.0);
        check("[a] < [b] and not [b] <= 2", 1.0);
        check("[a] > 9 or [b] == 3 and [a] != 2", 0.0);
        check("not not ([a] >= 2)", 1.0);
    }

    #[test]
    fn what_is_unknown_or_no_number_has_no_value() {
        assert_eq!(value("[c] > 1 or [a] > 1"), Ok(None));
        assert_eq!(value("[a] / ([b] - 3)"), Ok(None));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let told = |text: &str| value(text).expect_err("refused").to_string();
        assert!(told("[a] >").starts_with("the end stands where a number"));
        assert!(
            told("[a] § 3")
                .starts_with("`§` stands where an operator or the end should, at character 5")
        );
        assert!(told("[a > 3").starts_with("the end stands where a closing square"));
        assert!(told("[d] > 1").starts_with("there is no signal `d`"));
        assert!(told("sin([a])").starts_with("there is no function `sin`"));
        assert_eq!(value("1 + 2"), Err(ExpressionError::NoSignal));
        let deep = format!("{}[a]{}", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(value(&deep), Err(ExpressionError::TooDeep));
    }
}
