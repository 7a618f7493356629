//! Answers that are mostly there already.

use std::future::{Future, IntoFuture, Ready, ready};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Either},
};

/// An answer that is known, or has to be asked for. Only the latter waits, and only it is allocated.
#[must_use = "what has to be asked for is not asked until it is awaited"]
pub enum Answer<'a, T> {
    /// This one.
    Known(T),
    /// The one that this waits for.
    Asked(BoxFuture<'a, T>),
}

impl<'a, T: 'a> Answer<'a, T> {
    /// One to be asked for.
    pub fn asked(answer: impl Future<Output = T> + Send + 'a) -> Self {
        Self::Asked(Box::pin(answer))
    }

    /// Makes something else of the answer.
    pub fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'a) -> Answer<'a, U> {
        match self {
            Self::Known(answer) => Answer::Known(change(answer)),
            Self::Asked(answer) => Answer::Asked(answer.map(change).boxed()),
        }
    }

    /// Goes on from the answer to another.
    pub fn and_then<U: Send + 'a>(
        self,
        next: impl FnOnce(T) -> Answer<'a, U> + Send + 'a,
    ) -> Answer<'a, U> {
        match self {
            Self::Known(answer) => next(answer),
            Self::Asked(answer) => Answer::asked(async move { next(answer.await).await }),
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
