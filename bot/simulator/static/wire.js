// The simulator's JSON.

async function checked(answer) {
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

const messagesOf = (user) => `/simulator/api/wechat/users/${user}/messages`;

export async function load(path) {
  return checked(await fetch(path));
}

export async function feed(user, seen) {
  const query = new URLSearchParams({ openid: user, seen, wait: 20 });
  return load(`/simulator/api/feed?${query}`);
}

export async function send(user, message) {
  const body = JSON.stringify(message);
  const headers = { "Content-Type": "application/json" };
  return checked(await fetch(messagesOf(user), { method: "POST", headers, body }));
}

export async function sendPicture(user, blob, name, label) {
  const form = new FormData();
  form.append("file", blob, name);
  form.append("label", label);
  return checked(await fetch(messagesOf(user), { method: "POST", body: form }));
}
