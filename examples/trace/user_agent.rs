//! The flags that are for the user agent.

use dom_websocket::{Observation, UserAgent, UserAgentBuilder};
use std::error::Error;

/// A user agent, as the flags have it.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) proxy: Option<String>,
    pub(crate) ca_file: Option<String>,
    pub(crate) client_cert: Option<String>,
    pub(crate) client_key: Option<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) cookie_jar: Option<String>,
    pub(crate) redirects: usize,
    /// `USER:PASSWORD`
    pub(crate) user: Option<String>,
    pub(crate) http2: Option<String>,
    pub(crate) diagnose: bool,
}

impl Settings {
    pub(crate) fn user_agent(&self) -> Result<(UserAgent, Cookies), Box<dyn Error>> {
        let mut builder = UserAgent::builder();
        builder.follow_redirects(self.redirects);
        for header in &self.headers {
            add_header(&mut builder, header)?;
        }
        if self.diagnose {
            builder.observer(|observation: &Observation<'_>| eprintln!("{observation}"));
        } else {
            builder.log_failures();
        }
        self.set_tls(&mut builder)?;
        self.set_proxy(&mut builder)?;
        self.set_http2(&mut builder)?;
        self.set_user(&mut builder)?;
        let cookies = self.set_cookie_jar(&mut builder)?;
        Ok((builder.build(), cookies))
    }

    #[cfg(feature = "tls")]
    fn set_tls(&self, builder: &mut UserAgentBuilder) -> Result<(), Box<dyn Error>> {
        if let Some(file) = &self.ca_file {
            let trusted = builder.root_certificates(&read(file)?);
            trusted.map_err(|error| format!("{file}: {error}"))?;
        }
        match (&self.client_cert, &self.client_key) {
            (None, None) => {}
            (Some(chain), Some(key)) => {
                let shown = builder.client_certificate(&read(chain)?, &read(key)?);
                shown.map_err(|error| format!("{chain} and {key}: {error}"))?;
            }
            _ => return Err("--client-cert and --client-key go together".into()),
        }
        Ok(())
    }

    #[cfg(not(feature = "tls"))]
    fn set_tls(&self, _: &mut UserAgentBuilder) -> Result<(), Box<dyn Error>> {
        if [&self.ca_file, &self.client_cert, &self.client_key] != [&None; 3] {
            return Err("certificates need the feature `tls`".into());
        }
        Ok(())
    }

    #[cfg(feature = "proxies")]
    fn set_proxy(&self, builder: &mut UserAgentBuilder) -> Result<(), Box<dyn Error>> {
        use dom_websocket::{Proxies, Proxy};
        builder.proxies(match &self.proxy {
            Some(proxy) => {
                Proxies::from(Proxy::new(proxy).map_err(|error| format!("--proxy: {error}"))?)
            }
            None => Proxies::from_environment()?,
        });
        Ok(())
    }

    #[cfg(not(feature = "proxies"))]
    fn set_proxy(&self, _: &mut UserAgentBuilder) -> Result<(), Box<dyn Error>> {
        if self.proxy.is_some() {
            return Err("--proxy needs the feature `proxies`".into());
        }
        Ok(())
    }

    #[cfg(feature = "http2")]
    fn set_http2(&self, builder: &mut UserAgentBuilder) -> Result<(), Box<dyn Error>> {
        use dom_websocket::Http2;
        if let Some(mode) = &self.http2 {
            builder.http2(
                mode.parse::<Http2>()
                    .map_err(|error| format!("--http2: {error}"))?,
            );
        }
        Ok(())
    }

    #[cfg(not(feature = "http2"))]
    fn set_http2(&self, _: &mut UserAgentBuilder) -> Result<(), Box<dyn Error>> {
        if self.http2.as_ref().is_some_and(|mode| mode != "off") {
            return Err("--http2 needs the feature `http2`".into());
        }
        Ok(())
    }

    #[cfg(feature = "credentials")]
    fn set_user(&self, builder: &mut UserAgentBuilder) -> Result<(), Box<dyn Error>> {
        use dom_websocket::Credentials;
        let Some(user) = &self.user else {
            return Ok(());
        };
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        let credentials = Credentials::new(user, password)?;
        builder.server_credentials(move |challenge| {
            // They don't get better by being sent again.
            let credentials = (challenge.attempt() == 1).then(|| credentials.clone());
            async move { credentials }
        });
        Ok(())
    }

    #[cfg(not(feature = "credentials"))]
    fn set_user(&self, _: &mut UserAgentBuilder) -> Result<(), Box<dyn Error>> {
        if self.user.is_some() {
            return Err("--user needs the feature `credentials`".into());
        }
        Ok(())
    }

    #[cfg(feature = "cookies")]
    fn set_cookie_jar(&self, builder: &mut UserAgentBuilder) -> Result<Cookies, Box<dyn Error>> {
        let Some(file) = &self.cookie_jar else {
            return Ok(Cookies::default());
        };
        let jar = dom_websocket::CookieJar::new();
        match std::fs::File::open(file) {
            Ok(opened) => jar
                .load(std::io::BufReader::new(opened))
                .map_err(|error| format!("{file}: {error}"))?,
            // It comes into being at the end.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{file}: {error}").into()),
        }
        builder.cookie_jar(&jar);
        Ok(Cookies(Some((jar, file.clone()))))
    }

    #[cfg(not(feature = "cookies"))]
    fn set_cookie_jar(&self, _: &mut UserAgentBuilder) -> Result<Cookies, Box<dyn Error>> {
        if self.cookie_jar.is_some() {
            return Err("--cookie-jar needs the feature `cookies`".into());
        }
        Ok(Cookies)
    }
}

#[cfg(feature = "tls")]
fn read(file: &str) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("{file}: {error}"))
}

fn add_header(builder: &mut UserAgentBuilder, header: &str) -> Result<(), String> {
    let (name, value) = header
        .split_once(':')
        .ok_or_else(|| "--header takes NAME: VALUE".to_owned())?;
    match builder.header(name, value) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("--header: {error}")),
    }
}

/// The cookies, and the file to write them to.
#[cfg(feature = "cookies")]
#[derive(Default)]
pub(crate) struct Cookies(Option<(dom_websocket::CookieJar, String)>);

#[cfg(feature = "cookies")]
impl Cookies {
    pub(crate) fn save(&self) -> std::io::Result<()> {
        match &self.0 {
            Some((jar, file)) => {
                let mut options = std::fs::OpenOptions::new();
                options.write(true).create(true).truncate(true);
                // Whoever reads a cookie is whom it stands for.
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                jar.save(options.open(file)?)
            }
            None => Ok(()),
        }
    }
}

/// Without the feature `cookies`: nothing to keep.
#[cfg(not(feature = "cookies"))]
#[derive(Default)]
pub(crate) struct Cookies;

#[cfg(not(feature = "cookies"))]
impl Cookies {
    pub(crate) fn save(&self) -> std::io::Result<()> {
        Ok(())
    }
}
