"use strict";

const here = location.origin;
const key = document.getElementById("key");
const nav = document.getElementById("nav");
const menu = document.querySelector(".menu");

async function copy(button, text) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    // Without HTTPS a browser may refuse its clipboard: select the text instead.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    button.textContent = document.execCommand("copy") ? "Copied" : "Not allowed here";
    area.remove();
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}

document.querySelector("[data-copy-address]").addEventListener("click", (event) => copy(event.target, `${here}/v1`));

function openMenu(open) {
  nav.classList.toggle("open", open);
  menu.setAttribute("aria-expanded", String(open));
}

menu.addEventListener("click", () => openMenu(!nav.classList.contains("open")));
nav.addEventListener("click", (event) => { if (event.target.closest("a")) openMenu(false); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") openMenu(false); });

const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const link = links.get(entry.target.id);
    if (!entry.isIntersecting || !link) continue;
    for (const other of links.values()) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
  }
}, { rootMargin: "-15% 0px -75% 0px" });

/** The address of an operation with its variables filled in. */
function addressOf(operation) {
  const values = Object.fromEntries([...operation.querySelectorAll(".variable input")].map((one) => [one.name, one.value]));
  const filled = operation.dataset.path.replace(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ""));
  return here + filled;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curlOf(operation) {
  const body = operation.querySelector("textarea");
  const lines = [`curl ${quoted(addressOf(operation))}`];
  if (key.value && !("open" in operation.dataset)) lines.push(`--header "Authorization: Bearer $MAXSERVE_KEY"`);
  if (body) lines.push(`--header 'Content-Type: application/json'`, `--data ${quoted(body.value)}`);
  if (body && /"stream":\s*true|"deliveryMethod":\s*"stream"/.test(body.value)) lines.push("--no-buffer");
  return lines.join(" \\\n  ");
}

const used = new Set();
let latest = null;

function newUuid() {
  // randomUUID is there over HTTPS and on localhost only.
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((one, i) =>
    (i === 6 ? (one & 15) | 64 : i === 8 ? (one & 63) | 128 : one).toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Runware's tasks with ids that were not used yet; those that ask for another task ask for the latest. */
function renewed(text, fresh) {
  let tasks;
  try { tasks = JSON.parse(text); } catch { return text; }
  if (!Array.isArray(tasks)) return text;
  let changed = false;
  for (const task of tasks) {
    if (!task?.taskUUID) continue;
    const asks = /^get/.test(task.taskType);
    const id = asks ? fresh && latest : (fresh || used.has(task.taskUUID)) && newUuid();
    if (id) { task.taskUUID = id; changed = true; }
  }
  return changed ? JSON.stringify(tasks, null, 2) : text;
}

/** Remember the ids of Runware's tasks that are sent. */
function remember(text) {
  let tasks;
  try { tasks = JSON.parse(text); } catch { return; }
  for (const task of Array.isArray(tasks) ? tasks : []) {
    if (task?.taskType !== "textInference" || !task.taskUUID) continue;
    used.add(task.taskUUID);
    latest = task.taskUUID;
  }
}

/** JSON as coloured text, as far as it is JSON. */
function paint(target, text) {
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(token)) {
    parts.push(text.slice(last, match.index));
    const span = document.createElement("span");
    span.className = match[2] ? "k" : match[1] ? "s" : match[3] ? "n" : "w";
    span.textContent = match[1] ?? match[0];
    parts.push(span, match[2] ?? "");
    last = match.index + match[0].length;
  }
  target.replaceChildren(...parts, text.slice(last));
}

/** What people read in an answer or in one event of a stream, whichever API it is of. */
function wordsOf(value) {
  const words = { thought: "", said: "" };
  if (value === null || typeof value !== "object") return words;
  const add = (thought, said) => { words.thought += thought ?? ""; words.said += said ?? ""; };
  const called = (name, text) => `${name ? `\n${name}` : ""}${text ?? ""}`;
  for (const choice of value.choices ?? []) {
    const one = choice.delta ?? choice.message ?? {};
    add(one.reasoning_content ?? one.reasoning_details?.map((detail) => detail.text).join(""), one.content ?? choice.text);
    for (const call of one.tool_calls ?? []) add("", called(call.function?.name, call.function?.arguments));
  }
  const items = value.taskType ? [value] : Array.isArray(value.data) ? value.data : [];
  for (const item of items) {
    if (item.taskType !== "textInference") continue;
    const one = item.delta ?? item;
    if (words.said && !item.delta) add("", "\n\n");
    add(one.reasoningContent, one.text);
    for (const call of one.tools ?? []) add("", called(call.name, JSON.stringify(call.input)));
  }
  const blocks = value.type === "message" && Array.isArray(value.content) ? value.content : [];
  for (const block of blocks) {
    add(block.thinking, block.text);
    if (block.type === "tool_use") add("", called(block.name, JSON.stringify(block.input)));
  }
  if (value.type === "content_block_start" && value.content_block?.type === "tool_use") add("", called(value.content_block.name));
  if (value.type === "content_block_delta") add(value.delta.thinking, value.delta.text ?? value.delta.partial_json);
  if (value.type === "response.output_text.delta") add("", value.delta);
  if (/^response\.reasoning.*\.delta$/.test(value.type)) add(value.delta);
  if (value.object === "response") {
    for (const item of value.output ?? []) {
      const texts = (list) => (list ?? []).map((part) => part.text ?? "").join("");
      if (item.type === "reasoning") add(texts(item.content) || texts(item.summary));
      else if (item.type === "message") add("", texts(item.content));
      else if (item.type === "function_call") add("", called(item.name, item.arguments));
    }
  }
  return words;
}

class Result {
  constructor(operation) {
    this.box = operation.querySelector(".result");
    this.meta = this.box.querySelector(".meta");
    this.raw = this.box.querySelector(".raw pre");
    this.parts = { thought: this.box.querySelector(".thought"), said: this.box.querySelector(".said") };
    this.box.hidden = false;
    this.meta.replaceChildren();
    this.raw.textContent = "";
    for (const part of Object.values(this.parts)) {
      part.hidden = true;
      part.querySelector("pre").textContent = "";
    }
  }

  head(response) {
    const status = document.createElement("span");
    status.className = `status s${String(response.status)[0]}`;
    status.textContent = `${response.status} ${response.statusText}`;
    this.meta.replaceChildren(status);
    for (const name of ["x-maxserve-checkpoint", "x-request-id"]) {
      const value = response.headers.get(name);
      if (!value) continue;
      const code = document.createElement("code");
      code.textContent = value;
      code.title = name;
      this.meta.append(code);
    }
  }

  words(value) {
    for (const [name, text] of Object.entries(wordsOf(value))) {
      if (!text) continue;
      const part = this.parts[name];
      const pre = part.querySelector("pre");
      const down = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 40;
      part.hidden = false;
      pre.append(text);
      if (down) pre.scrollTop = pre.scrollHeight;
    }
  }

  /** Show a stream's events as they come. */
  async stream(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      this.raw.append(value);
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const data = event.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart()).join("\n");
        if (!data || data === "[DONE]") continue;
        const value = JSON.parse(data);
        // MiniMax's native stream ends with the whole answer once more.
        if (value.object !== "chat.completion") this.words(value);
      }
    }
  }

  async whole(response) {
    const text = await response.text();
    try {
      const value = JSON.parse(text);
      this.words(value);
      paint(this.raw, JSON.stringify(value, null, 2));
    } catch {
      this.raw.textContent = text;
    }
    const alone = Object.values(this.parts).every((part) => part.hidden);
    this.box.querySelector(".raw").open = alone;
  }
}

function prepare(operation) {
  const form = operation.querySelector("form");
  const body = operation.querySelector("textarea");
  const which = operation.querySelector("select");
  const examples = [...operation.querySelectorAll("script.example")].map((script) => script.textContent.trim());
  const curl = operation.querySelector(".curl");
  const stop = operation.querySelector(".stop");
  const state = operation.querySelector(".state");
  let running = null;

  const refresh = () => { curl.textContent = curlOf(operation); };
  if (body) body.value = renewed(body.value, true);
  refresh();
  form.addEventListener("input", refresh);
  key.addEventListener("input", refresh);
  which?.addEventListener("change", () => { body.value = renewed(examples[which.selectedIndex], true); refresh(); });
  body?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  operation.querySelector(".code .copy").addEventListener("click", (event) => copy(event.target, curl.textContent));
  stop.addEventListener("click", () => running?.abort());

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running?.abort();
    if (body) {
      body.value = renewed(body.value, false);
      remember(body.value);
      refresh();
    }
    const mine = running = new AbortController();
    const began = performance.now();
    const result = new Result(operation);
    const headers = {};
    if (body) headers["content-type"] = "application/json";
    if (key.value) headers.authorization = `Bearer ${key.value}`;
    stop.hidden = false;
    state.textContent = "Waiting…";
    try {
      const response = await fetch(addressOf(operation), {
        method: operation.dataset.method, headers, body: body?.value, signal: mine.signal, cache: "no-store",
      });
      result.head(response);
      state.textContent = "Answering…";
      const streamed = response.headers.get("content-type")?.startsWith("text/event-stream");
      await (streamed ? result.stream(response) : result.whole(response));
      state.textContent = `Done in ${((performance.now() - began) / 1000).toFixed(2)} s`;
    } catch (error) {
      state.textContent = error.name === "AbortError" ? "Stopped" : `No answer: ${error.message}`;
    } finally {
      if (running === mine) { running = null; stop.hidden = true; }
    }
  });
}

for (const operation of document.querySelectorAll(".operation")) {
  if (!operation.classList.contains("sent")) prepare(operation);
  seen.observe(operation);
}
