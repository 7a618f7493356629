// Proofs about which a verifier has to decide. They are in no count of accepts or rejects.

import { cast, envelopeV0, envelopeV1 } from './accepts.mjs';
import { utf8 } from './bytes.mjs';
import { torsion, torsionOrder } from './curve.mjs';
import { mixedProof } from './forgeries.mjs';
import { chains, signInText } from './texts.mjs';

export async function policy() {
  const { alice } = await cast();
  const text = signInText(alice);
  const message = utf8(text);
  const base = { chain: chains.mainnet, address: alice.address, message };
  return [
    ...torsion.slice(1).map((part, at) => mixed(alice, part, torsionOrder[at + 1])),
    {
      id: 'another-chain-than-its-text', ...base, chain: chains.devnet, signature: await alice.sign(message),
      recommend: 'accept', reason: 'the chain claimed is not that of the text: a verifier reads no text, core does',
    },
    {
      id: 'off-chain-envelope-v0', ...base, signature: await alice.sign(envelopeV0(alice, text)), recommend: 'reject',
      reason: 'signed in an off-chain envelope, version 0, as hardware wallets do: not what was asked for',
    },
    {
      id: 'off-chain-envelope-v1', ...base, signature: await alice.sign(envelopeV1(alice, text)), recommend: 'reject',
      reason: 'signed in an off-chain envelope, version 1: as before',
    },
  ];
}

function mixed(signer, part, order) {
  return {
    id: `part-of-key-cancelled-${torsion.indexOf(part)}`, chain: chains.mainnet,
    ...mixedProof(signer, part, (k) => k % BigInt(order) === 0n), recommend: 'either',
    reason: `the key has a part of order ${order} that the signature cancels; the network accepts it in transactions`,
  };
}
