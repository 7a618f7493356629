// What a browser does for a page: it keeps the server's cookies and sends them along, to those who ask for it.

import assert from "node:assert/strict";

import type { components } from "@countersign/wallet";

export class Browser {
  /** The paths that were asked for. */
  readonly requests: string[] = [];
  #cookie = "";

  constructor(private readonly baseUrl: string) {}

  /** The options of a sign-in from a page in this browser. */
  get page() {
    return { baseUrl: this.baseUrl, fetch: (request: Request) => this.fetch(request) };
  }

  async fetch(request: Request): Promise<Response> {
    this.requests.push(new URL(request.url).pathname);
    assert.equal(request.credentials, "include");
    if (this.#cookie) request.headers.set("cookie", this.#cookie);
    const response = await fetch(request);
    for (const cookie of response.headers.getSetCookie()) {
      this.#cookie = cookie.includes("Max-Age=0") ? "" : cookie.replace(/;.*/, "");
    }
    return response;
  }

  /** Who the server takes the visitor for. */
  async me(): Promise<components["schemas"]["Me"] | null> {
    const response = await this.fetch(new Request(`${this.baseUrl}/auth/me`, { credentials: "include" }));
    return response.json();
  }
}
