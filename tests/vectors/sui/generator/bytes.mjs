// Bytes and the texts that stand for them. Nothing here is random: what looks so is SHA-256 of a label.

import { createHash } from 'node:crypto';

export const hex = (bytes) => Buffer.from(bytes).toString('hex');
export const fromHex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
export const base64 = (bytes) => Buffer.from(bytes).toString('base64');
export const fromBase64 = (text) => Uint8Array.from(Buffer.from(text, 'base64'));
export const utf8 = (text) => new TextEncoder().encode(text);
export const sha256 = (bytes) => Uint8Array.from(createHash('sha256').update(bytes).digest());
export const concat = (...parts) => Uint8Array.from(Buffer.concat(parts.map((part) => Buffer.from(part))));
export const zeros = (length) => new Uint8Array(length);
export const ones = (length) => new Uint8Array(length).fill(255);
export const same = (one, other) => hex(one) === hex(other);

// The text, or undefined where the bytes are none that survive being written as JSON and read again.
export function asText(bytes) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return [...text].every((character) => character === '\n' || character >= ' ') ? text : undefined;
  } catch {
    return undefined;
  }
}

// A replaceable part: `bytes` with those from `at` on replaced by as many of `part`.
export function overwrite(bytes, at, part) {
  const copy = Uint8Array.from(bytes);
  copy.set(part, at);
  return copy;
}

export function flipBit(bytes, bit) {
  return overwrite(bytes, bit >> 3, [bytes[bit >> 3] ^ (1 << (bit & 7))]);
}

// Numbers of 32 bytes: those of ECDSA are big-endian, those of Ed25519 little-endian.
export const bigEndian = {
  read: (bytes) => BigInt(`0x${hex(bytes)}`),
  write: (number) => fromHex(number.toString(16).padStart(64, '0')),
};
export const littleEndian = {
  read: (bytes) => bigEndian.read(Uint8Array.from(bytes).reverse()),
  write: (number) => bigEndian.write(number).reverse(),
};

// A stream of numbers that is the same in every run.
export function stream(label) {
  let block = sha256(utf8(label));
  let used = 0;
  function byte() {
    if (used === block.length) [block, used] = [sha256(block), 0];
    return block[used++];
  }
  const bytes = (length) => Uint8Array.from({ length }, byte);
  const below = (limit) => Number(bigEndian.read(bytes(6)) % BigInt(limit));
  return { bytes, below, pick: (list) => list[below(list.length)] };
}
