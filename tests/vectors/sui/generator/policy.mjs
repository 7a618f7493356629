// Proofs about which a verifier has to decide. They are in no count of accepts or rejects.

import { utf8 } from './bytes.mjs';
import { torsion, torsionOrder } from './curve.mjs';
import { mixedProof } from './forgeries.mjs';
import { signInText } from './texts.mjs';
import { cast } from './wallets.mjs';

export async function policy() {
  const { alice } = cast();
  const message = utf8(signInText(alice));
  return [
    ...torsion.slice(1).map((part, at) => ({
      id: `part-of-key-cancelled-${at + 1}`, chain: 'sui:mainnet',
      ...mixedProof(alice, part, (k) => k % BigInt(torsionOrder[at + 1]) === 0n), recommend: 'accept',
      reason: `the key has a part of order ${torsionOrder[at + 1]} that the signature cancels: it is somebody's`,
    })),
    {
      id: 'another-chain-than-its-text', chain: 'sui:devnet', address: alice.address, message,
      signature: await alice.sign(message), recommend: 'accept',
      reason: 'the chain claimed is not that of the text: a verifier reads no text, core does',
    },
  ];
}
