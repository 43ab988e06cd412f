//! Doors to HTTP/2: what its heads come to, and both ends over a transport of the fuzzer's.

use crate::net::http2::head_of;
use crate::protocol::HandshakeFault;
use crate::protocol::opening::{
    AcceptOptions, Agreed, AwaitingAnswer, ClientRequest, Responding, Response,
};

pub use crate::server::fuzzing::serve_http2;

/// A request's pseudo-header fields. The others have a name and a value.
#[derive(Clone, Copy, Debug)]
pub struct Http2Pseudo<'a> {
    /// `:method`
    pub method: &'a str,
    /// `:protocol`
    pub protocol: Option<&'a str>,
    /// `:scheme`
    pub scheme: &'a str,
    /// `:authority`
    pub authority: Option<&'a str>,
    /// `:path`
    pub path: &'a str,
}

/// What a server makes of a request; or the status and the fields of its refusal. `None`: it is none of HTTP/2's.
#[must_use]
pub fn http2_asked(
    pseudo: Http2Pseudo<'_>,
    fields: &[(String, String)],
    options: &AcceptOptions,
) -> Option<Result<AwaitingAnswer, (u16, Vec<(String, String)>)>> {
    let asked = AwaitingAnswer::over_http2(head_of(pseudo, fields)?, options);
    Some(asked.map_err(|refusal| {
        let response = refusal.into_http2();
        (response.status, response.fields)
    }))
}

/// The fields of a server's answer, whose status is 200.
#[must_use]
pub fn http2_accepted(responding: &Responding) -> Vec<(String, String)> {
    responding.http2_fields()
}

/// The fields of a client's request.
#[must_use]
pub fn http2_fields(request: &ClientRequest) -> Vec<(String, String)> {
    request.http2_fields()
}

/// What a client makes of the fields of an answer that succeeds.
///
/// # Errors
///
/// If the server was not free to give it.
pub fn http2_agreed(
    request: &ClientRequest,
    fields: Vec<(String, String)>,
) -> Result<Agreed, HandshakeFault> {
    request.agree_over_http2(&Response {
        status: 200,
        fields,
    })
}
