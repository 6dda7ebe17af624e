//! A review as one page.
use crate::model::Review;
impl Review {
    /// The page.
    #[must_use]
    pub fn to_html(&self) -> String {
        self.to_markdown()
    }
}
