import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

/** A real browser, and what it has had to complain of. */
export interface TestBrowser {
  /** A page of nobody's, with cookies of its own. */
  open(
    url: string,
    options?: {
      readonly dark?: boolean;
      readonly width?: number;
      readonly language?: string;
      /** Another host that one is sent to. */
      readonly other?: string;
    },
  ): Promise<Page>;
  /** Everything that a page has refused, thrown, or asked of elsewhere. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP pbx.test 127.0.0.1'],
];

export async function startBrowser(): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium-headless-shell',
    args: ARGUMENTS,
  });
  const complaints: string[] = [];
  return {
    complaints,
    async open(url, { dark = false, width = 1200, language = 'en', other = '' } = {}) {
      const context = await browser.newContext({
        ...{ locale: language, colorScheme: dark ? 'dark' : 'light', viewport: { width, height: 800 } },
        timezoneId: 'Europe/Berlin',
      });
      context.setDefaultTimeout(10_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
      page.on('console', (message) => {
        // A refusal that a form shows is a 4xx to the console.
        if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
          complaints.push(`console: ${message.text()}`);
      });
      page.on('request', (request) => {
        if (![new URL(url).host, other].includes(new URL(request.url()).host))
          complaints.push(`elsewhere: ${request.url()}`);
      });
      await page.goto(url);
      return page;
    },
    close: () => browser.close(),
  };
}

/** What axe has against what is shown (WCAG 2.2 AA and best practice), each with where it is. */
export async function violationsOn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { runOnly: ${JSON.stringify(rules)} })`);
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
