// The test of a journey: a fresh server, people at their browsers, and a guard over every page.
import { test as base, type BrowserContext, type BrowserContextOptions } from '@playwright/test';
import { SIZES } from './browser';
import { Guard } from './guard';
import { Person } from './person';
import type { Persona } from './people';
import { Server } from './server';

export { expect } from '@playwright/test';

/** Brings somebody to a browser, not signed in. */
export type Visit = (options?: BrowserContextOptions, origin?: string) => Promise<Person>;

interface Journey {
  /** A demonstration of its own: what one test does, no other sees. */
  server: Server;
  /** What the browsers may complain about. */
  guard: Guard;
  /** Somebody at a browser, not signed in. */
  visit: Visit;
  /** Somebody at a browser, signed in. */
  enter: (persona: Persona, options?: BrowserContextOptions) => Promise<Person>;
}

export const test = base.extend<Journey>({
  // The empty pattern says that this fixture needs no other.
  server: async ({}, use) => {
    const server = await Server.demo();
    await use(server);
    await server.stop();
  },

  guard: async ({}, use) => {
    const guard = new Guard();
    await use(guard);
    base.expect(guard.unexpected(), 'what the browsers complained about').toEqual([]);
  },

  visit: async ({ browser, guard, server }, use, info) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}, origin = server.origin) => {
      const { locale, timezoneId } = info.project.use;
      const context = await browser.newContext({ viewport: SIZES.desktop, locale, timezoneId, ...options });
      contexts.push(context);
      const hasScript = options.javaScriptEnabled !== false;
      context.on('page', (page) => guard.watch(page, hasScript));
      const page = await context.newPage();
      return new Person(page, context, origin, hasScript);
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  enter: async ({ visit }, use) => {
    await use(async (persona, options) => {
      const person = await visit(options);
      await person.signIn(persona);
      return person;
    });
  },
});
