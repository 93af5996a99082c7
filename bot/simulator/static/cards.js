// What WeChat shows as a card: template and subscription messages, articles, mini programs.
import { button, drawing, make, shape } from "./nodes.js";

const KINDS = { template: "服务通知", subscribe: "订阅通知", subscription: "服务提醒" };
const MINI = "M12 3.500a8.500 8.500 0 1 0 .1 0zM9.300 14.700a2.200 2.200 0 1 1-.8-4.200M14.700 9.300a2.200 2.200 0 1 1 .8 4.200M12 9.800v4.400";

export const isNotice = (message) => Object.hasOwn(KINDS, message.via);

// The node for a message that is a card, or null for one that is not.
export function cardOf(message, actions) {
  if (isNotice(message)) return notice(message, actions);
  if (message.kind === "miniprogram") return mini(message, actions);
  if (message.kind === "link" && message.from === "bot") return article(message, actions);
  return null;
}

function titleOf(message) {
  return message.card?.title || message.text.split("\n")[0];
}

function notice(message, actions) {
  const box = make("div", "card notice");
  box.append(make("p", "card-kind", KINDS[message.via]), make("p", "card-title", titleOf(message)));
  const list = make("dl");
  for (const { label, value } of message.card?.fields || []) list.append(make("dt", "", label), make("dd", "", value));
  box.append(list);
  const { url, pagepath } = message.card || {};
  if (url || pagepath) {
    const go = pagepath ? () => actions.openMini(pagepath) : () => actions.openWeb(url);
    box.append(button("card-more", "查看详情", go));
  }
  return box;
}

function mini(message, actions) {
  const { title, pagepath } = message.card;
  const box = button("card mini", "", () => actions.openMini(pagepath));
  const head = make("span", "mini-name");
  const dot = make("span", "mini-dot", "社");
  dot.setAttribute("aria-hidden", "true");
  head.append(dot, actions.miniName);
  const thumb = make("span", "mini-thumb");
  if (message.media) {
    const image = make("img");
    image.src = message.media;
    image.alt = "";
    thumb.append(image);
  }
  const foot = make("span", "mini-foot");
  const sign = drawing("0 0 24 24");
  sign.append(shape(MINI));
  foot.append(sign, "小程序");
  box.append(head, make("span", "mini-title", title), thumb, foot);
  return box;
}

function article(message, actions) {
  const [first, address = ""] = message.text.split("\n");
  const { title = first, description = "", url = address } = message.card || {};
  const box = button("card article", "", () => actions.openWeb(url));
  box.append(make("span", "card-title", title), make("span", "card-text", description || url));
  return box;
}
