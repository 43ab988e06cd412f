//! What `fetch` gets: files beside the script, each read on a thread of its own.

use boa_engine::{Context, Finalize, JsData, JsNativeError, JsObject, JsResult, JsString, Trace};
use boa_runtime::fetch::Fetcher;
use boa_runtime::fetch::request::JsRequest;
use boa_runtime::fetch::response::JsResponse;
use futures::channel::oneshot;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::thread;

#[derive(Debug, Trace, Finalize, JsData)]
pub(crate) struct Files {
    #[unsafe_ignore_trace]
    pub(crate) directory: PathBuf,
}

impl Fetcher for Files {
    fn resolve_uri(&self, uri: String, _: &mut Context) -> JsResult<String> {
        // The request has the path alone.
        Ok(format!("/{uri}"))
    }

    async fn fetch(
        self: Rc<Self>,
        request: JsRequest,
        _: Option<JsObject>,
        _: &RefCell<&mut Context>,
    ) -> JsResult<JsResponse> {
        let name = request.uri().path().to_owned();
        let path = self.directory.join(name.trim_start_matches('/'));
        let (answer, answered) = oneshot::channel();
        thread::spawn(move || answer.send(std::fs::read(path)));
        let error = |error: String| JsNativeError::typ().with_message(error);
        let body = answered.await.map_err(|gone| error(gone.to_string()))?;
        let body = body.map_err(|failed| error(format!("{name}: {failed}")))?;
        let url = JsString::from(request.uri().to_string());
        Ok(JsResponse::basic(url, http::Response::new(body)))
    }
}
