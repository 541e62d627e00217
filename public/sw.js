// The service worker: keeps the static shell at hand, so that Pli opens without a network.
//
// It promises one thing above all: nothing personal is ever stored here. Only files that are the same for everybody, those
// named in /pkg/shell.json, are written to the cache, once, at installation. Pages, the API, photos and attachments go to
// the network and leave no copy: below, no answer of the network is ever put anywhere.
'use strict';

// The build replaces this word by its id. A browser installs a new worker only when these bytes change, so each build
// brings its own worker, with its own cache.
const BUILD = '__PLI_BUILD__';

const SHELL_LIST = '/pkg/shell.json';        // {"build": "…", "files": ["/pkg/…", "/hors-ligne", …]}, written by the build.
const OFFLINE_PAGE = '/hors-ligne';          // Static, without personal data; the app it boots shows drafts and what waits.
const CACHE_PREFIX = 'pli-shell-';           // Ours, and no one else's on this origin.
const CACHE = CACHE_PREFIX + BUILD;
const NAVIGATION_TIMEOUT_MS = 4000;          // Beyond that, a clinic's network is as good as absent.

// ── Life of the worker ────────────────────────────────────────────────────────────────────────────────────────────────

// A new worker fills its own cache, then waits: pages already open keep the files they were made for.
self.addEventListener('install', (event) => event.waitUntil(keepShell()));

async function keepShell() {
  const answer = await fetch(SHELL_LIST, { cache: 'no-store', credentials: 'omit' });
  if (!answer.ok) throw new Error(`the shell list answered ${answer.status}`);
  const { build, files } = await answer.json();
  // The server may have changed between the two requests; the browser will come back for the worker of the new build.
  if (build !== BUILD) throw new Error(`the shell list is of build ${build}, this worker of ${BUILD}`);

  // All or nothing: a shell that lacks a file would break on the very day it is needed. Without the cookie, so that a
  // page that should be anonymous cannot come back with a name in it.
  const requests = files.map((url) => new Request(url, { cache: 'reload', credentials: 'omit' }));
  const cache = await caches.open(CACHE);
  await cache.addAll(requests);
}

// The pages are not claimed: the one that registered the first worker already has its files from the network, and a
// change of controller then means one thing only, that the person asked for the new version.
self.addEventListener('activate', (event) => event.waitUntil(dropOldShells()));

async function dropOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

// ── Messages from the pages ───────────────────────────────────────────────────────────────────────────────────────────

self.addEventListener('message', (event) => {
  // « Recharger », pressed under « Nouvelle version ».
  if (event.data === 'skip-waiting') event.waitUntil(self.skipWaiting());
  // What was notified concerns the person who leaves, not the next one at this tablet.
  if (event.data === 'sign-out') event.waitUntil(closeNotifications());
  // Somebody has signed out without a network: nothing of theirs is shown before the session is over.
  if (event.data === 'sign-out-later') event.waitUntil(rememberToSignOut());
});

// A cache holds the reminder, because a worker has no other memory that outlives it and needs no code.
const REMINDER_CACHE = 'pli-sign-out';
const REMINDER = '/sign-out';

async function rememberToSignOut() {
  const cache = await caches.open(REMINDER_CACHE);
  await cache.put(REMINDER, new Response(''));
}

// Ends the session if that is still to be done; fails as long as the server cannot be reached.
async function signOutIfDue() {
  if (!(await caches.has(REMINDER_CACHE))) return;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch('/api/v1/accounts.sign_out', { method: 'POST', headers, body: '{}' });
  if (!answer.ok && answer.status !== 401) throw new Error(`signing out answered ${answer.status}`);
  await caches.delete(REMINDER_CACHE);
}

async function closeNotifications() {
  const notifications = await self.registration.getNotifications();
  for (const notification of notifications) notification.close();
}

// ── Requests ──────────────────────────────────────────────────────────────────────────────────────────────────────────

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);

  // Whatever is not answered here is left to the browser, as if there were no worker.
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname === SHELL_LIST) return;
  if (url.pathname.startsWith('/pkg/')) return event.respondWith(cacheFirst(request));
  if (url.pathname.startsWith('/api/') || url.pathname.startsWith('/photos/')) return;
  // The way to the organisation's provider takes as long as the provider does.
  if (url.pathname.startsWith('/organisation/')) return;
  if (request.mode !== 'navigate') return;
  event.respondWith(url.pathname === OFFLINE_PAGE ? cacheFirst(request) : networkFirst(request, url));
});

// Names under /pkg/ carry the hash of their content: a copy is as good as the original, for ever.
async function cacheFirst(request) {
  const kept = await fromShell(request);
  return kept ?? fetch(request);
}

// A page is shown as the server wrote it, or not at all. The request goes out untouched: given options, such as a signal
// to abort it, it would no longer count as a navigation.
async function networkFirst(request, url) {
  let timer;
  const patience = new Promise((_, giveUp) => {
    timer = setTimeout(() => giveUp(new Error('the network is too slow')), NAVIGATION_TIMEOUT_MS);
  });
  try {
    return await Promise.race([signOutIfDue().then(() => fetch(request)), patience]);
  } catch (failure) {
    if (!(await fromShell(OFFLINE_PAGE))) throw failure;
    // The address changes with the page, because the app draws what the address says. The wanted page, a path made of
    // words and ids, goes along, so that « Réessayer » leads there.
    return Response.redirect(`${OFFLINE_PAGE}?vers=${encodeURIComponent(url.pathname)}`);
  } finally {
    clearTimeout(timer);
  }
}

async function fromShell(request) {
  const cache = await caches.open(CACHE);
  return cache.match(request, { ignoreSearch: true, ignoreVary: true });
}
