// The guard: whatever a browser complains about fails the test, unless the test has announced it.
import type { Page } from '@playwright/test';
import { NAMES } from './people';

/** What may stand behind a `?`: ids, positions, cursors, languages, and ways to own pages. */
const VALUE = /^[A-Za-z0-9_.-]{0,64}$/;
const WAY = /^\/[A-Za-z0-9/_.-]{0,120}(\?[a-z]+=[A-Za-z0-9-]*)?$/;
/** The parameters that hold a way. */
const WAYS = ['suite', 'vers', 'confirmer'];

/** What an address tells about people, who share its history and its logs: nothing. */
function indiscretion(address: string): string | undefined {
  const { pathname, searchParams } = new URL(address);
  if (!/^[A-Za-z0-9/_.-]*$/.test(pathname)) return `the path ${pathname}`;
  for (const [name, value] of searchParams) {
    if (!(VALUE.test(value) || (WAYS.includes(name) && WAY.test(value)))) return `the parameter ${name}=${value}`;
  }
  return nameIn(address);
}

/** The name of somebody that a text holds. */
function nameIn(text: string): string | undefined {
  const folded = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return NAMES.find((name) => folded.split(/[^a-z]+/).includes(name));
}

/** Collects complaints of the pages it watches. */
export class Guard {
  private readonly complaints: string[] = [];
  private readonly announced: RegExp[] = [];

  /** Watches a page: console errors and warnings (hydration and policy breaches among them), exceptions, lost requests. */
  watch(page: Page, hasScript = true): void {
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      this.complaints.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.complaints.push(`exception: ${error.stack ?? error.message}`));
    // PRV-03: nobody but our own server hears of a page.
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isOurs = ['127.0.0.1', 'localhost'].includes(hostname) || ['data:', 'blob:'].includes(protocol);
      if (!isOurs) this.complaints.push(`another host is asked: ${request.url()}`);
      // PRV-02: addresses hold ids alone.
      const told = isOurs && protocol.startsWith('http') ? indiscretion(request.url()) : undefined;
      if (told !== undefined) this.complaints.push(`an address tells ${told}: ${request.url()}`);
    });
    // A route within the page asks nobody for anything, and is kept in the history all the same.
    page.on('framenavigated', (frame) => {
      const told = frame.url().startsWith('http') ? indiscretion(frame.url()) : undefined;
      if (told !== undefined) this.complaints.push(`an address tells ${told}: ${frame.url()}`);
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // A page that is left cuts its own stream; a browser without scripts fetches none.
      if (reason === 'net::ERR_ABORTED' || (!hasScript && reason === 'csp')) return;
      this.complaints.push(`request failed: ${request.method()} ${request.url()} ${reason}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) this.complaints.push(`status ${response.status()}: ${response.url()}`);
    });
  }

  /** Complains of a title that names somebody: titles are kept in a history that others at the device can open. */
  async checkTitle(page: Page): Promise<void> {
    const title = await page.title();
    const told = nameIn(title);
    if (told !== undefined) this.complaints.push(`a title tells ${told}: ${title}`);
  }

  /** Announces complaints that the story brings with it. */
  announce(...expected: RegExp[]): void {
    this.announced.push(...expected);
  }

  /** Complaints that nobody announced. */
  unexpected(): string[] {
    return this.complaints.filter((complaint) => !this.announced.some((expected) => expected.test(complaint)));
  }
}

/** What a browser says while the server is away. */
export const UNREACHABLE = [/ERR_CONNECTION_(REFUSED|RESET|CLOSED)/, /ERR_SOCKET_NOT_CONNECTED/, /ERR_INCOMPLETE_CHUNKED_ENCODING/, /ERR_EMPTY_RESPONSE/, /ERR_INTERNET_DISCONNECTED/];

/** What a browser says when an answer is a refusal with this status. */
export function refusal(status: number): RegExp[] {
  return [new RegExp(`^status ${status}: `), new RegExp(`responded with a status of ${status}`)];
}
