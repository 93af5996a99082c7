// The panels beside the phone: text messages, photos, places, people.

function make(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  if (name === "button") node.type = "button";
  return node;
}

export function showSms(box, messages, sendText) {
  const mark = String(messages.at(-1)?.id || 0);
  if (!messages.length || box.dataset.mark === mark) return;
  box.dataset.mark = mark;
  box.replaceChildren(...messages.slice(-4).reverse().map((sms) => {
    const row = make("div", "sms");
    row.append(make("span", "to", `${sms.phone} · ${new Date(sms.at).toTimeString().slice(0, 5)}`));
    row.append(make("p", "", sms.text));
    if (sms.code) {
      const use = make("button", "use", sms.code);
      use.setAttribute("aria-label", `发送验证码 ${sms.code}`);
      use.addEventListener("click", () => sendText(sms.code));
      row.append(use);
    }
    return row;
  }));
}

export function showCast(cast, actions) {
  showPhotos(cast.pictures, actions);
  document.getElementById("places").append(...cast.places.map((place) => {
    const button = make("button", "plain pin", place.label);
    button.addEventListener("click", () => actions.sendOther({ type: "location", ...place }));
    return button;
  }));
  document.getElementById("people").append(...cast.residents.map((who) => person(who, actions)));
}

function showPhotos(pictures, actions) {
  const select = document.getElementById("photos-of");
  const groups = new Map();
  for (const picture of pictures) {
    const group = ["照片", "别的"].includes(picture.variant) ? "照片和别的" : picture.person;
    groups.set(group, [...(groups.get(group) || []), picture]);
  }
  const names = [...groups.keys()].sort((a, b) => (a === "照片和别的") - (b === "照片和别的"));
  select.replaceChildren(...names.map((name) => new Option(name === "照片和别的" ? name : `${name}的身份证`, name)));
  const draw = () => {
    const chosen = [...(groups.get(select.value) || [])];
    chosen.sort((a, b) => Boolean(a.variant) - Boolean(b.variant) || b.label.localeCompare(a.label, "zh"));
    const isBad = (p) => p.variant && !["照片", "别的"].includes(p.variant);
    const good = chosen.filter((p) => !isBad(p)).map((p) => photo(p, actions));
    const bad = chosen.filter(isBad).map((p) => photo(p, actions));
    document.getElementById("photos").replaceChildren(...good);
    document.getElementById("bad-photos").replaceChildren(...bad);
    document.getElementById("bad").hidden = !bad.length;
  };
  select.addEventListener("change", draw);
  draw();
}

function photo(picture, actions) {
  const button = make("button", picture.variant === "照片" ? "photo tall" : "photo");
  const image = make("img");
  image.src = `/simulator/pictures/${picture.file}`;
  image.alt = "";
  image.loading = "lazy";
  button.append(image, make("span", "", picture.label.replace("身份证", "")));
  button.setAttribute("aria-label", `发送照片：${picture.person} ${picture.label}`);
  button.dataset.file = picture.file;
  button.addEventListener("click", () => actions.sendSample(picture));
  return button;
}

function person(who, actions) {
  const row = make("div", "person");
  const face = who.portrait ? make("img", "face-of") : make("span", "face-of", "？");
  if (who.portrait) {
    face.src = `/simulator/pictures/${who.portrait}`;
    face.alt = "";
    face.loading = "lazy";
  }
  const name = make("div");
  name.append(make("b", "", who.name), ...who.remarks.map((words) => make("span", "remark", words)));
  const buttons = make("div", "row");
  buttons.append(filler(`${who.id_number}`, `${who.name} ${who.id_number}`, `填入${who.name}的姓名和证件号`, actions));
  if (who.phone) buttons.append(filler(who.phone, who.phone, `填入${who.name}的手机号`, actions));
  row.append(face, name, buttons);
  return row;
}

function filler(shown, text, label, actions) {
  const button = make("button", "copy", shown);
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => actions.fill(text));
  return button;
}
