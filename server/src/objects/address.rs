//! Where the store of objects is, from one setting: a folder, or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`.

use std::path::{Path, PathBuf};

use app::accounts::Secret;

/// Where files rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A folder of this machine.
    Folder(PathBuf),
    /// Something that speaks S3.
    S3(S3),
}

/// A place in a store that speaks S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3 {
    /// The bucket.
    pub bucket: String,
    /// What stands before the names of all objects; empty for nothing.
    pub prefix: String,
    /// The address of the service; Amazon's without one.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// What requests are signed with; without it, what the machine itself is given there.
    pub credentials: Option<Credentials>,
}

/// What requests are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The id of the key.
    pub id: String,
    /// The key.
    pub secret: Secret,
}

/// Why an address cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is of no known form.
    #[error("`--files` is neither a folder nor `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`")]
    Unknown,
    /// A parameter that nobody knows.
    #[error("`--files` has an unknown parameter `{0}`: `endpoint` and `region` are known")]
    Parameter(String),
    /// What signs the requests would travel where others listen.
    #[error(
        "the endpoint in `--files` is not encrypted: only an address of this machine may start with `http://`"
    )]
    InClear,
    /// The file of the credentials.
    #[error("cannot read `--files-key {0}`: {1}")]
    KeyFile(String, String),
    /// It holds something else.
    #[error("`--files-key {0}` does not hold two lines: the id of the key, and the key")]
    Key(String),
    /// Credentials for a folder.
    #[error("`--files-key` goes with `--files s3://…`")]
    KeyWithoutStore,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let Some(rest) = text.strip_prefix("s3://") else {
            let path = text.strip_prefix("file://").unwrap_or(text);
            let is_folder = !path.is_empty() && !path.contains("://");
            return is_folder
                .then(|| Self::Folder(PathBuf::from(path)))
                .ok_or(AddressError::Unknown);
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let is_bucket = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if bucket.is_empty() || !bucket.chars().all(is_bucket) {
            return Err(AddressError::Unknown);
        }
        let mut store = S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: None,
            region: "us-east-1".to_owned(),
            credentials: None,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "endpoint" => store.endpoint = Some(value.into_owned()),
                "region" => store.region = value.into_owned(),
                _ => return Err(AddressError::Parameter(name.into_owned())),
            }
        }
        store.check()?;
        Ok(Self::S3(store))
    }

    /// The same, with what requests are signed with: two lines of a file.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else; or the address is a folder.
    pub fn signed_by(self, file: &Path) -> Result<Self, AddressError> {
        let Self::S3(store) = self else {
            return Err(AddressError::KeyWithoutStore);
        };
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| AddressError::KeyFile(name.clone(), error.to_string()))?;
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let [id, secret] = lines[..] else {
            return Err(AddressError::Key(name));
        };
        Ok(Self::S3(S3 {
            credentials: Some(Credentials {
                id: id.to_owned(),
                secret: Secret(secret.to_owned()),
            }),
            ..store
        }))
    }
}

impl S3 {
    /// Whether requests travel unencrypted, which they do on this machine alone.
    pub fn is_in_clear(&self) -> bool {
        self.endpoint
            .as_deref()
            .is_some_and(|endpoint| endpoint.starts_with("http://"))
    }

    fn check(&self) -> Result<(), AddressError> {
        let Some(endpoint) = self.endpoint.as_deref() else {
            return Ok(());
        };
        if endpoint.starts_with("https://") {
            return Ok(());
        }
        let host = endpoint.strip_prefix("http://").ok_or(AddressError::Unknown)?;
        let is_local = ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|local| host == *local || host.starts_with(&format!("{local}:")));
        is_local.then_some(()).ok_or(AddressError::InClear)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::S3(store) => write!(f, "s3://{}/{}", store.bucket, store.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_folder_or_a_bucket() {
        assert_eq!(
            Address::parse("/srv/files"),
            Ok(Address::Folder("/srv/files".into()))
        );
        assert_eq!(
            Address::parse("file:///srv/files"),
            Ok(Address::Folder("/srv/files".into()))
        );
        let Ok(Address::S3(store)) =
            Address::parse("s3://pli/a/b/?endpoint=https%3A%2F%2Fminio.example%3A9000&region=ca-central-1")
        else {
            panic!("a bucket");
        };
        assert_eq!((store.bucket.as_str(), store.prefix.as_str()), ("pli", "a/b"));
        assert_eq!(store.endpoint.as_deref(), Some("https://minio.example:9000"));
        assert_eq!(store.region, "ca-central-1");
        for wrong in [
            "",
            "gs://pli",
            "s3://",
            "s3://a b",
            "s3://pli?endpoint=minio.example",
        ] {
            assert_eq!(Address::parse(wrong), Err(AddressError::Unknown), "{wrong}");
        }
    }

    #[test]
    fn nothing_is_signed_where_others_listen() {
        let at = |endpoint: &str| Address::parse(&format!("s3://pli?endpoint={endpoint}"));

        assert_eq!(at("http://minio.example"), Err(AddressError::InClear));
        assert_eq!(at("http://127.0.0.1.example"), Err(AddressError::InClear));
        assert!(at("http://127.0.0.1:9000").is_ok());
        assert_eq!(
            Address::parse("s3://pli?secret=x"),
            Err(AddressError::Parameter("secret".to_owned()))
        );
    }

    #[test]
    fn what_signs_comes_from_a_file_and_is_not_printed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "id-1\nsecret-1\n").unwrap();

        let address = Address::parse("s3://pli").unwrap().signed_by(&file).unwrap();

        assert!(!format!("{address:?}{address}").contains("secret-1"));
        assert_eq!(
            Address::parse("/srv").unwrap().signed_by(&file),
            Err(AddressError::KeyWithoutStore)
        );
        std::fs::write(&file, "id-1\n").unwrap();
        assert!(matches!(
            Address::parse("s3://pli").unwrap().signed_by(&file),
            Err(AddressError::Key(_))
        ));
    }
}
