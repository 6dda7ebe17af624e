//! A function that takes its work from a topic, which calls the function itself.

use cloudwright::lambda::Code;
use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Orders", Environment::agnostic());
    let news = stack.add("News", sns::Topic::new());
    let book = stack.add("Book", lambda::Function::new(Code::s3("releases", "book.zip")));
    book.consume(&news);
}
