//! Environment variables that look like settings and are not read.

use super::{Variable, read};

/// A variable that is not read, and the one that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearMiss {
    /// As it is written.
    pub written: String,
    /// As it would have to be.
    pub meant: String,
}

impl NearMiss {
    /// All in the environment. Variables that others set for a service of our name, such as
    /// Kubernetes' `COUNTERSIGN_SERVICE_HOST`, are none, because no setting is called like that.
    pub(crate) fn all() -> Vec<Self> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        std::env::vars_os()
            .filter_map(text)
            .filter_map(|(name, value)| Self::of(name, &value))
            .collect()
    }

    fn of(written: String, value: &str) -> Option<Self> {
        if written.starts_with(Variable::PREFIX) {
            return None;
        }
        let upper = written.to_uppercase();
        let rest = upper.strip_prefix("COUNTERSIGN_")?;
        let words: Vec<&str> = rest.split('_').filter(|word| !word.is_empty()).collect();
        // Where the section ends and the key begins is not known: `SIGN_IN_ORIGINS`.
        let meant = (0..words.len()).map(|split| {
            let (section, key) = words.split_at(split);
            let section = Some(section.join("_")).filter(|section| !section.is_empty());
            let names: Vec<_> = section.into_iter().chain([key.join("_")]).collect();
            format!("{}{}", Variable::PREFIX, names.join("__"))
        });
        let meant = meant.into_iter().find(|name| is_setting(name, value))?;
        Some(Self { written, meant })
    }
}

/// Whether a variable of this name would set something to this value.
fn is_setting(name: &str, value: &str) -> bool {
    let variable = Variable {
        name: name.to_owned(),
        text: value.to_owned(),
    };
    read(config::Config::builder().add_source(variable), name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_by_its_words() {
        for (written, value, meant) in [
            (
                "COUNTERSIGN_SERVER_LISTEN",
                "[::1]:1",
                Some("COUNTERSIGN__SERVER__LISTEN"),
            ),
            (
                "COUNTERSIGN_SIGN_IN__MAX_CHALLENGES",
                "5",
                Some("COUNTERSIGN__SIGN_IN__MAX_CHALLENGES"),
            ),
            (
                "countersign__server__data_dir",
                "/x",
                Some("COUNTERSIGN__SERVER__DATA_DIR"),
            ),
            ("COUNTERSIGN_DEMO", "true", Some("COUNTERSIGN__DEMO")),
            ("COUNTERSIGN__SERVER__LISTEN", "x", None),
            ("COUNTERSIGN_SERVICE_HOST", "10.0.0.1", None),
            ("COUNTERSIGN_PORT", "tcp://10.0.0.1:80", None),
            ("COUNTERSIGN_BIN", "/usr/bin/countersign", None),
            ("COUNTERSIGNER_DEMO", "true", None),
        ] {
            let found = NearMiss::of(written.into(), value).map(|miss| miss.meant);
            assert_eq!(found.as_deref(), meant, "{written}");
        }
    }
}
