// A page of Swagger UI, and what a visitor reads and does there.

import assert from 'node:assert/strict';

import { watch } from './watch.js';

const TIMEOUT = 15_000;

export class DocsPage {
  static async open(browser, url) {
    const page = await browser.newPage();
    page.setDefaultTimeout(TIMEOUT);
    const seen = await watch(page);
    await page.goto(url);
    await page.waitForSelector('.opblock').catch((cause) => {
      throw new Error(`${url} shows no operation; the browser says: ${seen.complaints.join(', ')}`, { cause });
    });
    return new DocsPage(page, seen);
  }

  constructor(page, { requests, complaints }) {
    this.page = page;
    this.requests = requests;
    this.complaints = complaints;
  }

  async title() {
    const shown = await this.page.$eval('.info .title', (title) => title.innerText);
    return { ofPage: await this.page.title(), shown };
  }

  // What is shown of each operation, sorted by its id, which is in its link.
  async operations() {
    const operations = await this.page.$$eval('.opblock', (blocks) => blocks.map((block) => {
      const text = (name) => {
        const part = block.querySelector(`.opblock-summary-${name}`);
        return part.checkVisibility() ? part.innerText : '(not visible)';
      };
      return {
        operationId: block.querySelector('a').hash.split('/').at(-1),
        method: text('method').toLowerCase(),
        path: text('path').replaceAll('\u200b', ''), // where a long path may be broken
        summary: text('description'),
      };
    }));
    return operations.sort((a, b) => a.operationId.localeCompare(b.operationId));
  }

  // Where each operation's method and path are on the page, and the colour behind the method.
  operationAreas() {
    return this.page.$$eval('.opblock', (blocks) => blocks.map((block) => {
      const [method, path] = ['method', 'path'].map((part) => block.querySelector(`.opblock-summary-${part}`));
      return {
        method: method.getBoundingClientRect().toJSON(),
        path: path.getBoundingClientRect().toJSON(),
        methodColour: getComputedStyle(method).backgroundColor,
      };
    }));
  }

  screenshot(path) {
    return this.page.screenshot({ path, fullPage: true });
  }

  async hasAuthorize() {
    return await this.page.$('.auth-wrapper .authorize') !== null;
  }

  // The security schemes that "Authorize" shows, each with the number of its fields.
  async authorizeFields() {
    await this.#openAuthorize();
    const fields = await this.page.$$eval('.auth-container', (schemes) => schemes.map((scheme) => {
      const inputs = [...scheme.querySelectorAll('input')].filter((input) => input.checkVisibility());
      return [scheme.querySelector('h4 code').innerText, inputs.length];
    }));
    await this.#closeAuthorize();
    return Object.fromEntries(fields);
  }

  async authorize(scheme, value) {
    await this.#openAuthorize();
    const container = `//div[@class="auth-container"][.//h4/code="${scheme}"]`;
    const input = `::-p-xpath(${container}//input)`;
    await this.#fill(input, value);
    await this.#click(`::-p-xpath(${container}//button[@type="submit"])`);
    await this.page.waitForSelector(input, { hidden: true });
    await this.#closeAuthorize();
  }

  // "Try it out" and "Execute" of one operation; "Clear" if it was called before. Without a body, the example is sent.
  async call(method, path, { body, parameters = {} } = {}) {
    const operation = `.opblock-${method.toLowerCase()}:has([data-path="${path}"])`;
    const answer = `${operation} .live-responses-table`;
    if (await this.page.$(answer)) {
      await this.#click(`${operation} .btn-clear`);
      await this.page.waitForSelector(answer, { hidden: true });
    } else {
      await this.#click(`${operation} .opblock-summary-control`);
      await this.#click(`${operation} .try-out__btn`);
    }
    for (const [name, value] of Object.entries(parameters)) {
      await this.#fill(`${operation} [data-param-name="${name}"] input`, value);
    }
    if (body) await this.#fill(`${operation} textarea`, JSON.stringify(body));
    await this.#click(`${operation} .execute`);
    return this.#readAnswer(answer);
  }

  // The page has asked nobody but its server, and the browser has complained of nothing else.
  async assertQuiet(expectedComplaints = []) {
    await this.page.waitForNetworkIdle({ idleTime: 100 }).catch(() => this.complaints.push('a request does not end'));
    const { origin } = new URL(this.page.url());
    const urls = this.requests.map((request) => request.url()).filter((url) => !url.startsWith('data:'));
    assert.notEqual(urls.length, 0);
    assert.deepEqual(urls.filter((url) => new URL(url).origin !== origin), []);
    assert.deepEqual(this.complaints, expectedComplaints);
  }

  async #openAuthorize() {
    await this.#click('.auth-wrapper .authorize');
    await this.page.waitForSelector('.auth-container');
  }

  async #closeAuthorize() {
    await this.#click('.close-modal');
    await this.page.waitForSelector('.auth-container', { hidden: true });
  }

  async #readAnswer(answer) {
    const row = await this.page.waitForSelector(`${answer} tbody .response`);
    const [status, text] = await row.evaluate((element) => [
      element.querySelector('.response-col_status').innerText.trim(),
      element.querySelector('.highlight-code code')?.textContent ?? '',
    ]);
    return { status: Number(status), body: text && JSON.parse(text) };
  }

  async #click(selector) {
    const button = await this.page.waitForSelector(selector, { visible: true });
    await button.click();
  }

  async #fill(selector, value) {
    const field = await this.page.waitForSelector(selector);
    await field.focus();
    await field.evaluate((element) => element.select());
    await this.page.keyboard.sendCharacter(value);
  }
}

// What the browser notes of a call that was refused for its credential.
export function refusalOf(url) {
  return `Failed to load resource: the server responded with a status of 401 (Unauthorized) (${url})`;
}
