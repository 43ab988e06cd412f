//! What follows a response that opens nothing, where the user agent is set to go on: credentials, or another URL.

use super::Opening;
use crate::protocol::opening::Response;
#[cfg(feature = "credentials")]
use crate::user_agent::authentication::{Authentication, Proof};
use crate::user_agent::credentials::Credentials;
#[cfg(feature = "credentials")]
use crate::user_agent::diagnostics::Step;
use crate::user_agent::{Failure, RedirectFailure, redirect};

impl Opening {
    /// Whether another attempt may follow a response of this status.
    pub(super) fn goes_on_after(&self, status: u16) -> bool {
        if self.request.edition().is_none() {
            return false;
        }
        match status {
            401 => self.can_answer(),
            301 | 302 | 303 | 307 | 308 => self.user_agent.settings().redirects > 0,
            _ => false,
        }
    }

    /// The `user:password@` of the URL. Where they are not sent unasked they only answer a 401, where that
    /// is answered.
    pub(super) fn take_credentials_of_url(&mut self) -> Result<(), Failure> {
        let Some(edition) = self.request.edition() else {
            return Ok(());
        };
        let is_unasked = edition.sends_credentials_unasked();
        let credentials = if is_unasked || self.is_set_to_answer() {
            Credentials::of_url(&self.request.record).map_err(|_| Failure::InvalidCredentials)?
        } else {
            None
        };
        // A field that the application added is not overridden.
        let is_unasked = is_unasked && self.request.headers.all("authorization").next().is_none();
        self.authorization = credentials
            .as_ref()
            .filter(|_| is_unasked)
            .and_then(Credentials::basic);
        #[cfg(feature = "credentials")]
        {
            let provider = self.user_agent.settings().server_credentials.clone();
            self.proof = None;
            self.authentication = Authentication::new(credentials, provider);
            if is_unasked {
                self.authentication.preempt();
            }
        }
        Ok(())
    }

    #[cfg(feature = "credentials")]
    fn is_set_to_answer(&self) -> bool {
        self.user_agent.settings().server_credentials.is_some()
    }

    #[cfg(not(feature = "credentials"))]
    fn is_set_to_answer(&self) -> bool {
        false
    }

    /// Whether there is an answer to a 401: what the user agent is set to give, or the URL's credentials.
    #[cfg(feature = "credentials")]
    fn can_answer(&self) -> bool {
        self.authentication.can_answer()
    }

    #[cfg(not(feature = "credentials"))]
    fn can_answer(&self) -> bool {
        false
    }

    #[cfg(feature = "credentials")]
    pub(super) async fn authenticate(&mut self, response: Box<Response>) -> Result<(), Failure> {
        let url = &self.request.url;
        let host = url.host_and_port();
        self.proof = self.authentication.answer(&response, &host).await;
        let field = |proof: &mut Proof| proof.field(self.method, &url.resource_name);
        self.authorization = self.proof.as_mut().and_then(field);
        if self.authorization.is_none() {
            return Err(Failure::Status(response));
        }
        self.reporter.tell(Step::Authenticating {
            proxy: false,
            attempt: self.authentication.attempts(),
        });
        Ok(())
    }

    #[cfg(not(feature = "credentials"))]
    pub(super) async fn authenticate(&mut self, response: Box<Response>) -> Result<(), Failure> {
        Err(Failure::Status(response))
    }

    /// Fetch "HTTP-redirect fetch".
    pub(super) fn redirect(&mut self, response: &Response) -> Result<(), Failure> {
        let request = &mut self.request;
        let (record, url) =
            redirect::location(&request.record, response).map_err(Failure::Redirect)?;
        self.redirects_left = self
            .redirects_left
            .checked_sub(1)
            .ok_or(Failure::Redirect(RedirectFailure::TooMany))?;
        let (from, to) = (
            redirect::http_origin(&request.record),
            redirect::http_origin(&record),
        );
        if from != to {
            // Step 10: who sends us from one stranger to another does not speak for the page.
            if self.origin != from.ascii_serialization() {
                self.origin = "null".to_owned();
            }
            // Step 13.
            request.headers.forget_credentials();
        }
        #[cfg(feature = "cookies")]
        if let Some(cookies) = &self.cookies {
            cookies.redirect(&record);
        }
        (request.record, request.url) = (record, url);
        self.take_credentials_of_url()
    }
}
