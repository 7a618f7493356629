// Proofs that must be refused, each a good proof with one thing wrong.

import { concat, flipBit, hex, ones, overwrite, utf8, zeros } from './bytes.mjs';
import {
  addressOf, flags, halves, inner, isOnCurve, negated, negatedS, orders, readS, uncompressed, withInner, withR, withS,
} from './curve.mjs';
import { forgeries } from './forgeries.mjs';
import { digests } from './digests.mjs';
import { asBase64, bls, flaggedAs, multisig, passkey, withKey, zkLogin } from './schemes.mjs';
import { networks, signInText } from './texts.mjs';
import { cast, wallet, walletOfSeed, walletWhere } from './wallets.mjs';

export async function rejects() {
  const people = Object.values(cast());
  const good = await Promise.all(people.map(async (signer) => {
    const message = utf8(signInText(signer));
    return { signer, address: signer.address, message, signature: await signer.sign(message) };
  }));
  const three = good.slice(0, 3);
  const groups = [
    malleated, otherFlag, truncated, extended, emptied, zero, flipped, otherKey, otherMessage, otherNetwork,
    otherAddress, otherForm, publicKeys, keyTypes, noPoint, otherSchemes, digests,
  ];
  const made = await Promise.all(groups.map((group) => group(three, good)));
  return [...made.flat(), ...forgeries(good[0])];
}

// One refused proof: `base` with `changes`.
export function refused(id, group, base, reason, changes) {
  const { signer, ...proof } = base;
  return {
    id: `${id}-${signer.scheme}`, class: group, chain: 'sui:mainnet', ...proof, ...changes, valid: false, reason,
  };
}

// One refused proof of each kind of signature.
export function each(group, base, signatures) {
  return Object.entries(signatures).map(([id, [what, signature]]) => (
    refused(`${group.replaceAll(' ', '-')}-${id}`, group, base, `the signature is ${what}`, { signature })
  ));
}

// What anybody can make of a good signature.
function malleated(three) {
  return three.flatMap((base) => {
    const { signer, signature } = base;
    const [n, s, [r, encodedS]] = [orders[signer.scheme], readS(signer, signature), halves(signature)];
    const own = signer.scheme === 'ed25519' ? {
      'plus-l': ['one with L added to S', withS(signer, signature, s + n)],
      'plus-7l': ['one with 7 L added to S', withS(signer, signature, s + 7n * n)],
      'negated-r': ['one of -R', withInner(signature, concat(negated(r), encodedS))],
      'negated-both': ['one of -R and L - S', negatedS(signer, withInner(signature, concat(negated(r), encodedS)))],
      'top-bit': ['one with the highest bit of S set', flipBit(signature, 33 * 8 + 255)],
    } : {
      'negated-r': ['one with r negated', withR(signer, signature, n - (BigInt(`0x${hex(r)}`) % n))],
    };
    return each('malleated', base, {
      'negated-s': ['one with s negated: the high s of ECDSA', negatedS(signer, signature)],
      swapped: ['its halves swapped', withInner(signature, concat(encodedS, r))],
      reversed: ['its halves in reverse', withInner(signature, concat(r.toReversed(), encodedS.toReversed()))],
      ...own,
    });
  }).concat(highS(three));
}

// Some more s that are high: a verifier that forgets one of the curves is found by each.
function highS([, ...three]) {
  return three.map((base) => {
    const largest = withS(base.signer, base.signature, orders[base.signer.scheme] - 1n);
    return refused('malleated-largest-s', 'malleated', base, 's is n - 1, which is high', { signature: largest });
  });
}

function otherFlag(three) {
  const relabelled = three.flatMap((base) => [0, 1, 2, 3, 4, 5, 6, 7, 0x41, 0x80, 0xff]
    .filter((flag) => flag !== flags[base.signer.scheme])
    .map((flag) => {
      const signature = flaggedAs(base.signer, flag, base.signature);
      return refused(`flag-${flag}`, 'other flag', base, `its flag is ${flag}`, { signature });
    }));
  return [...relabelled, ...sameKeyOtherCurve(three)];
}

// A key whose bytes are a point of both curves of ECDSA: under another flag it is another address.
function sameKeyOtherCurve([, bob]) {
  return [['secp256k1', 'secp256r1'], ['secp256r1', 'secp256k1']].flatMap(([scheme, other]) => {
    const signer = walletWhere(scheme, 'on both curves', ({ key }) => isOnCurve(other, key));
    const base = { ...bob, signer, address: signer.address };
    const own = flaggedAs(signer, flags[other], bob.signature);
    const address = addressOf(flags[other], signer.key);
    return [
      refused('both-curves-flag', 'other flag', base, `the key is one of ${other}, too`, { signature: own }),
      refused('both-curves-address', 'other flag', base, `and the address is that of ${other}`, {
        signature: own, address,
      }),
    ];
  });
}

function truncated(three) {
  return three.flatMap((base) => {
    const { signature, signer } = base;
    const cut = [1, 2, 33, 64, 65, 66, signature.length - 2, signature.length - 1].map((length) => (
      refused(`cut-to-${length}`, 'truncated', base, `${length} bytes`, { signature: signature.slice(0, length) })
    ));
    return [...cut, ...each('truncated', base, {
      'no-flag': ['one without its flag', signature.slice(1)],
      'no-key': ['one without the key', signature.slice(0, 65)],
      'no-signature': ['one without its 64 bytes', concat([flags[signer.scheme]], signer.key)],
      'inner': ['its 64 bytes alone', inner(signature)],
    })];
  });
}

function extended(three) {
  return three.flatMap((base) => {
    const { signature, signer, message } = base;
    return each('extended', base, {
      'zero-after': ['one with a zero after it', concat(signature, [0])],
      'zero-before': ['one with a zero before it', concat([0], signature)],
      'line-feed': ['one with a line feed after it', concat(signature, [10])],
      'recovery-byte': ['one with a recovery byte before the key', concat(signature.slice(0, 65), [0], signer.key)],
      'key-twice': ['one with the key twice', concat(signature, signer.key)],
      'flagged-key': ['one with the flag before the key again', concat(signature.slice(0, 65), signer.flagged)],
      twice: ['twice', concat(signature, signature)],
      'message-after': ['one with the message after it', concat(signature, message)],
    });
  });
}

function emptied(three) {
  return three.map((base) => refused('nothing', 'empty', base, 'there is no byte', { signature: zeros(0) }));
}

function zero(three) {
  return three.flatMap((base) => {
    const { signer, signature } = base;
    const n = orders[signer.scheme];
    return each('zero', base, {
      'all-zero': ['64 zeros', withInner(signature, zeros(64))],
      'all-ones': ['64 bytes of 0xFF', withInner(signature, ones(64))],
      'zero-s': ['one with s of 0', withS(signer, signature, 0n)],
      'zero-r': ['one with r of 0', withR(signer, signature, 0n)],
      'n-as-s': ['one with the order as s', withS(signer, signature, n)],
      'n-as-r': ['one with the order as r', withR(signer, signature, n)],
      'one-as-s': ['one with s of 1', withS(signer, signature, 1n)],
      'ones-as-s': ['one with s of 2^256 - 1', overwrite(signature, 33, ones(32))],
      'zero-key': ['one with a key of zeros', withKey(signer, zeros(signer.key.length), signature)],
      'every-byte-zero': ['zeros alone', zeros(signature.length)],
    });
  });
}

function flipped(three) {
  return three.flatMap((base) => {
    const inSignature = [8, 9, 15, 100, 200, 263, 264, 300, 400, 519].map((bit) => (
      refused(`bit-${bit}`, 'flipped', base, `bit ${bit} flipped`, { signature: flipBit(base.signature, bit) })
    ));
    const inKey = [520, 528, 600, 700, 775].map((bit) => {
      const signature = flipBit(base.signature, bit);
      const address = addressOf(signature[0], signature.slice(65));
      return refused(`key-bit-${bit}`, 'flipped', base, `bit ${bit} flipped, and the address that of the key then`, {
        signature, address,
      });
    });
    return [...inSignature, ...inKey];
  });
}

async function otherKey(three, good) {
  const swaps = good.flatMap((base, at) => {
    const { address, signature } = good[(at + 1) % good.length];
    return [
      refused(`address-of-another-${at}`, 'other key', base, 'the address is of another wallet', { address }),
      refused(`signature-of-another-${at}`, 'other key', base, 'another wallet signed its own text', { signature }),
    ];
  });
  const signed = await Promise.all(three.map(async (base) => {
    const other = wallet(base.signer.scheme, 'mallory');
    const signature = await other.sign(base.message);
    const ours = withKey(base.signer, base.signer.key, signature);
    return [
      refused('another-signed', 'other key', base, 'another wallet signed this text', { signature }),
      refused('another-signed-our-key', 'other key', base, 'and the key was replaced by ours', { signature: ours }),
    ];
  }));
  return [...swaps, ...signed.flat()];
}

// The signature is of the text as it was before the change.
function otherMessage(three) {
  return three.flatMap((base) => {
    const text = signInText(base.signer);
    const texts = {
      'line-feed-after': ['a line feed after it', `${text}\n`],
      crlf: ['CR LF for LF', text.replaceAll('\n', '\r\n')],
      'other-domain': ['another domain', text.replaceAll('example.com', 'example.org')],
      'other-nonce': ['another nonce', text.replace('vK7d', 'vK7e')],
      'other-time': ['another time', text.replace('12:05', '12:06')],
      'upper-case': ['all in upper case', text.toUpperCase()],
      empty: ['nothing', ''],
    };
    return Object.entries(texts).map(([id, [what, other]]) => (
      refused(`changed-${id}`, 'other message', base, `what is claimed has ${what}`, { message: utf8(other) })
    ));
  });
}

// The wallet signed a text with another chain id than the one claimed.
async function otherNetwork(three) {
  const spellings = [...networks.slice(1), 'localnet', 'sui:mainnet', 'Mainnet', '1'];
  const made = await Promise.all(three.flatMap((base) => spellings.map(async (chainId) => (
    refused(`signed-for-${chainId}`, 'other network', base, `the text signed has the chain id ${chainId}`, {
      signature: await base.signer.sign(utf8(signInText(base.signer, { chainId }))),
    })
  ))));
  return made;
}

// Other addresses of the same key, or of the same private key.
async function otherAddress(three) {
  const made = await Promise.all(three.map(async (base) => {
    const { signer, message } = base;
    const { scheme, key, seed } = signer;
    const others = Object.keys(flags).filter((other) => other !== scheme);
    const addresses = {
      ...Object.fromEntries(others.map((other) => [`flag-of-${other}`, addressOf(flags[other], key)])),
      ...Object.fromEntries(others.map((other) => [`seed-in-${other}`, walletOfSeed(other, seed).address])),
      multisig: (await multisig([signer], message)).address,
      passkey: addressOf(6, key),
      'no-flag': addressOf(key[0], key.slice(1)),
      'key-itself': `0x${hex(key.slice(-32))}`,
    };
    return Object.entries(addresses).map(([id, address]) => (
      refused(`address-${id}`, 'other address', base, `the address is that of: ${id.replaceAll('-', ' ')}`, { address })
    ));
  }));
  return made.flat();
}

// The right signature in another form.
function otherForm(three) {
  return three.flatMap((base) => {
    const { signer, signature } = base;
    const otherY = signer.key.with(0, signer.key[0] ^ 1);
    const ofEcdsa = signer.scheme === 'ed25519' ? {} : {
      uncompressed: ['one with the key uncompressed', withKey(signer, uncompressed(signer), signature)],
      'x-only': ['one with the x of the key alone', withKey(signer, signer.key.slice(1), signature)],
      'other-parity': ['one with the other y of the key', withKey(signer, otherY, signature)],
    };
    return each('other form', base, {
      'as-base64': ['its Base64 as bytes, as wallets give it', asBase64(signature)],
      'as-hex': ['its hex digits as bytes', utf8(hex(signature))],
      'as-0x-hex': ['0x and its hex digits as bytes', utf8(`0x${hex(signature)}`)],
      'inner-as-base64': ['the Base64 of its 64 bytes', asBase64(inner(signature))],
      'in-vector': ['one with its length before it, as in BCS', concat([signature.length], signature)],
      'key-first': ['one with the key before it', concat([signature[0]], signer.key, inner(signature))],
      ...ofEcdsa,
    });
  });
}

function publicKeys(three) {
  return three.flatMap((base, at) => {
    const { key, flagged, scheme } = base.signer;
    const keys = {
      another: ['of another wallet', wallet(scheme, 'mallory').key],
      'of-another-scheme': ['of a wallet of another scheme', three[(at + 1) % 3].signer.key],
      'another-flag': ['under another flag', concat([(flags[scheme] + 1) % 3], key)],
      'one-byte-less': ['without its last byte', key.slice(0, -1)],
      'one-byte-more': ['with a byte after it', concat(key, [0])],
      'flagged-twice': ['with its flag twice', concat([flags[scheme]], flagged)],
      zero: ['of zeros', zeros(key.length)],
      empty: ['of no byte', zeros(0)],
    };
    return Object.entries(keys).map(([id, [what, publicKey]]) => (
      refused(`public-key-${id}`, 'public key', base, `the public key sent is ${what}`, { publicKey })
    ));
  });
}

function keyTypes(three) {
  return three.flatMap((base) => Object.keys(flags).filter((scheme) => scheme !== base.signer.scheme).map((keyType) => (
    refused(`key-type-${keyType}`, 'key type', base, `the key type named is ${keyType}`, { keyType })
  )));
}

// Keys that are none, each with the address that it would have.
function noPoint(three) {
  return three.flatMap((base) => {
    const { signer } = base;
    const keys = signer.scheme === 'ed25519' ? { 'off-curve': concat([2], zeros(31)) } : {
      'off-curve': concat([2], firstOffCurve(signer.scheme)),
      'tag-0': overwrite(signer.key, 0, [0]),
      'tag-4': overwrite(signer.key, 0, [4]),
      'tag-5-compact': overwrite(signer.key, 0, [5]),
      'tag-6-hybrid': overwrite(signer.key, 0, [6]),
      'x-too-large': concat([2], ones(32)),
      zero: zeros(33),
    };
    return Object.entries(keys).map(([id, key]) => (
      refused(`no-point-${id}`, 'no point', base, `the key is none: ${id}`, {
        signature: withKey(signer, key, base.signature), address: addressOf(flags[signer.scheme], key),
      })
    ));
  });
}

function firstOffCurve(scheme) {
  for (let x = 1; ; x += 1) {
    const bytes = concat(zeros(31), [x]);
    if (!isOnCurve(scheme, concat([2], bytes))) return bytes;
  }
}

// Good signatures of schemes that are not taken. The library accepts those of multisig and of passkeys.
async function otherSchemes([alice, bob, carol]) {
  const { message } = alice;
  const three = [alice, bob, carol].map(({ signer }) => signer);
  const kinds = {
    'multisig-of-one': ['a multisig of one key', await multisig([alice.signer], message)],
    'multisig-of-three': ['a multisig of three schemes', await multisig(three, message)],
    passkey: ['a passkey', await passkey(carol.signer, message)],
    zklogin: ['zkLogin, in form', await zkLogin(alice.signer, message)],
    bls: ['BLS, in form', bls()],
  };
  return Object.entries(kinds).flatMap(([id, [what, proof]]) => [
    refused(`scheme-${id}`, 'other scheme', alice, `it is of ${what}, under its own address`, proof),
    refused(`scheme-${id}-our-address`, 'other scheme', alice, `it is of ${what}`, { signature: proof.signature }),
  ]);
}
