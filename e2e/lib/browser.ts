// The browser: Debian's or another Chromium that is installed; Playwright downloads none.
import { existsSync } from 'node:fs';

/** Without its own windows it takes less of a machine. */
const PROGRAMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** The program. */
export const CHROMIUM = process.env.CHROMIUM ?? PROGRAMS.find((path) => existsSync(path)) ?? '/usr/bin/chromium';

/** The one that has a microphone: with windows. */
export const CHROMIUM_THAT_HEARS = process.env.CHROMIUM_THAT_HEARS ?? process.env.CHROMIUM ?? '/usr/bin/chromium';

/** No sandbox, because tests run as root in containers; nothing that talks to the network by itself. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The sizes that the screens are made for. */
export const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  landscape: { width: 1180, height: 820 },
  desktop: { width: 1440, height: 900 },
} as const;
