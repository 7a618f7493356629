//! Reads the declarations of a C header, as far as those of this ABI go.

use std::collections::{BTreeMap, BTreeSet};

/// What a header declares, in a form in which two that mean the same are equal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Declarations {
    /// Fields of each struct in their order, such as `uint64_t magic`.
    pub(crate) structs: BTreeMap<String, Vec<String>>,
    /// Function types, such as `void ( * ) ( void * instance )`.
    pub(crate) functions: BTreeMap<String, String>,
    /// Names of the constants: macros without parameters whose name has this header's prefix, and a value.
    pub(crate) constants: BTreeSet<String>,
}

impl Declarations {
    /// Reads a header. `rename` gives a word of it the name to be compared under.
    pub(crate) fn read(header: &str, rename: impl Fn(&str) -> String) -> Self {
        let text = without_comments(header);
        let mut declarations = Self::default();
        for line in text.lines().filter(|line| line.starts_with("#define ")) {
            let mut words = line.split_whitespace().skip(1);
            let name = words.next().unwrap();
            if words.next().is_some() && !name.contains('(') {
                declarations.constants.insert(rename(name));
            }
        }
        let code: String = text.lines().filter(|line| !line.starts_with('#')).collect();
        for (at, _) in code.match_indices("typedef ") {
            let end = end_of_declaration(&code[at..]);
            declarations.insert(&words(&code[at + "typedef ".len()..at + end], &rename));
        }
        declarations
    }

    fn insert(&mut self, words: &[String]) {
        let text = words.join(" ");
        let Some((head, body)) = text.split_once(" {") else {
            if let Some((result, rest)) = text.split_once(" ( * ") {
                let (name, parameters) = rest.split_once(" ) ").unwrap();
                let function = format!("{result} ( * ) {parameters}");
                assert!(self.functions.insert(name.to_owned(), function).is_none());
            }
            return;
        };
        let (body, name) = body.rsplit_once("} ").unwrap();
        assert_eq!(head, name, "a struct and its typedef have one name");
        let fields = body.split(" ;").map(|field| field.trim().to_owned());
        let fields = fields.filter(|field| !field.is_empty()).collect();
        assert!(self.structs.insert(name.to_owned(), fields).is_none());
    }
}

/// Replaces each comment by a blank.
fn without_comments(header: &str) -> String {
    let mut parts = header.split("/*");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        text.push(' ');
        text.push_str(part.split_once("*/").unwrap().1);
    }
    text.replace("\\\n", " ")
}

/// Where the `;` outside of braces is.
fn end_of_declaration(code: &str) -> usize {
    let mut depth = 0;
    let end = code.find(|letter| {
        depth += match letter {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        letter == ';' && depth == 0
    });
    end.expect("a typedef ends with a semicolon")
}

/// The words and signs of a declaration, without the word `struct`.
fn words(code: &str, rename: impl Fn(&str) -> String) -> Vec<String> {
    let mut spaced = String::new();
    for letter in code.chars() {
        let is_word = letter.is_ascii_alphanumeric() || letter == '_';
        if is_word || letter.is_whitespace() {
            spaced.push(letter);
        } else {
            spaced.extend([' ', letter, ' ']);
        }
    }
    let words = spaced.split_whitespace().filter(|word| *word != "struct");
    words.map(rename).collect()
}
