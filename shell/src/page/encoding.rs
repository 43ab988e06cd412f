//! What `encoding.js` asks for: the decoders of the Encoding Standard, by `encoding_rs`.

use super::bytes;
use crate::natives::Natives;
use encoding_rs::{Decoder, DecoderResult, Encoding};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Those that expect more, by the number of their object.
type Decoders = Rc<RefCell<HashMap<String, Decoder>>>;

pub(super) fn define(natives: &Natives) {
    let decoders = Decoders::default();
    natives.define("encoding", |parameters| {
        let encoding = encoding(parameters.first()?)?;
        Some(encoding.name().to_ascii_lowercase())
    });
    let decoding = decoders.clone();
    natives.define("decode", move |parameters| {
        let [number, label, is_fatal, ignores_bom, expects_more, data] = parameters else {
            return None;
        };
        let is = |flag: &String| flag == "true";
        let decoder = decoding.borrow_mut().remove(number);
        let mut decoder = match decoder {
            Some(decoder) => decoder,
            None if is(ignores_bom) => encoding(label)?.new_decoder_without_bom_handling(),
            None => encoding(label)?.new_decoder_with_bom_removal(),
        };
        let text = decode(
            &mut decoder,
            &bytes::from_text(data),
            is(is_fatal),
            !is(expects_more),
        );
        if is(expects_more) {
            decoding.borrow_mut().insert(number.clone(), decoder);
        }
        text
    });
    natives.define("forget decoder", move |parameters| {
        decoders.borrow_mut().remove(parameters.first()?);
        None
    });
}

/// "Get an encoding", but for the one that is none to decode from.
fn encoding(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// None if it is malformed and that is fatal.
fn decode(decoder: &mut Decoder, data: &[u8], is_fatal: bool, is_last: bool) -> Option<String> {
    let mut text = String::new();
    if is_fatal {
        text.reserve(decoder.max_utf8_buffer_length_without_replacement(data.len())?);
        let (result, _) = decoder.decode_to_string_without_replacement(data, &mut text, is_last);
        (result == DecoderResult::InputEmpty).then_some(text)
    } else {
        text.reserve(decoder.max_utf8_buffer_length(data.len())?);
        let _ = decoder.decode_to_string(data, &mut text, is_last);
        Some(text)
    }
}
