// Quick replies under the last message: its numbered choices, the words it asks for, its footer.

const FOOTER = /^\d{1,2} [^·]+( · \d{1,2} [^·]+)+$/;
const ASKED = /(?:回复|发|说|reply|send|say)\s*((?:[“"][^”"]{1,12}[”"](?:\s*(?:或|、|or|,)\s*)?)+)/gi;
const QUOTED = /[“"]([^”"]{1,12})[”"]/g;

// What stands before the first mark: the whole label is in the message above.
function short(label) {
  return label.split(/[（(，,：:]/)[0] || label;
}

const OPENERS = ["你好", "我想办社保卡", "Hello"].map((text) => ({ text, shown: text }));

export function chipsOf(messages) {
  const last = messages.at(-1);
  if (!last) return OPENERS;
  if (last.from !== "bot") return [];
  const chips = last.options.map(({ key, label }) => ({ text: key, shown: `${key} ${short(label)}`, whole: `${key} ${label}` }));
  for (const [, words] of last.text.matchAll(ASKED)) {
    for (const [, word] of words.matchAll(QUOTED)) chips.push({ text: word, shown: word });
  }
  for (const line of last.text.split("\n").filter((text) => FOOTER.test(text))) {
    for (const part of line.split(" · ")) {
      chips.push({ text: part.split(" ")[0], shown: part, quiet: true });
    }
  }
  const texts = chips.map((chip) => chip.text);
  return chips.filter((chip, index) => texts.indexOf(chip.text) === index);
}

export function showChips(box, messages, sendText) {
  const chips = chipsOf(messages);
  const mark = JSON.stringify([messages.at(-1)?.id, chips]);
  if (box.dataset.mark === mark) return;
  box.dataset.mark = mark;
  box.replaceChildren(...chips.map((chip) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = chip.quiet ? "chip quiet" : "chip";
    button.textContent = chip.shown;
    button.dataset.text = chip.text;
    if (chip.whole && chip.whole !== chip.shown) button.title = chip.whole;
    button.addEventListener("click", () => sendText(chip.text));
    return button;
  }));
  box.scrollLeft = 0;
}
