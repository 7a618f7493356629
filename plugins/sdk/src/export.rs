//! The macro that makes a library a plugin.

/// Exports a [`ChainPlugin`](crate::ChainPlugin) as the library's one symbol, `countersign_chain_plugin_v1`.
///
/// Once per library, in a crate with `crate-type = ["cdylib"]`. Keep the crate a cdylib only: a program that links two
/// plugins as ordinary crates would have the symbol twice. What a plugin's own tests need, they find in it by
/// `#[cfg(test)]`.
///
/// A description that breaks a rule of the ABI does not compile, and says which:
///
/// ```compile_fail
/// use countersign_plugin::{AddressError, Chain, ChainPlugin, Error, Logger, Proof, Verdict};
///
/// struct Nameless;
///
/// impl ChainPlugin for Nameless {
///     const NAME: &'static str = ""; // error: NAME has to be 3 to 32 of -, a-z, 0-9
/// #   const VERSION: &'static str = "1.0.0";
/// #   const CHAINS: &'static [Chain] = &[];
/// #   fn create(_: &str, _: Logger) -> Result<Self, Error> {
/// #       Ok(Self)
/// #   }
/// #   fn parse_address(&self, _: &'static Chain, text: &str) -> Result<String, AddressError> {
/// #       Ok(text.to_owned())
/// #   }
/// #   fn verify(&self, _: &Proof<'_>) -> Result<Verdict, Error> {
/// #       Ok(Verdict::invalid("always"))
/// #   }
/// }
///
/// countersign_plugin::export_chain_plugin!(Nameless);
/// ```
///
/// What the macro expands to has an `#[unsafe(no_mangle)]`, and works in a crate with `#![forbid(unsafe_code)]` all the
/// same: the lint does not look into other crates' macros. Nothing else in it is unsafe.
#[macro_export]
macro_rules! export_chain_plugin {
    ($plugin:ty) => {
        const _: () = {
            use $crate::{
                ChainPlugin,
                glue::{abi, descriptor},
            };

            #[cfg(panic = "abort")]
            compile_error!("a chain plugin has to be built with panic = \"unwind\"");

            const CHAINS: &[$crate::Chain] = <$plugin as ChainPlugin>::CHAINS;
            const _: () = descriptor::check::<$plugin>();

            static CHAIN_IDS: [abi::ChainId; descriptor::count_chain_ids(CHAINS)] =
                descriptor::chain_ids(CHAINS);
            static KEY_TYPES: [abi::Bytes; descriptor::count_key_types(CHAINS)] =
                descriptor::key_types(CHAINS);
            static SELF_TESTS: [abi::SelfTest; descriptor::count_self_tests(CHAINS)] =
                descriptor::self_tests(CHAINS);
            static TABLE: [abi::Chain; CHAINS.len()] =
                descriptor::chains(CHAINS, &CHAIN_IDS, &KEY_TYPES, &SELF_TESTS);
            static POINTERS: [&abi::Chain; CHAINS.len()] = descriptor::pointers(&TABLE);

            // Without `used`, link-time optimisation may drop what nothing in the library reads.
            #[used]
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals)]
            pub static countersign_chain_plugin_v1: abi::Plugin =
                descriptor::plugin::<$plugin>(&POINTERS);
        };
    };
}
