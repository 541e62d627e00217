// How the browser runs. `cargo xtask test` starts it; each test brings its own server.
import { defineConfig } from '@playwright/test';
import { CHROMIUM, CHROMIUM_FLAGS } from './lib/browser';

export default defineConfig({
  outputDir: '../target/e2e',
  // Two browsers on two busy cores take their time; what is there is seen at once all the same.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  // A busy machine may be slow once; what fails twice is a defect.
  retries: process.env.CI ? 1 : 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: process.env.PLI_E2E_REPORT ?? '../target/e2e.json' }]],
  use: {
    locale: 'fr-CA',
    timezoneId: 'America/Toronto',
    trace: 'off',
    screenshot: 'only-on-failure',
    actionTimeout: 20_000,
    launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_FLAGS },
  },
  projects: [
    // What must pass.
    { name: 'journeys', testMatch: '*.spec.ts' },
    // Pictures, taken on demand: they assert nothing.
    { name: 'shots', testMatch: 'shots.ts', timeout: 600_000 },
    { name: 'pictures', testMatch: 'pictures.ts' },
    // What runs first, for `cargo xtask profile`: one page at a time.
    { name: 'profile', testMatch: 'profile.ts', timeout: 120_000, workers: 1 },
    // Figures, for `cargo xtask bench`: one page at a time.
    { name: 'figures', testMatch: 'figures.ts', timeout: 600_000 },
  ],
});
