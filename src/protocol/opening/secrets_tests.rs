//! What is shown for debugging ends in logs: no subprotocol, no credential, nothing of an application's answer.

use super::*;
use crate::protocol::{Limits, Payload, Resources};

#[test]
fn nothing_that_is_shown_tells_a_secret() {
    let request = |fields: Vec<(String, String)>| ClientRequest {
        protocols: vec!["secret".into()],
        fields,
        ..ClientRequest::new(Wire::Rfc6455, "ws://h/path?secret").unwrap()
    };
    let cookie = vec![("Cookie".into(), "a=secret".into())];
    let (mut client, bytes) = AwaitingResponse::new(request(cookie), &Limits::default(), [1; 32]);
    let mut server = AwaitingRequest::new(AcceptOptions::default());
    let mut shown = vec![("AwaitingRequest", format!("{server:?}"))];
    let asked = server.read(&mut &bytes[..]).unwrap().unwrap();
    shown.push(("AwaitingAnswer", format!("{asked:?}")));
    let (_, responding) = asked.answer(Answer::accept_with("secret")).unwrap();
    shown.push(("Responding", format!("{responding:?}")));

    let response = b"HTTP/1.1 401 secret\r\nSet-Cookie: a=secret\r\n\r\n";
    let Ok(Some(Reply::Rejected(rejected))) = client.read(&mut &response[..]) else {
        panic!("it is");
    };
    shown.push(("AwaitingResponse", format!("{client:?}")));
    shown.push(("Response", format!("{:?}", rejected.response())));
    shown.push(("Rejected", format!("{rejected:?}")));
    let answer = HttpResponse::new(403)
        .field("Set-Cookie", "a=secret")
        .body("text/plain", "secret");
    shown.push(("HttpResponse", format!("{answer:?}")));
    let refusal = format!("{:?}", Refusal::from(answer));
    assert_eq!(refusal, r#"Refusal("HTTP/1.1 403 Forbidden")"#);

    let mut agreed = Agreed::new(Wire::Rfc6455, Role::Server);
    agreed.protocol = Some("secret".into());
    agreed.unread = b"secret".into();
    shown.push(("Agreed", format!("{agreed:?}")));
    shown.push(("Resources", format!("{:?}", Resources::default())));
    shown.push(("Text", format!("{:?}", Payload::Text("secret"))));
    shown.push(("Binary", format!("{:?}", Payload::Binary(b"secret"))));
    for (name, shown) in shown {
        assert!(shown.starts_with(name), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
