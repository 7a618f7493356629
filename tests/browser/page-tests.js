// What every page of API documents must do, whatever it documents.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { VIEWPORT } from './chromium.js';
import { Picture } from './picture.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pictures = path.resolve(root, process.env.CARGO_TARGET_DIR || 'target', 'browser');

export function pageTests(stage, name) {
  let opened;
  const open = () => (opened ??= stage.open(name)); // one is enough to look at

  test('shows every operation of its document', async () => {
    const document = await documentOf(stage, name);
    const page = await open();
    const { ofPage, shown } = await page.title();
    assert.match(ofPage, new RegExp(`^Countersign API.*\\b${name}\\b`));
    assert.ok(shown.includes(document.info.title), shown);
    assert.deepEqual(await page.operations(), operationsOf(document));
    await page.assertQuiet();
  });

  test('is painted', async () => {
    await mkdir(pictures, { recursive: true });
    const page = await open();
    const picture = new Picture(await page.screenshot(path.join(pictures, `${name}.png`)));
    assert.equal(picture.width, VIEWPORT.width, 'the page is wider than the window');
    assertPainted(picture, await page.operationAreas());
    await page.assertQuiet();
  });

  test('offers a field for every security scheme under "Authorize"', async () => {
    const { components } = await documentOf(stage, name);
    const schemes = Object.entries(components.securitySchemes ?? {});
    const page = await open();
    assert.equal(await page.hasAuthorize(), schemes.length > 0);
    if (schemes.length > 0) {
      assert.deepEqual(await page.authorizeFields(), Object.fromEntries(schemes.map(fields)));
    }
    await page.assertQuiet();
  });
}

// HTTP Basic takes a name and a password; everything else is one secret.
function fields([name, { scheme }]) {
  return [name, scheme === 'basic' ? 2 : 1];
}

async function documentOf({ server }, name) {
  return (await fetch(`${server.baseUrl}/openapi/${name}.31.json`)).json();
}

function operationsOf({ paths }) {
  const operations = Object.entries(paths).flatMap(([path, methods]) => (
    Object.entries(methods).map(([method, { operationId, summary }]) => ({ operationId, method, path, summary }))
  ));
  return operations.sort((a, b) => a.operationId.localeCompare(b.operationId));
}

// Each operation has its method in white on a colour, and its path in dark letters. Lists that are not there, pages
// without styles and letters that are not drawn have none of it.
function assertPainted(picture, operations) {
  const colours = picture.countColours();
  assert.ok(colours > 100, `there are ${colours} colours`);
  assert.notEqual(operations.length, 0);
  for (const { method, path, methodColour } of operations) {
    assert.ok(path.bottom < picture.height, 'an operation is not in the picture');
    const [red, green, blue] = methodColour.match(/\d+/g).map(Number);
    const background = picture.share(method, ([r, g, b]) => r === red && g === green && b === blue);
    assert.ok(background > 0.5 && background < 0.95, `a method is ${background} ${methodColour}`);
    const letters = picture.share(path, (pixel) => Math.max(...pixel) < 128);
    assert.ok(letters > 0.05 && letters < 0.5, `a path is ${letters} letters`);
  }
}
