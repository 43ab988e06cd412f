//! Changes to a text by position, which keep everything on its line.

use oxc_span::Span;

#[derive(Default)]
pub(crate) struct Edits {
    /// What takes the place of which part. Where two begin at one place, the first goes first.
    replaced: Vec<(usize, usize, String)>,
}

impl Edits {
    pub(crate) fn insert(&mut self, at: u32, text: impl Into<String>) {
        self.replaced.push((at as usize, at as usize, text.into()));
    }

    /// `text` has no line breaks: those of the part are put behind it.
    pub(crate) fn replace(&mut self, part: Span, text: impl Into<String>) {
        let (start, end) = (part.start as usize, part.end as usize);
        self.replaced.push((start, end, text.into()));
    }

    pub(crate) fn apply(mut self, source: &str) -> String {
        self.replaced.sort_by_key(|(start, ..)| *start);
        let mut result = String::with_capacity(source.len() + 64);
        let mut at = 0;
        for (start, end, text) in self.replaced {
            debug_assert!(at <= start, "parts overlap");
            result.push_str(&source[at..start]);
            result.push_str(&text);
            let lost = source[start..end].chars();
            result.extend(lost.filter(|c| matches!(c, '\n' | '\u{2028}' | '\u{2029}')));
            at = end;
        }
        result.push_str(&source[at..]);
        result
    }
}
