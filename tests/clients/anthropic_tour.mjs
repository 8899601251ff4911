// The real Anthropic client for JavaScript on a tour; prints one JSON object of what it saw.
// Usage: node anthropic_tour.mjs BASE_URL MODEL
import Anthropic from "@anthropic-ai/sdk";

const [, , baseURL, model] = process.argv;
const client = new Anthropic({ baseURL, apiKey: "unused", maxRetries: 0 });
const user = (content) => ({ role: "user", content });
const greedy = { model, max_tokens: 400, temperature: 0, thinking: { type: "enabled", budget_tokens: 1024 } };
const seen = {};

const question = [user("What is the capital of France?")];
const whole = await client.messages.create({ ...greedy, messages: question });
seen.whole = { id: whole.id, content: whole.content, stop: whole.stop_reason, usage: whole.usage };

const stream = client.messages.stream({ ...greedy, messages: question });
seen.stream = { text: "", thinking: "", signatures: 0, events: [] };
stream.on("text", (text) => { seen.stream.text += text; });
stream.on("thinking", (text) => { seen.stream.thinking += text; });
stream.on("signature", () => { seen.stream.signatures += 1; });
stream.on("streamEvent", (event) => { if (seen.stream.events.at(-1) !== event.type) seen.stream.events.push(event.type); });
seen.stream.content = (await stream.finalMessage()).content;

seen.counted = (await client.messages.countTokens({ model, messages: question })).input_tokens;

const tools = [{ name: "get_weather", description: "Get the weather", input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }];
const messages = [user("What is the weather in Oslo and Paris?")];
const called = await client.messages.stream({ ...greedy, tools, messages }).finalMessage();
const uses = called.content.filter((block) => block.type === "tool_use");
seen.called = { stop: called.stop_reason, inputs: uses.map((use) => use.input) };
const results = { Oslo: '{"temperature": 4, "condition": "snowy"}', Paris: '{"temperature": 17, "condition": "sunny"}' };
messages.push(
  { role: "assistant", content: called.content },
  user(uses.map((use) => ({ type: "tool_result", tool_use_id: use.id, content: results[use.input.city] }))),
);
const answered = await client.messages.create({ ...greedy, tools, messages });
seen.answered = answered.content.filter((block) => block.type === "text").map((block) => block.text).join("");

const aborted = await client.messages.create({ model, max_tokens: 400, stream: true, messages: [user("Tell me a long story.")] });
let events = 0;
for await (const _ of aborted) { if (++events === 4) break; }
seen.abortedAfter = events;

seen.errors = [];
for (const [name, call] of [
  ["unknown model", () => client.messages.create({ model: "claude-9", max_tokens: 9, messages: question })],
  ["wrong field", () => client.messages.create({ ...greedy, temperature: 9, messages: question })],
]) {
  try { await call(); } catch (error) {
    seen.errors.push([name, error.constructor.name, error.status, error.error.error.type, error.requestID.slice(0, 4)]);
  }
}
console.log(JSON.stringify(seen));
