// Loads the app's chunks. Each is one file that holds WebAssembly modules, one after the other, so that they are compressed
// together; a module that several chunks hold is brought to life once. Written by `cargo xtask`; see `xtask/src/front.rs`.
import { initSync } from "./app.js";

// {"home": [["name of a module", its size in bytes], …]}
const CHUNKS = __CHUNKS__;

const alive = new Map();

// What modules take from the main one.
let taken;
function imports() {
  if (taken === undefined) {
    const { __SHARED__ } = initSync(undefined, undefined);
    taken = { __wasm_split: { __CANARY__ __SHARED__ } };
  }
  return taken;
}

function wake(name, bytes) {
  if (!alive.has(name)) {
    alive.set(name, WebAssembly.instantiate(bytes, imports()));
  }
  return alive.get(name);
}

async function load(chunk) {
  const response = await fetch(new URL(`./${chunk}.chunk`, import.meta.url));
  if (!response.ok) throw new Error(`${response.status} for the chunk ${chunk}`);
  const bytes = await response.arrayBuffer();
  let start = 0;
  const waking = CHUNKS[chunk].map(([name, size]) => {
    const part = new Uint8Array(bytes, start, size);
    start += size;
    return wake(name, part);
  });
  await Promise.all(waking);
}

// A chunk is loaded once; one that failed is asked for anew the next time.
const loads = new Map();
function loader(chunk) {
  return async (callback, data) => {
    if (!loads.has(chunk)) loads.set(chunk, load(chunk));
    let isLoaded = true;
    try {
      await loads.get(chunk);
    } catch (error) {
      loads.delete(chunk);
      isLoaded = false;
      console.warn(String(error));
    }
    imports().__wasm_split.__indirect_function_table.get(callback)(data, isLoaded);
  };
}

