// Bytes and the texts that stand for them. Nothing here is random: what looks so is SHA-256 of a label.

import { createHash } from 'node:crypto';

export const hex = (bytes) => Buffer.from(bytes).toString('hex');
export const fromHex = (text) => Buffer.from(text, 'hex');
export const base64 = (bytes) => Buffer.from(bytes).toString('base64');
export const fromBase64 = (text) => Buffer.from(text, 'base64');
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
export const concat = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));

export function flipBit(bytes, bit) {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
}

export const number = (bytes) => BigInt(`0x${hex(bytes)}`);
export const word = (value) => fromHex(value.toString(16).padStart(64, '0'));

// Items of a witness stack with their lengths, after their count.
export const witness = (...items) => concat([items.length], ...items.flatMap((item) => [[item.length], item]));
