// sound.js: the buzzer, heard once a person has touched the page (browsers ask for that) and shown at the grille. Without Web Audio it is shown only.
import { at } from "./dom.js";
import { on } from "./state.js";

const KEPT = "microtill.mute",
  LOUD = 0.05,
  EDGE_S = 0.004;
let sound = null,
  ends = 0,
  timer = 0;
export const Sound = { mute: localStorage.getItem(KEPT) === "1" };

function wake() {
  if (sound || !window.AudioContext) return;
  sound = new AudioContext();
}

function play({ hertz, ms }) {
  at("grille").classList.add("sings");
  clearTimeout(timer);
  timer = setTimeout(() => at("grille").classList.remove("sings"), Math.max(90, ms));
  if (!sound || Sound.mute || sound.state !== "running" || !hertz) return;
  const from = Math.max(sound.currentTime, Math.min(ends, sound.currentTime + 0.5)),
    to = from + ms / 1000,
    tone = sound.createOscillator(),
    gain = sound.createGain();
  tone.type = "square";
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(LOUD, from + EDGE_S);
  gain.gain.setValueAtTime(LOUD, Math.max(from + EDGE_S, to - EDGE_S));
  gain.gain.linearRampToValueAtTime(0, to);
  tone.connect(gain).connect(sound.destination);
  tone.start(from);
  tone.stop(to);
  ends = to;
}

export function mute(on) {
  Sound.mute = on;
  localStorage.setItem(KEPT, on ? "1" : "0");
}

export function begin() {
  on("tone", play);
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, wake, { once: true });
}
