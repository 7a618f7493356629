//! Where the keys of session tokens lie: the first in the directory of the settings, those that follow in one below it,
//! each in a file that is named by the instant from which it signs. So the files say all there is to say, and several
//! servers may share them, or have copies.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, chown},
    path::{Path, PathBuf},
};

use countersign_core::{Clock, clock::SystemClock, random::base62};
use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};
use zeroize::Zeroizing;

use super::{KeySet, Turn};
use crate::{
    data_dir::{DataDirError, check_own, check_private, failed, write_new_secret},
    random::SystemRandom,
    session_token::{InvalidSigningKey, TokenKey},
    settings::Settings,
};

/// The file of the first key.
pub(crate) const FIRST: &str = "session-signing-key.pem";
/// The directory of the keys that follow.
pub(crate) const FOLDER: &str = "signing-keys";
/// A draft that is older was left behind by somebody who was killed.
const LONGEST_WRITE: Duration = Duration::MINUTE;

/// The files of the keys. Those whose names begin with a dot are nobody's business: they are drafts, of
/// this program or of one that copies.
#[derive(Debug, Clone)]
pub(crate) struct KeyFiles {
    directory: PathBuf,
    token_ttl: Duration,
}

/// Why the keys of session tokens cannot be used; each names the cure.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// A file or the directory is open to others, or cannot be read.
    #[error(transparent)]
    File(#[from] DataDirError),
    /// What lies there is no key.
    #[error("{}; {}", self.fault(), self.cure(plain))]
    NoKey(PathBuf),
    /// What lies there is not named like a key.
    #[error("{}; {}", self.fault(), self.cure(plain))]
    NoName(PathBuf),
    /// There is none.
    #[error("{}; {}", self.fault(), self.cure(plain))]
    None(PathBuf),
}

impl SigningKeyError {
    /// What is wrong.
    pub(crate) fn fault(&self) -> String {
        match self {
            Self::File(error) => error.to_string(),
            Self::NoKey(path) => format!("{}: {InvalidSigningKey}", path.display()),
            Self::NoName(path) => format!(
                "{}: expected a key named by the instant from which it signs, such as 20261128T041500Z.pem",
                path.display()
            ),
            Self::None(path) => format!("{}: no key of session tokens is here yet", path.display()),
        }
    }

    /// What to do about it, with paths written like this.
    pub(crate) fn cure(&self, written: impl Fn(&Path) -> String) -> String {
        match self {
            Self::File(DataDirError::TooOpen { path }) => {
                format!("chmod 600 {}", written(Path::new(path)))
            }
            Self::File(DataDirError::Writable { path }) => {
                format!("chmod go-w {}", written(Path::new(path)))
            }
            Self::File(_) => "run this as the owner of the data directory".into(),
            Self::NoKey(path) => {
                let (here, there) = (written(path), written(&out_of_the_way(path)));
                format!("restore a backup, or mv {here} {there}: no session ends")
            }
            Self::NoName(path) => {
                let (here, there) = (written(path), written(&out_of_the_way(path)));
                format!("if it is no key, mv {here} {there}")
            }
            Self::None(_) => "`countersign serve` makes the first one".into(),
        }
    }
}

impl KeyFiles {
    /// The keys in this directory, of tokens that last so long.
    pub(crate) fn new(directory: &Path, token_ttl: Duration) -> Self {
        Self {
            directory: directory.to_owned(),
            token_ttl,
        }
    }

    /// The keys that a server with these settings signs with.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self::new(&settings.signing_keys_dir, settings.session_ttl)
    }

    /// Makes the first key if there is none. Of servers that do so at once, one makes it.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub(crate) fn make_first(&self) -> Result<(), SigningKeyError> {
        if !self.list()?.is_empty() {
            return Ok(());
        }
        let directory = &self.directory;
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory);
        made.map_err(failed(directory))?;
        check_own(directory)?;
        let first = directory.join(FIRST);
        let draft = directory.join(format!(".{FIRST}.{}.new", base62(&SystemRandom, 10)));
        let pem = TokenKey::generate(&SystemRandom);
        let placed = write_new_secret(&draft, &pem).and_then(|()| fs::hard_link(&draft, &first));
        let _none = fs::remove_file(&draft);
        match placed {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            placed => placed
                .and_then(|()| sync(directory))
                .map_err(failed(&first)),
        }?;
        Ok(())
    }

    /// Reads the keys, which must be their owner's alone.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub(crate) fn read(&self) -> Result<KeySet, SigningKeyError> {
        for (_, file) in self.list()? {
            check_private(&file)?;
        }
        self.look()
    }

    /// Reads the keys, whoever else can.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub(crate) fn look(&self) -> Result<KeySet, SigningKeyError> {
        let files = self.list()?.into_iter();
        let turn = |(since, file): (_, PathBuf)| {
            let key = read_key(&file)?;
            Ok(Turn { key, since, file })
        };
        let turns = files
            .map(turn)
            .collect::<Result<Vec<_>, SigningKeyError>>()?;
        if turns.is_empty() {
            return Err(SigningKeyError::None(self.directory.clone()));
        }
        Ok(KeySet::new(turns, self.token_ttl))
    }

    /// Every key's file, with the instant in its name.
    fn list(&self) -> Result<Vec<(Option<OffsetDateTime>, PathBuf)>, SigningKeyError> {
        let first = self.directory.join(FIRST);
        let mut files = Vec::new();
        match fs::metadata(&first) {
            Ok(_) => files.push((None, first)),
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(failed(&first)(error).into()),
        }
        let folder = self.directory.join(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Err(error) if is_absent(&error) => return Ok(files),
            entries => entries.map_err(failed(&folder))?,
        };
        check_own(&folder)?;
        for entry in entries {
            let entry = entry.map_err(failed(&folder))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            let Some(since) = instant_in(&name) else {
                return Err(SigningKeyError::NoName(entry.path()));
            };
            files.push((Some(since), entry.path()));
        }
        Ok(files)
    }

    /// Puts a key there that signs from this instant on, or as soon after it as a name is free. It is there as a whole
    /// or not at all. Returns its file.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub(crate) fn add(&self, since: OffsetDateTime, pem: &str) -> Result<PathBuf, DataDirError> {
        let folder = self.directory.join(FOLDER);
        if !folder.is_dir() {
            let made = DirBuilder::new().mode(0o700).create(&folder);
            let made = made.and_then(|()| self.hand_over(&folder));
            made.and_then(|()| sync(&self.directory))
                .map_err(failed(&folder))?;
        }
        remove_old_drafts(&folder).map_err(failed(&folder))?;
        let mut since = since;
        loop {
            let name = name_of(since);
            let (file, draft) = (folder.join(&name), folder.join(format!(".{name}.new")));
            if self.place(&draft, &file, pem).map_err(failed(&file))? {
                return Ok(file);
            }
            since += Duration::SECOND;
        }
    }

    /// Whoever has made the draft has the name. False when somebody else has it.
    fn place(&self, draft: &Path, file: &Path, pem: &str) -> io::Result<bool> {
        match write_new_secret(draft, pem) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            written => written?,
        }
        if file.try_exists()? {
            fs::remove_file(draft)?;
            return Ok(false);
        }
        self.hand_over(draft)?;
        fs::rename(draft, file)?;
        file.parent().map_or(Ok(()), sync)?;
        Ok(true)
    }

    /// Removes every key but this one. Returns the files that are gone.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub(crate) fn remove_all_but(&self, kept: &Path) -> Result<Vec<PathBuf>, SigningKeyError> {
        let files = self.list()?.into_iter().map(|(_, file)| file);
        let others: Vec<_> = files.filter(|file| file != kept).collect();
        for file in &others {
            fs::remove_file(file).map_err(failed(file))?;
        }
        for directory in [self.directory.clone(), self.directory.join(FOLDER)] {
            sync(&directory).map_err(failed(&directory))?;
        }
        Ok(others)
    }

    /// What root makes must be readable by the user that the server runs as, who owns the directory.
    fn hand_over(&self, path: &Path) -> io::Result<()> {
        let owner = fs::metadata(&self.directory)?;
        if !rustix::process::geteuid().is_root() || owner.uid() == 0 {
            return Ok(());
        }
        chown(path, Some(owner.uid()), Some(owner.gid()))
    }
}

fn read_key(file: &Path) -> Result<TokenKey, SigningKeyError> {
    let no_key = || SigningKeyError::NoKey(file.to_owned());
    // A pipe, for example, would be waited on for ever.
    if !fs::metadata(file).map_err(failed(file))?.is_file() {
        return Err(no_key());
    }
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(no_key()),
        text => Zeroizing::new(text.map_err(failed(file))?),
    };
    TokenKey::from_pem(&text).map_err(|InvalidSigningKey| no_key())
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Makes the names in a directory last.
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn remove_old_drafts(folder: &Path) -> io::Result<()> {
    let now = SystemClock.now();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_draft = name.starts_with('.') && name.ends_with(".pem.new");
        let written_at = || io::Result::Ok(OffsetDateTime::from(entry.metadata()?.modified()?));
        if is_draft && written_at()? + LONGEST_WRITE < now {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A place beside the keys for what does not belong where it is.
fn out_of_the_way(path: &Path) -> PathBuf {
    let is_in_folder = |parent: &&Path| parent.ends_with(FOLDER);
    let parent = path.parent().filter(is_in_folder).and_then(Path::parent);
    let name = path.file_name().unwrap_or_default();
    let beside = path.with_file_name(name);
    parent
        .map_or(beside, |data_dir| data_dir.join(name))
        .with_added_extension("old")
}

fn plain(path: &Path) -> String {
    path.display().to_string()
}

/// `20261128T041500Z.pem`
fn name_of(instant: OffsetDateTime) -> String {
    let utc = instant.to_offset(UtcOffset::UTC);
    let (year, month, day) = utc.to_calendar_date();
    let (hour, minute, second) = utc.to_hms();
    let month = u8::from(month);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z.pem")
}

fn instant_in(name: &str) -> Option<OffsetDateTime> {
    let (date, time) = name.strip_suffix("Z.pem")?.split_once('T')?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if date.len() != 8 || time.len() != 6 || !is_digits(date) || !is_digits(time) {
        return None;
    }
    let number = |text: &str| text.parse::<u8>().ok();
    let month = Month::try_from(number(&date[4..6])?).ok()?;
    let date =
        Date::from_calendar_date(date[..4].parse().ok()?, month, number(&date[6..])?).ok()?;
    let [hour, minute, second] = [&time[..2], &time[2..4], &time[4..]].map(number);
    Some(date.with_hms(hour?, minute?, second?).ok()?.assume_utc())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn of_servers_that_make_the_first_key_at_once_one_makes_it() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("keys");
        let files = KeyFiles::new(&directory, Duration::HOUR);
        let id = |files: &KeyFiles| {
            files.make_first().unwrap();
            let keys = files.read().unwrap();
            keys.signing_at(SystemClock.now()).published().id.clone()
        };
        let ids: Vec<_> = std::thread::scope(|scope| {
            let servers: Vec<_> = (0..8).map(|_| scope.spawn(|| id(&files))).collect();
            servers
                .into_iter()
                .map(|server| server.join().unwrap())
                .collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let names: Vec<_> = fs::read_dir(&directory).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

    #[test]
    fn a_name_says_an_instant_in_utc() {
        for (name, instant) in [
            ("20261128T041500Z.pem", datetime!(2026-11-28 04:15 UTC)),
            ("20240229T235959Z.pem", datetime!(2024-02-29 23:59:59 UTC)),
            ("00010101T000000Z.pem", datetime!(0001-01-01 0:00 UTC)),
        ] {
            assert_eq!(instant_in(name), Some(instant), "{name}");
            assert_eq!(name_of(instant), name);
        }
        let elsewhere = datetime!(2026-11-28 05:15 +1);
        assert_eq!(name_of(elsewhere), "20261128T041500Z.pem");
    }

    #[test]
    fn other_names_say_none() {
        for name in [
            "",
            "key.pem",
            "20261128T041500Z",
            "20261128T041500.pem",
            "20261128 041500Z.pem",
            "20261328T041500Z.pem",
            "20260229T041500Z.pem",
            "20261128T241500Z.pem",
            "20261128T041560Z.pem",
            "+0261128T041500Z.pem",
            "20261128T04150éZ.pem",
            "20261128T041500Z.pem.old",
        ] {
            assert_eq!(instant_in(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_taken_is_not_taken_again() {
        let directory = tempfile::tempdir().unwrap();
        let files = KeyFiles::new(directory.path(), Duration::HOUR);
        assert!(files.list().unwrap().is_empty());
        let since = datetime!(2126-03-01 12:00 UTC);
        let pem = TokenKey::generate(&SystemRandom);
        let first = files.add(since, &pem).unwrap();
        // Somebody is at it, or was killed.
        write_new_secret(
            &directory
                .path()
                .join(FOLDER)
                .join(".21260301T120001Z.pem.new"),
            "",
        )
        .unwrap();
        let second = files
            .add(since, &TokenKey::generate(&SystemRandom))
            .unwrap();
        assert!(first.ends_with("signing-keys/21260301T120000Z.pem"));
        assert!(second.ends_with("signing-keys/21260301T120002Z.pem"));
        assert_eq!(fs::read_to_string(&first).unwrap(), *pem);
        assert_eq!(files.read().unwrap().ids().count(), 2);
        assert_eq!(files.remove_all_but(&second).unwrap(), [first]);
        assert_eq!(files.read().unwrap().ids().count(), 1);
    }
}
