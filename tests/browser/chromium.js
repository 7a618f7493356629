// The Chromium that the system has; none is downloaded.

import { existsSync } from 'node:fs';
import path from 'node:path';

import puppeteer from 'puppeteer-core';

export const VIEWPORT = { width: 1280, height: 900 };

export function launchChromium() {
  const isRoot = process.getuid?.() === 0; // Chromium refuses to put root into its sandbox
  return puppeteer.launch({
    executablePath: findChromium(),
    args: isRoot ? ['--no-sandbox'] : [],
    defaultViewport: VIEWPORT,
  });
}

function findChromium() {
  const candidates = process.env.PATH.split(path.delimiter).map((folder) => path.join(folder, 'chromium'));
  const found = candidates.find(existsSync);
  if (!found) throw new Error('chromium is missing: install the package chromium.');
  return found;
}
