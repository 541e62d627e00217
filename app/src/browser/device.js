// What keeps a person's unsent words on this device, and lets the tabs of one browser agree who sends them.
//
// The vault: a database of each account, in which nothing can be read but ids. Every record is sealed with AES-GCM under a
// key that never leaves the browser; the key rests wrapped by a secret that the server gives to this account alone
// (`accounts.open_vault`). Loaded late, by `app/src/browser/device.rs`; see docs/decisions/0009-vault.md.

// The form of what is kept. What has another form stays as it is, for the version that can read it.
const FORMAT = 1;
// The stores of the database: since 2, one for the bytes of files.
const VERSION = 2;
const STORES = { meta: {}, records: { keyPath: "id" }, files: { keyPath: "id" } };
const AES = { name: "AES-GCM", length: 256 };

const encode = (text) => new TextEncoder().encode(text);
const decode = (bytes) => new TextDecoder().decode(bytes);
const random = (count) => crypto.getRandomValues(new Uint8Array(count));

let account, db, key, channel, hear, release;

// A request of the database, or a whole transaction, as a promise.
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = request.oncomplete = () => resolve(request.result);
    request.onerror = request.onabort = () => reject(request.error ?? new Error("aborted"));
  });
}

// A change counts once it is on the disk; what changes again with the next key, once the browser has it.
const change = (stores, durability = "strict") => db.transaction(stores, "readwrite", { durability });

const meta = async () => done(db.transaction("meta").objectStore("meta").get("vault"));

// Changes happen one after the other: what was put first is removed last.
let last = Promise.resolve();
function inTurn(work) {
  const turn = last.then(work);
  last = turn.catch(() => {});
  return turn;
}

// Opens the account's database and gives the vault's id; draws one the first time.
async function begin(of) {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB) throw new Error("no vault here");
  if (db && account === of) return (await meta()).id;
  account = of;
  const opening = indexedDB.open(`pli-${account}`, VERSION);
  opening.onupgradeneeded = () => {
    const known = opening.result.objectStoreNames;
    for (const [name, how] of Object.entries(STORES)) {
      if (!known.contains(name)) opening.result.createObjectStore(name, how);
    }
  };
  db = await done(opening);
  // Another tab signs out, or the browser clears its data: what stood here is gone.
  db.onversionchange = db.onclose = lose;
  const changing = change("meta");
  const store = changing.objectStore("meta");
  let known = await done(store.get("vault"));
  if (!known) {
    known = { format: FORMAT, id: crypto.randomUUID() };
    store.put(known, "vault");
  }
  await done(changing);
  if (known.format !== FORMAT) {
    lose();
    throw new Error("a vault of another version");
  }
  return known.id;
}

// Gives all that is kept: `[["id", "text"], …]`. Under another secret than the one it was sealed with, nothing can be read
// any more, because the server has destroyed that one: the vault begins anew.
async function open(secret) {
  const raw = Uint8Array.from(atob(secret.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const mark = Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", raw)).slice(0, 16)).join();
  const { id } = await meta();
  const context = { name: "AES-GCM", additionalData: encode(`pli ${FORMAT} ${account} ${id}`) };
  const wrapping = await crypto.subtle.importKey("raw", raw, AES, false, ["wrapKey", "unwrapKey"]);
  const fresh = await crypto.subtle.generateKey(AES, true, ["encrypt", "decrypt"]);
  const iv = random(12);
  const wrapped = await crypto.subtle.wrapKey("raw", fresh, wrapping, { ...context, iv });
  // Of two tabs that open a new vault at once, one makes the key.
  const changing = change(["meta", "records", "files"]);
  const store = changing.objectStore("meta");
  let known = await done(store.get("vault"));
  if (known.mark !== mark) {
    known = { ...known, mark, iv, wrapped };
    store.put(known, "vault");
    changing.objectStore("records").clear();
    changing.objectStore("files").clear();
  }
  await done(changing);
  const how = { ...context, iv: known.iv };
  key = await crypto.subtle.unwrapKey("raw", known.wrapped, wrapping, how, AES, false, ["encrypt", "decrypt"]);
  return all();
}

const sealedAs = (id, iv) => ({ name: "AES-GCM", iv, additionalData: encode(`${FORMAT} ${id}`) });

async function all() {
  const records = await done(db.transaction("records").objectStore("records").getAll());
  const read = records.map(async ({ id, format, iv, bytes }) => {
    if (format !== FORMAT) return undefined;
    try {
      return [id, decode(await crypto.subtle.decrypt(sealedAs(id, iv), key, bytes))];
    } catch {
      // Damaged: it stays, unread.
      return undefined;
    }
  });
  return JSON.stringify((await Promise.all(read)).filter(Boolean));
}

// What is blank, a draft that was emptied, is nothing that somebody misses.
async function put(id, text, durability, isBlank = false) {
  const iv = random(12);
  const bytes = await crypto.subtle.encrypt(sealedAs(id, iv), key, encode(text));
  const changing = change("records", durability);
  changing.objectStore("records").put({ id, format: FORMAT, iv, bytes, isBlank });
  // Without this the browser asks first whether more is to come; a page that goes meanwhile takes the words with it.
  changing.commit?.();
  await done(changing);
}

async function remove(id) {
  const changing = change("records");
  changing.objectStore("records").delete(id);
  await done(changing);
}

// One record, as text; empty when there is none. One that cannot be read is none to be written over: it fails.
async function get(id) {
  const record = await done(db.transaction("records").objectStore("records").get(id));
  if (!record) return "";
  if (record.format !== FORMAT) throw new Error("a record of another version");
  return decode(await crypto.subtle.decrypt(sealedAs(id, record.iv), key, record.bytes));
}

// The bytes of a file rest in parts, each sealed with its place and the number of all: no more than a part of them is in
// memory twice.
const PART = 1 << 20;
const DAY_MS = 86_400_000;
const partsOf = (file) => IDBKeyRange.bound(`${file}/`, `${file}0`, false, true);

async function keepFile(blob, file) {
  const total = Math.ceil(blob.size / PART);
  for (let number = 0; number < total; number++) {
    const plain = await blob.slice(number * PART, (number + 1) * PART).arrayBuffer();
    const id = `${file}/${number}`;
    const iv = random(12);
    const bytes = await crypto.subtle.encrypt(sealedAs(`file/${id}/${total}`, iv), key, plain);
    const changing = change("files");
    changing.objectStore("files").put({ id, file, number, total, at: Date.now(), format: FORMAT, iv, bytes });
    await done(changing);
  }
}

// The file, if all of it is here and can be read.
async function file(wanted) {
  const parts = await done(db.transaction("files").objectStore("files").getAll(partsOf(wanted)));
  parts.sort((one, other) => one.number - other.number);
  const total = parts[0]?.total;
  if (!total || parts.length !== total) throw new Error("not all of it is here");
  const opened = [];
  for (const { id, iv, bytes } of parts) {
    opened.push(await crypto.subtle.decrypt(sealedAs(`file/${id}/${total}`, iv), key, bytes));
  }
  return new Blob(opened);
}

async function dropFile(unwanted) {
  const changing = change("files");
  changing.objectStore("files").delete(partsOf(unwanted));
  await done(changing);
}

// Files that no record names any more, since a day: `wanted` are the others, as a list in JSON.
async function sweepFiles(wanted) {
  const kept = new Set(JSON.parse(wanted));
  const changing = change("files");
  const walk = changing.objectStore("files").openCursor();
  walk.onsuccess = () => {
    const here = walk.result;
    if (!here) return;
    if (!kept.has(here.value.file) && here.value.at < Date.now() - DAY_MS) here.delete();
    here.continue();
  };
  await done(changing);
}

let lastOfFiles = Promise.resolve();
function inTurnOfFiles(work) {
  const turn = lastOfFiles.then(work);
  lastOfFiles = turn.catch(() => {});
  return turn;
}

// How many messages and drafts rest sealed here, of one account or of all who share this browser: `[2, 1]`. No record is
// opened, and nothing is made where nothing is.
async function count(of) {
  const known = (await indexedDB.databases()).map(({ name }) => name);
  const names = known.filter((name) => (of ? name === `pli-${of}` : name.startsWith("pli-")));
  const kinds = ["message/", "draft/"];
  const counts = [0, 0];
  for (const name of names) {
    const vault = await done(indexedDB.open(name));
    try {
      const records = await done(vault.transaction("records").objectStore("records").getAll());
      const ids = records.filter(({ isBlank }) => !isBlank).map(({ id }) => id);
      kinds.forEach((kind, at) => (counts[at] += ids.filter((id) => id.startsWith(kind)).length));
    } finally {
      vault.close();
    }
  }
  return JSON.stringify(counts);
}

function lose() {
  db?.close();
  db = key = undefined;
  hear?.("lost", "");
}

// The person signs out: the vault is destroyed. The worker closes what was notified; and without a server it remembers to
// end the session before any page is shown (`sw.js`).
async function leave(of, when) {
  hear = undefined;
  release?.();
  lose();
  const worker = (await navigator.serviceWorker?.getRegistration())?.active;
  worker?.postMessage("sign-out");
  if (when === "later") worker?.postMessage("sign-out-later");
  await done(indexedDB.deleteDatabase(`pli-${of}`));
}

// One tab leads: it holds a lock, which the browser passes on when the tab goes, in whatever way. `how` may be "steal", from
// a leader that does not answer.
function lead(how) {
  if (!navigator.locks) return hear?.("leads", "");
  const hold = () => {
    hear?.("leads", "");
    return new Promise((resolve) => (release = resolve));
  };
  const options = how === "steal" ? { steal: true } : {};
  navigator.locks.request(`pli-outbox-${account}`, options, hold).catch(() => {
    // Somebody thought this tab dead.
    hear?.("follows", "");
    lead();
  });
}

// What one tab says, the others of the same account hear.
function listen(of) {
  if (!globalThis.BroadcastChannel) return;
  channel ??= new BroadcastChannel(`pli-${of}`);
  channel.onmessage = ({ data }) => hear?.("word", data);
}

const WORKS = {
  ...STREAM,
  begin,
  open: (secret) => inTurn(() => open(secret)),
  all: () => inTurn(all),
  put: (id, text) => inTurn(() => put(id, text)),
  putBlank: (id, text) => inTurn(() => put(id, text, "strict", true)),
  jot: (id, text) => inTurn(() => put(id, text, "relaxed")),
  remove: (id) => inTurn(() => remove(id)),
  get: (id) => inTurn(() => get(id)),
  keepFile: (blob, file) => inTurnOfFiles(() => keepFile(blob, file)),
  file: (wanted) => inTurnOfFiles(() => file(wanted)),
  dropFile: (unwanted) => inTurnOfFiles(() => dropFile(unwanted)),
  sweepFiles: (wanted) => inTurnOfFiles(() => sweepFiles(wanted)),
  count,
  leave,
  seal: () => (key = undefined),
  lead,
  listen,
  say: (text) => channel?.postMessage(text),
  hear: (listener) => (hear = listener),
};

// The one door: what to do, and with what. A failure says its name, never a word of what is kept.
export async function ask(what, one, other) {
  return WORKS[what](one, other);
}
