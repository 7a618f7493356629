//! Answers that are mostly there already.

use std::future::{IntoFuture, Ready, ready};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Either},
};

/// An answer that is known, or has to be asked for. Only the latter waits, and only it is allocated.
pub enum Answer<'a, T> {
    /// This one.
    Known(T),
    /// The one that this waits for.
    Asked(BoxFuture<'a, T>),
}

impl<'a, T: 'a> Answer<'a, T> {
    /// One to be asked for.
    pub(crate) fn asked(answer: impl Future<Output = T> + Send + 'a) -> Self {
        Self::Asked(Box::pin(answer))
    }

    /// Makes something else of the answer.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'a) -> Answer<'a, U> {
        match self {
            Self::Known(answer) => Answer::Known(change(answer)),
            Self::Asked(answer) => Answer::Asked(answer.map(change).boxed()),
        }
    }
}

impl<'a, T> IntoFuture for Answer<'a, T> {
    type Output = T;
    type IntoFuture = Either<Ready<T>, BoxFuture<'a, T>>;

    fn into_future(self) -> Self::IntoFuture {
        match self {
            Self::Known(answer) => Either::Left(ready(answer)),
            Self::Asked(answer) => Either::Right(answer),
        }
    }
}
