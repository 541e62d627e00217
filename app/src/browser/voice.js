// Sound: recorded, fetched, decoded. Loaded when first used, by `app/src/browser/voice.rs`.

const BITS_PER_SECOND = 48_000;
// Enough to draw from, and a sixth of what is played.
const DRAWN_RATE = 8_000;
// A recording waits no longer, with the microphone open.
const MOST_WAIT_MS = 2 * 60 * 1_000;
// Farther than any sound goes, in seconds, and how long its end is looked for, in milliseconds.
const BEYOND = 1e7;
const MOST_LOOKED_MS = 10_000;

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && globalThis.MediaRecorder);
export const writes = (type) => MediaRecorder.isTypeSupported(type);

const release = (stream) => stream.getTracks().forEach((track) => track.stop());

// Asks for the microphone, and records from it for at most so many milliseconds.
export async function record(type, mostMs) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  try {
    return recording(stream, type, mostMs);
  } catch (error) {
    release(stream);
    throw error;
  }
}

function recording(stream, type, mostMs) {
  const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND });
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(stream).connect(analyser);
  // A browser that keeps it asleep shows no level, and records all the same.
  context.resume().catch(() => {});
  const wave = new Uint8Array(analyser.fftSize);
  const pieces = [];
  let state = "paused";
  let why = "";
  let beforeMs = 0;
  let since = 0;
  let limit;

  const ms = () => beforeMs + (state === "recording" ? performance.now() - since : 0);
  const settle = (next, reason) => {
    beforeMs = ms();
    clearTimeout(limit);
    [state, why] = [next, reason];
  };
  // Another program holds the microphone, a call for one: what it would give is silence.
  const isMuted = () => stream.getTracks().some((track) => track.muted);
  const go = () => {
    clearTimeout(limit);
    [state, why, since] = ["recording", "", performance.now()];
    limit = setTimeout(() => end("full"), mostMs - beforeMs);
  };
  const pause = (reason) => {
    if (state !== "recording") return;
    settle("paused", reason);
    if (recorder.state === "recording") recorder.pause();
    limit = setTimeout(() => end("waited"), MOST_WAIT_MS);
  };
  const resume = () => {
    if (state !== "paused" || recorder.state !== "paused") return;
    if (isMuted()) {
      why = "taken";
      return;
    }
    recorder.resume();
    go();
  };
  const end = (reason) => {
    if (state !== "ended") settle("ended", reason);
    if (recorder.state !== "inactive") recorder.stop();
    return ended;
  };
  const hidden = () => document.hidden && pause("hidden");

  const ended = new Promise((done) => {
    recorder.addEventListener("stop", () => {
      // A recorder that stops by itself has lost its microphone.
      if (state !== "ended") settle("ended", "taken");
      document.removeEventListener("visibilitychange", hidden);
      release(stream);
      context.close();
      done(new Blob(pieces, { type: recorder.mimeType || type }));
    });
  });
  recorder.addEventListener("dataavailable", ({ data }) => data.size && pieces.push(data));
  recorder.addEventListener("error", () => end("taken"));
  for (const track of stream.getTracks()) {
    track.addEventListener("ended", () => end("taken"));
    track.addEventListener("mute", () => pause("taken"));
  }
  document.addEventListener("visibilitychange", hidden);
  // A piece each second: what breaks off keeps what was said until then.
  recorder.start(1_000);
  go();
  if (isMuted()) pause("taken");

  const look = () => {
    analyser.getByteTimeDomainData(wave);
    return { state, why, ms: ms(), wave };
  };
  return { look, pause, resume, end };
}

// How long the sound of a file is, in seconds. What a browser records does not say so: then its end is looked for, by a player
// that nobody hears. Nothing of the file is decoded for that, or next to nothing.
export async function length(file) {
  const audio = new Audio();
  const address = URL.createObjectURL(file);
  try {
    return await new Promise((done, fail) => {
      const look = () => {
        if (Number.isFinite(audio.duration)) done(audio.duration);
      };
      audio.addEventListener("loadedmetadata", () => {
        look();
        if (audio.duration === Infinity) audio.currentTime = BEYOND;
      });
      audio.addEventListener("durationchange", look);
      audio.addEventListener("seeked", look);
      audio.addEventListener("error", fail);
      setTimeout(fail, MOST_LOOKED_MS);
      audio.muted = true;
      audio.preload = "metadata";
      audio.src = address;
    });
  } finally {
    audio.removeAttribute("src");
    audio.load();
    URL.revokeObjectURL(address);
  }
}

// The sound of a file as numbers between -1 and 1, for drawing. All of it is decoded: ask for its length first.
export async function samples(file) {
  const context = new OfflineAudioContext(1, 1, DRAWN_RATE);
  const sound = await context.decodeAudioData(await file.arrayBuffer());
  const { buffer, byteOffset, byteLength } = sound.getChannelData(0);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.blob();
}

// Waits until an element is seen; for ever where the person saves data.
export const seen = (element) =>
  new Promise((done) => {
    if (navigator.connection?.saveData) return;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      done();
    });
    observer.observe(element);
  });

// Lets the browser ask before the page goes, or not any more.
const ask = (event) => {
  event.preventDefault();
  event.returnValue = true;
};
export const hold = (does) => (does ? addEventListener : removeEventListener)("beforeunload", ask);
// For whoever signs out without this script at hand.
globalThis.letVoiceGo = () => hold(false);
