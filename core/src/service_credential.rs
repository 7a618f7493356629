//! What a service shows when it asks about the tokens of its own callers.

use crate::{Random, secret::Secret, secret_format::Format};

/// 202 random bits.
const FORMAT: Format = Format {
    prefix: "cs_svc_",
    random: 34,
};

/// A fresh secret, `cs_svc_` and 40 characters. It is stored nowhere: configuration holds its hash.
///
/// ```
/// use countersign_core::{memory::SeededRandom, service_credential};
///
/// let secret = service_credential::generate(&SeededRandom::new(1));
/// assert!(service_credential::has_form(secret.expose()));
/// assert!(!service_credential::has_form(&secret.expose()[1..]), "mistyped");
/// ```
pub fn generate(random: &dyn Random) -> Secret {
    Secret::new(FORMAT.generate(random))
}

/// Whether a text has the form of these secrets, checksum included (see [`api_key::has_form`](crate::api_key::has_form)).
pub fn has_form(text: &str) -> bool {
    FORMAT.fits(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::SeededRandom;

    #[test]
    fn a_fresh_secret_has_the_form_and_no_other_text_does() {
        let random = SeededRandom::new(1);
        let (one, other) = (generate(&random), generate(&random));
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 47);
        assert!(has_form(one.expose()));
        for text in [
            "",
            "cs_svc_",
            "ocx_sk_ExampleKeyThatNobodyHasEverHeld0124FF1de",
            &one.expose().to_lowercase(),
            &format!("{} ", one.expose()),
        ] {
            assert!(!has_form(text), "{text}");
        }
    }
}
