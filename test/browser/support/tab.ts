import { expect } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { until } from '../../support/until.js';

/** How long something that will happen may take on a slow machine. */
const PATIENCE_MS = 90_000;

/** What Chromium itself writes about an answer that is no success: the page cannot keep it from doing so. */
const ANSWERED_409 = /^Failed to load resource: .*\b409\b/;
const NOT_CONNECTED = /^Failed to load resource: net::ERR_/;

export interface TabOptions extends BrowserContextOptions {
  /** Kinds of lines that the console may have. */
  readonly allow?: 'conflict' | 'lost connection';
}

/** A tab with the sample's page, as a person uses it. */
export class Tab {
  /** What must not have happened: errors of scripts, lines in the console, requests to elsewhere. */
  readonly troubles: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly url: string,
    allow: TabOptions['allow'],
  ) {
    const allowed = allow === 'conflict' ? ANSWERED_409 : allow === 'lost connection' ? NOT_CONNECTED : undefined;
    page.on('pageerror', (error) => this.troubles.push(String(error)));
    page.on('console', (line) => {
      if (['error', 'warning'].includes(line.type()) && !allowed?.test(line.text())) this.troubles.push(line.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${url}/`)) this.troubles.push(`asked ${request.url()}`);
    });
  }

  /** Opens the page, and waits until it has an order and is connected. */
  static async open(browser: Browser, url: string, { allow, ...options }: TabOptions = {}): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const tab = new Tab(await context.newPage(), context, url, allow);
    await tab.page.goto(`${url}/`);
    await tab.ready();
    return tab;
  }

  async ready(): Promise<void> {
    await this.find('#note').waitFor();
    await this.until('#connection', /^Live/);
  }

  /** Ends the tab. It must have had no trouble. */
  async close(): Promise<void> {
    await this.context.close();
    expect(this.troubles).toEqual([]);
  }

  find(selector: string): Locator {
    return this.page.locator(selector);
  }

  /** Waits until the text of an element is so. */
  async until(selector: string, text: RegExp): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor({ state: 'attached' });
  }

  /**
   * Waits until a form's field holds a value. Asked from here: `waitForFunction` evaluates its text in the page again
   * and again, which the page's policy refuses from the second time on.
   */
  async holds(selector: string, value: string): Promise<void> {
    await until(async () => (await this.find(selector).inputValue()) === value, PATIENCE_MS);
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText();
  }

  texts(selector: string): Promise<string[]> {
    return this.page.locator(selector).allInnerTexts();
  }

  /** The id of the order in the form. */
  orderId(): Promise<string> {
    return this.find('#order-pick').inputValue();
  }

  /** Presses Save, and waits for the commit that follows. */
  async save(): Promise<void> {
    const before = await this.find('#wire').getAttribute('data-flush');
    await this.find('#order-save').click();
    await this.find(before ? `#wire[data-flush]:not([data-flush="${before}"])` : '#wire[data-flush]').waitFor();
    await this.until('#order-changes', /^No changes$/);
  }

  /** Presses a button of the five, and waits for its end. */
  async experiment(name: string): Promise<void> {
    await this.page.evaluate(`delete document.getElementById('experiment-result').dataset.done`);
    await this.find(`[data-experiment=${name}]`).click();
    await this.find(`#experiment-result[data-done=${name}]`).waitFor();
  }
}
