// Loads the app's chunks. Each is one file that holds WebAssembly modules, one after the other, so that they are compressed
// together; a module that several chunks hold is brought to life once. What a page does not need to come to life is in a
// second file, its rest: that of the first page comes right after the page is alive, later chunks come with theirs.
// Written by `cargo xtask`; see `xtask/src/assemble.rs`.
import { initSync } from "./app.js";

const HAS_RESTS = __HAS_RESTS__;

const html = document.documentElement;
const isAlive = () => html.hasAttribute("data-hydrated");

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

// Longer than a slow line needs for the heaviest file.
const FETCH_MS = 60_000;

// What the page's head has begun to fetch (app/src/shell.rs), by its path. It is taken once; what was lost is fetched anew.
const begun = globalThis.begun ?? {};

export function fetched(file) {
  const address = url(file);
  const anew = () => fetch(address, { signal: AbortSignal.timeout?.(FETCH_MS) });
  const response = begun[address.pathname];
  delete begun[address.pathname];
  return response?.catch(anew) ?? anew();
}

async function bytesOf(file) {
  const response = await fetched(file);
  if (!response.ok) throw new Error(`${response.status} for ${file}`);
  return response.arrayBuffer();
}

// A file begins with the length of a list, and the list: [["name of a module", its size in bytes], …]
function modulesIn(bytes) {
  const length = new DataView(bytes).getUint32(0, true);
  const list = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  let start = 4 + length;
  return list.map(([name, size]) => {
    const module = new Uint8Array(bytes, start, size);
    start += size;
    return [name, module];
  });
}

// The first parts.

// What each module gives its rest.
const given = new Map();
// The places of each module's late functions for which no step is made yet.
const unmade = new Map();
const alive = new Map();
// The chunks all of whose modules are awake.
const ready = new Set([MAIN]);

function isHere(name, exports, module) {
  given.set(name, exports);
  unmade.set(name, placesIn(module));
}

export function mainIsHere(module) {
  isHere(MAIN, main(), module);
  makeSteps([MAIN]);
}

async function wake(name, bytes) {
  const { instance, module } = await WebAssembly.instantiate(bytes, { __wasm_split: shared(), rest });
  isHere(name, instance.exports, module);
}

async function loadFirst(chunk) {
  const modules = modulesIn(await bytesOf(`${chunk}.chunk`));
  await Promise.all(modules.map(([name, bytes]) => once(alive, name, () => wake(name, bytes))));
  makeSteps(modules.map(([name]) => name));
  ready.add(chunk);
  // What comes next takes a moment as well: the browser may answer the person in between.
  await new Promise((next) => setTimeout(next));
}

// Steps: what stands in the table of functions at the places of late ones, until the rest puts the functions there. Each
// brings the rest and calls what is then at its place.

// [[place in the table, kind of function], …], as `xtask/src/part/plan.rs` writes them: LEB128, places by their distance.
function placesIn(module) {
  const [section] = WebAssembly.Module.customSections(module, "late");
  const bytes = new Uint8Array(section ?? 0);
  const numbers = [];
  let number = 0;
  let shift = 0;
  for (let at = 0; at < bytes.length; at++) {
    number |= (bytes[at] & 127) << shift;
    shift += 7;
    if (bytes[at] > 127) continue;
    numbers.push(number);
    number = 0;
    shift = 0;
  }
  const places = [];
  let place = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    place += numbers[at];
    places.push([place, numbers[at + 1]]);
  }
  return places;
}

// Browsers of before 2023 make no module of more than 4 kB at once.
const PLACES_EACH = 80;

function modulesOfSteps(places) {
  try {
    return [new WebAssembly.Module(stepsModule(places))];
  } catch {
    const starts = [...places.keys()].filter((at) => at % PLACES_EACH === 0);
    return starts.map((at) => new WebAssembly.Module(stepsModule(places.slice(at, at + PLACES_EACH))));
  }
}

function makeSteps(names) {
  const places = names.flatMap((name) => unmade.get(name) ?? []);
  for (const name of names) unmade.delete(name);
  if (places.length === 0) return;
  const imports = { "": { bring, table: main().__indirect_function_table } };
  for (const module of modulesOfSteps(places)) new WebAssembly.Instance(module, imports);
}

// Numbers below 2^20, with sign or without, in three bytes.
const leb = (number) => [(number & 127) | 128, ((number >> 7) & 127) | 128, number >> 14];
const list = (items) => [leb(items.length), items];
const sized = (items) => list(items.flat(Infinity));

// i32, i64, f32, f64 are 0x7f and what comes before it.
function parametersOf(kind) {
  const parameters = [];
  for (let digits = Math.floor(kind / 5); digits > 1; digits = digits >> 2) parameters.unshift(0x7f - (digits & 3));
  return parameters;
}

// A module of steps, byte by byte as WebAssembly wants it. There are thousands, and no page is alive before: what each is
// made of is made once for its kind, and copied.
function stepsModule(places) {
  const kinds = [...new Set(places.map(([, kind]) => kind))];
  const types = kinds.map((kind) => [0x60, list(parametersOf(kind)), kind % 5 ? [1, 0x80 - (kind % 5)] : 0]);
  const makings = new Map(
    kinds.map((kind, at) => {
      const type = leb(at + 1);
      // Calls `bring`, function 0 of type 0; then what is in its place.
      const before = [0, 0x10, 0, parametersOf(kind).map((_, at) => [0x20, leb(at)]), 0x41].flat(Infinity);
      const body = sized([before, leb(0), 0x11, type, 0, 0x0b]).flat(Infinity);
      return [kind, { type, body: Uint8Array.from(body), hole: 3 + before.length }];
    }),
  );
  const head = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, sized(list([[0x60, 0, 0], ...types]))],
    // The function "bring" and the table "table", both of "".
    [2, sized(list([[0, 5, 98, 114, 105, 110, 103, 0, 0], [0, 5, 116, 97, 98, 108, 101, 1, 0x70, 0, 0]]))],
  ].flat(Infinity);

  const element = Uint8Array.from([0, 0x41, 0, 0, 0, 0x0b, leb(1), 0, 0, 0].flat());
  const all = places.map(([place, kind]) => ({ place, ...makings.get(kind) }));
  const size = all.reduce((size, { body }) => size + body.length, 0);
  const count = places.length;
  const module = new Uint8Array(head.length + 3 * 7 + count * (3 + element.length) + size);
  let at = 0;
  const put = (bytes) => {
    module.set(bytes, at);
    at += bytes.length;
  };
  const putNumber = (number, at) => {
    module[at] = (number & 127) | 128;
    module[at + 1] = ((number >> 7) & 127) | 128;
    module[at + 2] = number >> 14;
  };
  const begin = (id, size) => put([id, ...leb(3 + size), ...leb(count)]);
  put(head);
  begin(3, 3 * count);
  for (const { type } of all) put(type);
  begin(9, element.length * count);
  for (let step = 0; step < count; step++) {
    put(element);
    putNumber(all[step].place, at - element.length + 2);
    putNumber(step + 1, at - 3);
  }
  begin(10, size);
  for (const { place, body, hole } of all) {
    put(body);
    putNumber(place, at - body.length + hole);
  }
  return module;
}

// The rests.

// The modules that have theirs, and the chunks all of whose modules do.
const whole = new Set();
const complete = new Set();
const rests = new Map();

function join(name, module) {
  if (whole.has(name)) return;
  new WebAssembly.Instance(module, { first: given.get(name) });
  whole.add(name);
  // Its functions are in their places: no step may go over them.
  unmade.delete(name);
}

function joinAll(chunk, modules) {
  for (const [name, module] of modules) join(name, module);
  complete.add(chunk);
}

async function loadRest(chunk) {
  if (!HAS_RESTS) return;
  const missing = modulesIn(await bytesOf(`${chunk}.rest`)).filter(([name]) => !whole.has(name));
  const compiled = await Promise.all(missing.map(async ([name, bytes]) => [name, await WebAssembly.compile(bytes)]));
  // Functions of one may use data that come with another of the same file, or with the main one: all at once, after it, in
  // a task of their own.
  if (chunk !== MAIN) {
    await withRest(MAIN);
    await new Promise((next) => setTimeout(next));
  }
  joinAll(chunk, compiled);
}

const withRest = (chunk) => once(rests, chunk, () => loadRest(chunk));

// What a module asks when it needs its rest before it is here. It cannot wait, so the browser waits: rare, because the
// rest is on its way as soon as the page is alive.
function bring() {
  for (const chunk of [...ready].filter((chunk) => !complete.has(chunk))) {
    const missing = modulesIn(waitForBytesOf(`${chunk}.rest`)).filter(([name]) => !whole.has(name));
    joinAll(chunk, missing.map(([name, bytes]) => [name, new WebAssembly.Module(bytes)]));
  }
  performance.mark("rest-waited-for");
}

export const rest = { bring };

// As `mark` (app/src/conversations/meeting.rs): by it the server knows the draft again that was drawn in the box.
function markOf(words) {
  return new TextEncoder().encode(words).reduce((mark, byte) => Math.imul(mark ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

// A page that is being left may wait for nothing. What it would hear by then, it does not hear while a rest is missing; what
// the server does not have of the box, and does not leave as a message, is carried from here, as `save_while_leaving` (app/src/conversations/draft.rs) would.
let isLeft, sent;
addEventListener("submit", (event) => event.defaultPrevented || (sent = event.target));
for (const type of ["pagehide", "visibilitychange", "blur", "focusout"]) {
  const pass = (event) => {
    isLeft ||= type === "pagehide";
    const isAll = !HAS_RESTS || [...ready].every((chunk) => complete.has(chunk));
    if (!isLeft || isAll) return;
    event.stopImmediatePropagation();
    const box = document.getElementById("ecrire");
    if (type !== "pagehide" || !box || sent === box.form) return;
    const id = box.form.conversation.value;
    // What the server had: the box may have been drawn with the words of a form that was refused, or anew since.
    const openings = __RESOLVED_RESOURCES.filter((text) => text[0] === "[").map((text) => JSON.parse(text)[0].conversation);
    const drawn = openings.find((opening) => opening?.id === id);
    const there = drawn ? (drawn.draft ?? "") : box.defaultValue;
    if (box.value === there) return;
    // What looks like a health-insurance number does not leave before it is asked for, and nobody can ask by now.
    if (/\b[a-z]{4}\W*(\d\W*){2}[0156]\W*\d\W*[0-3]/i.test(box.value)) return;
    const wish = { conversation: id, draft: box.value, over: [there, box.defaultValue].map(markOf) };
    // For whom the page was drawn, first among what it starts from: by now somebody else may be signed in.
    const account = JSON.parse(__RESOLVED_RESOURCES[0]).me?.id;
    const headers = { "content-type": "application/json", "x-pli-account": account };
    fetch("/api/v1/conversations.save_draft", { method: "POST", keepalive: true, headers, body: JSON.stringify(wish) });
  };
  addEventListener(type, pass, true);
}
addEventListener("pageshow", () => (isLeft = sent = undefined), true);

function waitForBytesOf(file) {
  const request = new XMLHttpRequest();
  request.open("GET", url(file), false);
  // The one way to have bytes from a request that is waited for.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(`${request.status} for ${file}`);
  return Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 0xff).buffer;
}

// The frame is alive before its screen: what it would do then with a way to another page is left to the browser.
addEventListener("click", (event) => isAlive() || event.stopPropagation(), true);
addEventListener(
  "popstate",
  (event) => {
    if (isAlive()) return;
    event.stopImmediatePropagation();
    location.reload();
  },
  true,
);

// What keeps words on the device (app/src/browser/device.js). A try that failed is not made again under the same address.
globalThis.device = (failures) => import(failures ? `./device.js?${failures}` : "./device.js");
globalThis.passkeys = () => import("./passkeys.js");
globalThis.voice = () => import("./voice.js");

// The second style sheet: what the pages of these chunks do without.
const FIRST_ALONE = __FIRST_ALONE__;
const sheets = new Map();

function wear(sheet) {
  if (document.querySelector(`link[rel="stylesheet"][href="${sheet}"]`)) return Promise.resolve();
  return new Promise((done, fail) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: sheet, onload: done });
    link.onerror = () => {
      link.remove();
      fail(new Error(`no ${sheet}`));
    };
    document.head.append(link);
  });
}

const dressed = (chunk) => !FIRST_ALONE.includes(chunk) && once(sheets, "", () => wear(html.dataset.style));

// Chunks.

const loads = new Map();

async function load(chunk) {
  // The first page has its rest brought afterwards; all others come whole.
  const isFirst = !isAlive();
  await Promise.all([loadFirst(chunk), dressed(chunk)]);
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

// What nobody sees at once waits until the rest is here (`when_whole` in app/src/chunk.rs). Then each piece of that work is
// a task of its own: the browser may answer the person, and paint, in between.
const works = [];
let isWhole = false;
const { port1: ahead, port2: turn } = new MessageChannel();

globalThis.whenWhole = (work) => {
  if (isWhole) work();
  else works.push(work);
};

// A press on a list that is not alive yet is done once it is (`app/src/late.rs`).
let pressed;
document.addEventListener("click", ({ target }) => {
  if (!isWhole) pressed = target.closest?.("[data-late] button") ?? pressed;
});
globalThis.pressedEarly = () => pressed;

turn.onmessage = () => {
  const work = works.shift();
  if (work) {
    ahead.postMessage(0);
    return work();
  }
  isWhole = true;
  html.setAttribute("data-whole", "true");
};

// What fails is tried anew, ever less often.
const MOST_MS = 30_000;

async function completeFirst() {
  for (let pause = 1_000; ; pause = Math.min(2 * pause, MOST_MS)) {
    try {
      await Promise.all([...ready].map(withRest));
      break;
    } catch (error) {
      console.warn(String(error));
      await new Promise((next) => setTimeout(next, pause));
    }
  }
  ahead.postMessage(0);
}

new MutationObserver((_, observer) => {
  if (!isAlive()) return;
  observer.disconnect();
  completeFirst();
}).observe(html, { attributeFilter: ["data-hydrated"] });

