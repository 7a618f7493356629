// Two libraries that build the EIP-4361 text. Both take the same fields; times are Dates.

import { SiweMessage } from 'siwe';
import { createSiweMessage } from 'viem/siwe';

export const messageBuilders = [
  { name: 'siwe', build: buildWithSiwe },
  { name: 'viem', build: createSiweMessage },
];

function buildWithSiwe(fields) {
  return new SiweMessage({
    ...fields,
    issuedAt: fields.issuedAt?.toISOString(),
    expirationTime: fields.expirationTime?.toISOString(),
    notBefore: fields.notBefore?.toISOString(),
  }).prepareMessage();
}
