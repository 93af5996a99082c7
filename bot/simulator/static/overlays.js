// What lies over the phone for a moment: a text message's banner, a picture, a word of failure.
import { button, make } from "./nodes.js";

const $ = (id) => document.getElementById(id);

let bannerTimer = 0;
export function banner(sms, sendText) {
  const box = $("banner");
  box.replaceChildren(make("b", "", `短信 · ${sms.phone}`), make("p", "", sms.text));
  if (sms.code) {
    box.append(button("use", `发送 ${sms.code}`, () => {
      box.hidden = true;
      sendText(sms.code);
    }));
  }
  box.hidden = false;
  clearTimeout(bannerTimer);
  bannerTimer = setTimeout(() => { box.hidden = !box.contains(document.activeElement); }, 8000);
}

export function openPicture(source) {
  const viewer = $("viewer");
  viewer.querySelector("img").src = source;
  viewer.showModal();
}

let toastTimer = 0;
export function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 4000);
}
