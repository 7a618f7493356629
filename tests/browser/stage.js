// What the tests of a file share: the real server, and a browser to visit it with.

import { startServer } from '../wallets/server.js';
import { launchChromium } from './chromium.js';
import { DocsPage } from './docs-page.js';

export class Stage {
  async set() {
    this.server = await startServer();
    this.browser = await launchChromium();
  }

  async clear() {
    await this.browser?.close();
    await this.server?.stop();
  }

  open(name, { browser = this.browser, hostname = '127.0.0.1' } = {}) {
    const url = new URL(`/docs/${name}`, this.server.baseUrl);
    url.hostname = hostname;
    return DocsPage.open(browser, url.href);
  }

  // A page that shares no cookies with the others.
  async openApart(name) {
    return this.open(name, { browser: await this.browser.createBrowserContext() });
  }
}
