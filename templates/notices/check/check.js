// Says whether a code is one of ours. Runs in the reader's browser and sends the code nowhere:
// all that is asked for is one of 256 lists of hashes, each of the same size, by the first two
// digits of the code's own hash. A right code and a wrong one take the same steps.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MEANT = { I: "1", L: "1", O: "0" };
const GAPS = /[-\u2010-\u2014\u2212._ \t\r\n]/gu;
const HERE = new URL(".", import.meta.url);

// The sixteen letters of a code as somebody typed it, or null for what cannot be one.
export function readCode(typed) {
  const said = typed.normalize("NFKC").toUpperCase().replace(GAPS, "");
  const plain = [...said].map((letter) => MEANT[letter] ?? letter).join("");
  const right = plain.length === 16 && [...plain].every((letter) => ALPHABET.includes(letter));
  return right ? plain : null;
}

// SHA-256, in hex.
export async function fingerprint(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Which notice a list names for this hash, or 0. Looks at every line, wherever the right one is.
export function noticeIn(list, hash) {
  const wanted = hash.slice(2);
  let found = 0;
  for (const line of list.split("\n")) {
    found |= line.slice(0, 62) === wanted ? parseInt(line.slice(62), 16) : 0;
  }
  return found;
}

export async function check(typed) {
  const hash = await fingerprint(readCode(typed) ?? `not a code: ${typed}`);
  const list = await fetch(new URL(`codes/${hash.slice(0, 2)}.txt`, HERE), {
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
  });
  if (!list.ok) throw new Error(`no list: ${list.status}`);
  return noticeIn(await list.text(), hash);
}

function say(name) {
  const answer = document.getElementById("answer");
  answer.replaceChildren(document.getElementById(name).content.cloneNode(true));
}

async function answered(event) {
  event.preventDefault();
  const button = document.getElementById("button");
  button.setAttribute("aria-disabled", "true");
  try {
    const notice = await check(document.getElementById("code").value);
    say(notice && document.getElementById(`genuine-${notice}`) ? `genuine-${notice}` : "not-ours");
  } catch {
    say("failed");
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

const form = document.getElementById("form");
if (form) {
  form.hidden = false;
  form.addEventListener("submit", answered);
}
