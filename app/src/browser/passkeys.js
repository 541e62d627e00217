// Passkeys, as the browser has them: made, and used, from the JSON that the server and the standard speak. Loaded when first
// used, by `app/src/browser/passkeys.rs`.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// What the standard's own readers do where a browser has them not yet.
function read(text) {
  const options = JSON.parse(text);
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    for (const known of list ?? []) known.id = toBytes(known.id);
  }
  return options;
}

function write(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const bytes = credential.response[part];
    if (bytes) response[part] = toText(bytes);
  }
  const id = toText(credential.rawId);
  return JSON.stringify({ id, rawId: id, type: credential.type, response, extensions: {} });
}

// One use at a time: what was begun by itself gives way to what a person presses.
let waiting;

async function use(text, mediation) {
  waiting?.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  return write(await navigator.credentials.get({ publicKey: read(text), mediation, signal }));
}

const acts = {
  // Whether the browser offers passkeys by itself, where an address is typed.
  offers: async () => String((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false),
  make: async (options) => write(await navigator.credentials.create({ publicKey: read(options) })),
  use: (options) => use(options, "optional"),
  await: (options) => use(options, "conditional"),
};

export const ask = (what, options) => acts[what](options);
