// The simulator's JSON. An account is `wechat` (the official account) or `wechat_mini`.

async function checked(answer) {
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

const messagesOf = (account, user) => `/simulator/api/${account}/users/${user}/messages`;

export async function load(path) {
  return checked(await fetch(path));
}

export async function feed(account, user, seen) {
  const query = new URLSearchParams({ account, openid: user, seen, wait: 20 });
  return load(`/simulator/api/feed?${query}`);
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return checked(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function send(account, user, message) {
  return post(messagesOf(account, user), message);
}

export async function sendPicture(account, user, blob, name, label) {
  const form = new FormData();
  form.append("file", blob, name);
  form.append("label", label);
  return checked(await fetch(messagesOf(account, user), { method: "POST", body: form }));
}
