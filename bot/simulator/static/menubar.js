// The account's menu in the place of the text field, as menu/create published it.
import { button, drawing, make, shape } from "./nodes.js";

const KEYBOARD = "M3.500 6.500h17v11h-17zM6.500 9.500h.1M9.500 9.500h.1M12.500 9.500h.1M15.500 9.500h.1M17.500 12h.1M6.500 12h.1M9.500 12h.1M12.500 12h.1M8.500 15h7";
const LIST = "M6 8h12M6 12h12M6 16h12";

// `act` carries a button out. The bar is what a person meets first; the keyboard is one tap away.
export function menuBar(bar, composer, act) {
  const state = { mark: "", typing: false };

  function use(typing) {
    state.typing = typing;
    show();
    const first = typing ? composer.querySelector("textarea") : bar.querySelector(".menu-top");
    first?.focus();
  }

  function show() {
    const has = Boolean(bar.childElementCount);
    bar.hidden = !has || state.typing;
    composer.hidden = has && !state.typing;
    composer.querySelector("#to-menu").hidden = !has;
    closeAll(bar);
  }

  composer.querySelector("#to-menu").addEventListener("click", () => use(false));
  document.addEventListener("click", (event) => { if (!bar.contains(event.target)) closeAll(bar); });
  bar.addEventListener("keydown", (event) => {
    const open = bar.querySelector("[aria-expanded=true]");
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    closeAll(bar);
    open.focus();
  });

  return {
    draw(buttons) {
      const mark = JSON.stringify(buttons || []);
      if (mark === state.mark) return;
      state.mark = mark;
      bar.replaceChildren(...(buttons?.length ? [toKeyboard(use), ...buttons.map((b) => column(b, act))] : []));
      show();
    },
    type: () => use(true),
  };
}

function toKeyboard(use) {
  const node = button("round", "", () => use(true));
  node.id = "to-keyboard";
  node.setAttribute("aria-label", "换成键盘 Keyboard");
  const icon = drawing("0 0 24 24");
  icon.append(shape(KEYBOARD));
  node.append(icon);
  return node;
}

function column(wanted, act) {
  const cell = make("div", "menu-cell");
  const below = wanted.sub_button || [];
  const top = button("menu-top", wanted.name, () => (below.length ? toggle(cell) : act(wanted)));
  cell.append(top);
  if (below.length) {
    const icon = drawing("0 0 24 24");
    icon.append(shape(LIST));
    top.prepend(icon);
    top.setAttribute("aria-expanded", "false");
    const list = make("div", "menu-list");
    list.hidden = true;
    list.append(...below.map((one) => button("", one.name, () => { closeAll(cell.parentElement); act(one); })));
    cell.append(list);
  }
  return cell;
}

function toggle(cell) {
  const [top, list] = cell.children;
  const opening = list.hidden;
  closeAll(cell.parentElement);
  list.hidden = !opening;
  top.setAttribute("aria-expanded", String(opening));
  if (opening) list.querySelector("button").focus();
}

function closeAll(bar) {
  bar.querySelectorAll(".menu-list").forEach((list) => { list.hidden = true; });
  bar.querySelectorAll("[aria-expanded]").forEach((top) => top.setAttribute("aria-expanded", "false"));
}
