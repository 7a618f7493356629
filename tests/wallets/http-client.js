// JSON over HTTP, as both dialects speak it. What passes is noted in the server's secrets.

export class HttpClient {
  constructor({ baseUrl, secrets }) {
    this.baseUrl = baseUrl;
    this.secrets = secrets;
  }

  get(path, headers) {
    return this.request('GET', path, undefined, headers);
  }

  post(path, body, headers) {
    return this.request('POST', path, body, headers);
  }

  delete(path, headers) {
    return this.request('DELETE', path, undefined, headers);
  }

  async request(method, path, body, headers) {
    const answer = await fetch(this.baseUrl + path, {
      method,
      headers: body ? { 'content-type': 'application/json', ...headers } : headers,
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    const seen = {
      status: answer.status,
      headers: answer.headers,
      body: text && JSON.parse(text),
      cookies: answer.headers.getSetCookie(),
    };
    this.secrets.note(body, path, seen);
    return seen;
  }
}
