//! Tiny files, each with one thing to find.

use literllm_verify::{Kind, inspect, inspect_with};

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text of the test is valid")
}

#[test]
fn a_component_with_one_closed_module_is_good() {
    let bytes = wat(r#"(component
        (core module $m (func (export "demo:x/api@0.1.0#greet") (result i32) i32.const 7)
                        (func (export "cabi_post_demo:x/api@0.1.0#greet") (param i32)))
        (core instance $i (instantiate $m))
        (func $greet (result u32) (canon lift (core func $i "demo:x/api@0.1.0#greet")))
        (instance $api (export "greet" (func $greet)))
        (export "demo:x/api@0.1.0" (instance $api)))"#);
    let found = inspect(&bytes).unwrap();
    assert_eq!(found.problems(), Vec::<String>::new());
    assert_eq!((found.kind, found.core_modules, found.imports()), (Kind::Component, 1, 0));
    assert_eq!(found.exports[0].name, "demo:x/api@0.1.0");
    assert_eq!(found.exports[0].functions, ["greet"]);
    assert_eq!((found.size_bytes, found.sha256.len()), (bytes.len() as u64, 64));
    let table = found.to_string();
    assert!(table.contains("demo:x/api@0.1.0: greet") && table.contains("imports   0"), "{table}");
}

#[test]
fn a_core_import_is_found_at_any_depth() {
    let inside = r#"(core module (import "env" "now" (func)) (import "env" "dice" (func)))"#;
    let found = inspect(&wat(&format!("(component {inside})"))).unwrap();
    assert_eq!(found.core_imports, ["env.now", "env.dice"]);
    assert_eq!(found.problems().len(), 2, "{:?}", found.problems());
    let found = inspect(&wat(&format!("(component (component {inside}))"))).unwrap();
    assert_eq!(found.imports(), 2);
}

#[test]
fn an_import_of_the_component_is_found() {
    let found =
        inspect(&wat(r#"(component (import "wasi:clocks/wall-clock@0.2.0" (instance)) (core module))"#))
            .unwrap();
    assert_eq!(found.component_imports, ["wasi:clocks/wall-clock@0.2.0"]);
    assert!(found.problems()[0].contains("wasi:clocks"), "{:?}", found.problems());
}

#[test]
fn what_a_nested_component_imports_is_not_counted() {
    let found = inspect(&wat(r#"(component
        (core module)
        (component (import "import-func-greet" (func)) (import "import-func-part" (func))))"#))
    .unwrap();
    assert_eq!((found.imports(), found.problems().len()), (0, 0), "{found}");
}

#[test]
fn an_import_after_a_nested_component_is_still_found() {
    let found = inspect(&wat(r#"(component
        (component (component) (core module))
        (import "late" (func)))"#))
    .unwrap();
    assert_eq!(found.component_imports, ["late"]);
}

#[test]
fn a_plain_module_and_two_modules_are_problems() {
    let found = inspect(&wat("(module)")).unwrap();
    assert_eq!((found.kind, found.core_modules), (Kind::Module, 1));
    assert!(found.problems()[0].contains("plain core module"));
    let found = inspect(&wat("(component (core module) (core module))")).unwrap();
    assert!(found.problems()[0].contains("2 core modules"));
}

#[test]
fn a_path_of_the_builder_is_found_and_the_standard_library_is_not() {
    let file =
        |path: &str| wat(&format!(r#"(component (core module (memory 1) (data (i32.const 0) "{path}")))"#));
    let found = inspect(&file("/home/ada/work/core/src/call.rs")).unwrap();
    assert_eq!(found.builder_paths, ["/home/ada/work/core/src/call.rs"]);
    assert!(found.problems()[0].contains("/home/ada"), "{:?}", found.problems());
    assert!(inspect(&file("/rustc/59807616e/library/core/src/str/mod.rs")).unwrap().problems().is_empty());
    assert!(inspect(&file("/srv/ci/core/src/call.rs")).unwrap().problems().is_empty());
    assert_eq!(inspect_with(&file("/srv/ci/core/src/call.rs"), &["/srv/ci"]).unwrap().problems().len(), 1);
}

#[test]
fn what_is_not_wasm_is_an_error_that_says_what_was_expected() {
    let good = wat("(component (core module (func (export \"f\") (result i32) i32.const 1)))");
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 0xff;
    for bytes in [
        b"".as_slice(),
        b"\0",
        b"\0asm",
        b"not wasm at all",
        b"\0asm\x0d\0\x01\0\x01\xff\xff\xff\xff\x0f",
        &flipped,
    ] {
        let error = inspect(bytes).unwrap_err().to_string();
        assert!(error.contains("cargo xtask build"), "{error}");
    }
    // Cut anywhere, or with any byte turned over, a file is judged or refused, and never a panic.
    for at in 0..good.len() {
        let _ = inspect(&good[..at]);
        let mut turned = good.clone();
        turned[at] ^= 0x55;
        let _ = inspect(&turned);
    }
}

#[test]
fn code_that_no_engine_would_load_is_refused() {
    // `i32.const 1` as the body of a function that returns nothing leaves a value on the stack.
    let bytes = wat("(module (func i32.const 1))");
    assert!(inspect(&bytes).is_err());
}

#[test]
fn json_names_every_fact() {
    let json = serde_json::to_value(inspect(&wat("(component (core module))")).unwrap()).unwrap();
    for name in [
        "kind",
        "size_bytes",
        "sha256",
        "core_modules",
        "core_imports",
        "component_imports",
        "exports",
        "builder_paths",
    ] {
        assert!(json.get(name).is_some(), "{name} is missing in {json}");
    }
    assert_eq!(json["kind"], "component");
}
