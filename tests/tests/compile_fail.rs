//! Mistakes that do not compile, and what the compiler says about them.
//!
//! Each file below `ui` holds one mistake; beside it stands the compiler's answer, which has to say
//! what to do. `TRYBUILD=overwrite` rewrites the answers, for review.

#[test]
fn mistakes_do_not_compile_and_the_answer_helps() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
