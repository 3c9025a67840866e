//! A body that breaks off in the middle.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::response::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use hyper::body::Frame;

/// Half of a body, a moment to let it leave, and then an error, on which hyper cuts the connection.
pub(super) struct HalfBody {
    half: Option<Bytes>,
    waited: bool,
}

impl HalfBody {
    /// A response that promises all of `bytes` and sends half.
    pub(super) fn response(mut parts: Parts, bytes: Bytes) -> Response {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        let half = Some(bytes.slice(..bytes.len() / 2));
        Response::from_parts(parts, Body::new(Self { half, waited: false }))
    }
}

impl hyper::body::Body for HalfBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.waited {
            // Being pending once makes hyper flush what it has.
            self.waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(BrokenOff)))
    }
}

/// Why the body ends.
#[derive(Debug)]
pub(super) struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("broken off on purpose")
    }
}

impl std::error::Error for BrokenOff {}
