//! `WebSocketCloseInfo`.

use crate::dom::DomException;
use crate::edition::Edition;

/// `WebSocketCloseInfo`: a code and a reason, to close with, or that a connection was closed with.
///
/// ```
/// use dom_websocket::WebSocketCloseInfo;
///
/// assert_eq!(WebSocketCloseInfo::from((4000, "enough")).reason, "enough");
/// assert_eq!(WebSocketCloseInfo::default().close_code, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebSocketCloseInfo {
    /// To close with: 1000, or from 3000 to 4999. Without it there is none on the wire, or 1000 if there is a reason. Of a
    /// connection that is closed: as [`CloseEvent::code`](crate::CloseEvent::code), 1005 where there was none.
    pub close_code: Option<u16>,
    /// At most 123 bytes.
    pub reason: String,
}

impl WebSocketCloseInfo {
    /// "Close the WebSocket", steps 1 to 3: what goes on the wire, if it is allowed.
    pub(super) fn checked(&self, edition: Edition) -> Result<Option<(u16, &str)>, DomException> {
        // 1-2. Validate close code and reason.
        edition.check_close(self.close_code, &self.reason)?;
        // 3. A reason without a code gets 1000.
        let default = (!self.reason.is_empty()).then_some(1000);
        let code = self.close_code.or(default);
        Ok(code.map(|code| (code, self.reason.as_str())))
    }
}

impl From<u16> for WebSocketCloseInfo {
    fn from(close_code: u16) -> Self {
        Self::from((close_code, ""))
    }
}

impl From<(u16, &str)> for WebSocketCloseInfo {
    fn from((close_code, reason): (u16, &str)) -> Self {
        Self {
            close_code: Some(close_code),
            reason: reason.to_owned(),
        }
    }
}
