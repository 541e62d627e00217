// Loads the app's chunks. Each is one file that holds WebAssembly modules, one after the other, so that they are compressed
// together; a module that several chunks hold is brought to life once. What a page does not need to come to life is in a
// second file, its rest: that of the first page comes right after the page is alive, later chunks come with theirs.
// Written by `cargo xtask`; see `xtask/src/assemble.rs`.
import { initSync } from "./app.js";

// {"home": [["name of a module", its size in bytes], …]}
const CHUNKS = __CHUNKS__;
const RESTS = __RESTS__;

// The main module counts as a chunk that is always there.
const MAIN = "app";

const url = (file) => new URL(`./${file}`, import.meta.url);

function main() {
  return initSync(undefined, undefined);
}

// What modules take from the main one.
let taken;
function shared() {
  if (taken === undefined) {
    const { __SHARED__ } = main();
    taken = { __CANARY__ __SHARED__ };
  }
  return taken;
}

// Once for each: the second try shares what the first one brings. What failed is not kept, so that it is tried anew.
function once(kept, name, bring) {
  if (!kept.has(name)) {
    const brought = bring();
    brought.catch(() => kept.delete(name));
    kept.set(name, brought);
  }
  return kept.get(name);
}

async function bytesOf(file) {
  const response = await fetch(url(file));
  if (!response.ok) throw new Error(`${response.status} for ${file}`);
  return response.arrayBuffer();
}

function modulesIn(bytes, sizes) {
  let start = 0;
  return sizes.map(([name, size]) => {
    const module = new Uint8Array(bytes, start, size);
    start += size;
    return [name, module];
  });
}

// The first parts.

// What each module gives its rest.
const given = new Map();
const alive = new Map();

async function wake(name, bytes) {
  const { instance } = await WebAssembly.instantiate(bytes, { __wasm_split: shared(), rest: restOf(name) });
  given.set(name, instance.exports);
}

async function loadFirst(chunk) {
  const modules = modulesIn(await bytesOf(`${chunk}.chunk`), CHUNKS[chunk]);
  await Promise.all(modules.map(([name, bytes]) => once(alive, name, () => wake(name, bytes))));
}

// The rests.

const whole = new Set();
const rests = new Map();

function join(name, module) {
  if (whole.has(name)) return;
  new WebAssembly.Instance(module, { first: name === MAIN ? main() : given.get(name) });
  whole.add(name);
}

const missing = (chunk) => (RESTS[chunk] ?? []).some(([name]) => !whole.has(name));

async function loadRest(chunk) {
  if (!missing(chunk)) return;
  const modules = modulesIn(await bytesOf(`${chunk}.rest`), RESTS[chunk]);
  await Promise.all(modules.map(async ([name, bytes]) => join(name, await WebAssembly.compile(bytes))));
}

const withRest = (chunk) => once(rests, chunk, () => loadRest(chunk));

// What a module asks when it needs its rest before it is here. It cannot wait, so the browser waits: rare, because the
// rest is on its way as soon as the page is alive.
export function restOf(name) {
  return {
    bring() {
      const holds = ([chunk, modules]) => (chunk === MAIN || loads.has(chunk)) && modules.some(([held]) => held === name);
      const [chunk] = Object.entries(RESTS).find(holds);
      const request = new XMLHttpRequest();
      request.open("GET", url(`${chunk}.rest`), false);
      // The one way to have bytes from a request that is waited for.
      request.overrideMimeType("text/plain; charset=x-user-defined");
      request.send();
      if (request.status !== 200) throw new Error(`${request.status} for the rest of ${chunk}`);
      const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 0xff);
      for (const [held, module] of modulesIn(bytes.buffer, RESTS[chunk])) {
        if (held === MAIN || given.has(held)) join(held, new WebAssembly.Module(module));
      }
      performance.mark("rest-waited-for", { detail: name });
    },
  };
}

// Chunks.

const html = document.documentElement;
const isAlive = () => html.hasAttribute("data-hydrated");
const loads = new Map();

async function load(chunk) {
  // The first page has its rest brought afterwards; all others come whole.
  const isFirst = !isAlive();
  await loadFirst(chunk);
  if (!isFirst) await Promise.all([withRest(MAIN), withRest(chunk)]);
}

function loader(chunk) {
  return async (callback, data) => {
    let isLoaded = true;
    try {
      await once(loads, chunk, () => load(chunk));
    } catch (error) {
      isLoaded = false;
      console.warn(String(error));
    }
    main().__indirect_function_table.get(callback)(data, isLoaded);
  };
}

new MutationObserver((_, observer) => {
  if (!isAlive()) return;
  observer.disconnect();
  for (const chunk of [MAIN, ...loads.keys()]) withRest(chunk).catch((error) => console.warn(String(error)));
}).observe(html, { attributeFilter: ["data-hydrated"] });

