//! The check of one signature, for every way a wallet signs.

use std::hint::black_box;

use countersign_alephium::{Alephium, KeyType};
use countersign_core::{
    ChainVerifier,
    chain::ChainAddress,
    memory::SeededRandom,
    proof::{Proof, parse_hex},
};
use countersign_ethereum::Ethereum;
use criterion::Criterion;
use futures_util::FutureExt;

/// About as long as a message to sign in.
const MESSAGE: [u8; 300] = [b'm'; 300];

pub(crate) fn benchmarks(criterion: &mut Criterion) {
    let wallet = countersign_ethereum::Wallet::generate(&SeededRandom::new(1));
    let proof = Proof {
        signature: parse_hex(&wallet.sign(&MESSAGE)).expect("hex"),
        public_key: None,
        key_type: None,
    };
    let ethereum = Ethereum::new(&[1]);
    verify(
        criterion,
        "signature/Ethereum",
        &ethereum,
        &wallet.address(),
        &proof,
    );

    let alephium = Alephium::new(&["mainnet"])
        .expect("a network's name")
        .with_gl_secp256r1()
        .with_gl_ed25519()
        .with_gl_webauthn(countersign_alephium::Wallet::relying_party());
    for key_type in KeyType::ALL {
        let wallet = countersign_alephium::Wallet::generate(&SeededRandom::new(1), key_type);
        let proof = Proof {
            signature: parse_hex(&wallet.sign(&MESSAGE)).expect("hex"),
            public_key: Some(parse_hex(&wallet.public_key()).expect("hex")),
            key_type: Some(key_type.to_string()),
        };
        let name = format!("signature/Alephium, {key_type}");
        verify(criterion, &name, &alephium, &wallet.address(), &proof);
    }
}

fn verify(
    criterion: &mut Criterion,
    name: &str,
    chain: &dyn ChainVerifier,
    address: &str,
    proof: &Proof,
) {
    let address = chain.parse_address(address).now_or_never();
    let account = ChainAddress {
        chain: chain.info().chain_ids[0].clone(),
        address: address
            .expect("nothing is waited for")
            .expect("the wallet's address"),
    };
    criterion.bench_function(name, |bench| {
        bench.iter(|| {
            let verified = chain
                .verify(&account, black_box(&MESSAGE), proof)
                .now_or_never();
            verified
                .expect("nothing is waited for")
                .expect("a good signature")
        });
    });
}
