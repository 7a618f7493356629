// Keeps what a page asks for and what the browser complains of. Call it before the page goes anywhere.

const COMPLAINTS = ['error', 'warn', 'assert'];

export async function watch(page) {
  const seen = { requests: [], complaints: [] };
  const complain = (complaint) => seen.complaints.push(complaint);

  page.on('request', (request) => seen.requests.push(request));
  page.on('requestfailed', (request) => complain(`failed: ${request.url()} (${request.failure().errorText})`));
  page.on('pageerror', (error) => complain(`not caught: ${error.message}`));
  page.on('console', (message) => {
    if (COMPLAINTS.includes(message.type())) complain(`${message.text()} (${message.location().url})`);
  });
  await page.exposeFunction('complain', complain);
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      globalThis.complain(`against ${effectiveDirective}: ${blockedURI}`);
    });
  });
  return seen;
}
