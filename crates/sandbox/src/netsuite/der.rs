//! The public key in a PEM file: just enough DER for `PUBLIC KEY` and `CERTIFICATE`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const VERSION: u8 = 0xa0;

/// The key's bytes: an uncompressed point for elliptic curves, PKCS#1 `RSAPublicKey` for RSA. `None` when the
/// file is no such thing.
pub(super) fn public_key(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(body).ok()?;
    let (outer, _) = expect(&der, SEQUENCE)?;
    let info = if pem.contains("BEGIN CERTIFICATE") { info_of_certificate(outer)? } else { outer };
    let (_algorithm, rest) = expect(info, SEQUENCE)?;
    let (bits, _) = expect(rest, BIT_STRING)?;
    match bits.split_first() {
        Some((0, key)) => Some(key.to_vec()),
        Some(_) | None => None,
    }
}

/// `SubjectPublicKeyInfo`'s content: after version, serial, algorithm, issuer, validity and subject (RFC
/// 5280, 4.1).
fn info_of_certificate(certificate: &[u8]) -> Option<&[u8]> {
    let (mut rest, _) = expect(certificate, SEQUENCE)?;
    if let Some((VERSION, _, after)) = element(rest) {
        rest = after;
    }
    for _ in 0..5 {
        (_, _, rest) = element(rest)?;
    }
    expect(rest, SEQUENCE).map(|(info, _)| info)
}

fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(bytes)?;
    (found == tag).then_some((content, rest))
}

/// Tag, content and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if *first >= 0x80 {
        let (digits, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        length = digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit));
        rest = after;
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
