//! The code of the error that answers a request, on its way from the envelope to those who count.
//!
//! A response cannot carry it: the framework replaces what is attached to one when it becomes an error.

use std::cell::RefCell;

use poem::Response;
use poem_openapi::types::ToJSON;

tokio::task_local! {
    static CODE: RefCell<Option<String>>;
}

/// Notes the code that an envelope is made with, one of a dialect's closed list.
pub(crate) fn note(code: &impl ToJSON) {
    let text = code
        .to_json()
        .and_then(|json| json.as_str().map(str::to_owned));
    // Outside of a request there is nobody to tell.
    let _noted = CODE.try_with(|noted| noted.replace(text));
}

/// Answers a request, and tells the code of the last envelope that was made for it.
pub(crate) async fn scope(answer: impl Future<Output = Response>) -> (Response, Option<String>) {
    let work = async {
        let response = answer.await;
        (response, CODE.with(RefCell::take))
    };
    CODE.scope(RefCell::default(), work).await
}
