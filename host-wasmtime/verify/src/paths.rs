//! Traces of the machine that built a file.
//!
//! A panic location or a debug section carries the path of its source file. Such a path tells who
//! built the file and where, and it makes two builds of one source differ. `/rustc/<commit>/` and
//! `/rust/deps/` are not such traces: the standard library was compiled with these names.

/// How paths of builders begin. Where a home is named, its owner stands behind it.
const HOMES: &[&str] = &[
    "/home/",
    "/root/",
    "/Users/",
    "/private/",
    "/tmp/",
    "/var/folders/",
    ":\\Users\\",
    ".cargo/registry",
    ".cargo\\registry",
    "/registry/src/",
    ".rustup/",
    ".rustup\\",
];

/// Enough to see which file it is, short enough for a table.
const MAX_SHOWN: usize = 120;

/// Finds every path, in the order of the file, each once.
pub(crate) fn find(bytes: &[u8], folders: &[&str]) -> Vec<String> {
    let folders = folders.iter().map(|folder| folder.trim_end_matches(['/', '\\']));
    // An empty one would be found everywhere; without the slash `/app` would be found in `/apply`.
    let folders = folders
        .filter(|folder| !folder.is_empty())
        .flat_map(|folder| [format!("{folder}/"), format!("{folder}\\")]);
    let needles: Vec<String> = HOMES.iter().map(|home| (*home).to_owned()).chain(folders).collect();
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if needles.iter().any(|needle| rest.starts_with(needle.as_bytes())) || is_drive(rest) {
            let shown = path_at(rest);
            at += shown.len().max(1);
            if !found.contains(&shown) {
                found.push(shown);
            }
        } else {
            at += 1;
        }
    }
    found
}

/// `C:\work\lib.rs`. Three bytes alone turn up by chance in code, so some more of a path is asked for.
fn is_drive(bytes: &[u8]) -> bool {
    matches!(bytes, [b'A'..=b'Z', b':', b'\\', ..]) && path_at(bytes).len() >= 10
}

/// What stands there as far as it reads like a path.
fn path_at(bytes: &[u8]) -> String {
    let of_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"/\\._-+:@~".contains(byte);
    bytes.iter().take(MAX_SHOWN).take_while(|byte| of_path(byte)).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn homes_are_found_and_the_standard_library_is_not() {
        let bytes = b"\0/home/ada/.cargo/registry/src/x/lib.rs\0/rustc/5960/library/core/src/str.rs\0";
        assert_eq!(find(bytes, &[]), ["/home/ada/.cargo/registry/src/x/lib.rs"]);
        assert_eq!(
            find(b"C:\\work\\lib.rs\xff/rust/deps/dlmalloc-0.2/src/lib.rs", &[]),
            ["C:\\work\\lib.rs"]
        );
        assert!(find(b"code C:\\\x01\x02 by chance", &[]).is_empty());
    }

    #[test]
    fn a_folder_of_the_caller_is_found_and_an_empty_one_is_not() {
        assert_eq!(find(b"at /srv/checkout/core/src/call.rs\n", &["/srv/checkout"]).len(), 1);
        assert!(find(b"at /srv/checkout/core/src/call.rs\n", &["", "/", "/srv/check"]).is_empty());
    }

    #[test]
    fn one_path_is_named_once() {
        assert_eq!(find(b"/root/a.rs /root/a.rs /root/b.rs", &[]), ["/root/a.rs", "/root/b.rs"]);
    }
}
