//! Names with `*` in them, such as `*.flow` or `P-1*.running`.

/// True if `name` fits `pattern`, in which each `*` stands for any text, even none.
pub fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    // Each part between two stars is best found as early as possible; the last must end the name.
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return name.ends_with(part);
        }
        match name.find(part) {
            Some(at) => name = &name[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, fits: &[&str], fails: &[&str]) {
        for name in fits {
            assert!(matches(pattern, name), "`{pattern}` should fit `{name}`");
        }
        for name in fails {
            assert!(
                !matches(pattern, name),
                "`{pattern}` should not fit `{name}`"
            );
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        check("P-1.flow", &["P-1.flow"], &["P-1.flows", "xP-1.flow", ""]);
        check("*", &["", "anything"], &[]);
        check("*.flow", &["P-1.flow", ".flow"], &["P-1.flow2", "flow"]);
        check(
            "P-1*.running",
            &["P-1.running", "P-101.running"],
            &["P-2.running"],
        );
        check(
            "a*b*c",
            &["abc", "aXbYc", "abbc", "abcbc"],
            &["ac", "acb", "aXbY"],
        );
        check("a*a", &["aa", "aba"], &["a"]);
        check("**", &["", "x"], &[]);
    }
}
