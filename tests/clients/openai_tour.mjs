// The real openai client for JavaScript on a tour; prints one JSON object of what it saw.
// Usage: node openai_tour.mjs BASE_URL MODEL
import OpenAI from "openai";

const [, , baseURL, model] = process.argv;
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const user = (content) => [{ role: "user", content }];
const seen = {};

seen.models = (await client.models.list()).data.map((m) => m.id);
seen.model = (await client.models.retrieve(model)).id;

const whole = await client.chat.completions.create({ model, messages: user("What is the capital of France?"), seed: 1, temperature: 0 });
seen.whole = { content: whole.choices[0].message.content, reasoning: whole.choices[0].message.reasoning_content, finish: whole.choices[0].finish_reason, usage: whole.usage };

const stream = await client.chat.completions.create({
  model, messages: user("What is the capital of France?"), seed: 1, temperature: 0, stream: true, stream_options: { include_usage: true },
});
seen.stream = { content: "", roles: 0, finish: null, usage: null };
for await (const chunk of stream) {
  const choice = chunk.choices[0];
  if (choice?.delta?.role) seen.stream.roles += 1;
  seen.stream.content += choice?.delta?.content ?? "";
  seen.stream.finish ??= choice?.finish_reason ?? null;
  seen.stream.usage ??= chunk.usage ?? null;
}

const tools = [{ type: "function", function: { name: "get_weather", description: "Get the weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } }];
const asked = await client.chat.completions.create({ model, max_tokens: 400, tools, tool_choice: "required", temperature: 0, messages: user("What is the weather in Oslo?") });
const calls = asked.choices[0].message.tool_calls;
seen.calls = calls.map((c) => ({ name: c.function.name, arguments: JSON.parse(c.function.arguments) }));
seen.callsFinish = asked.choices[0].finish_reason;
const answered = await client.chat.completions.create({
  model, tools, temperature: 0, max_tokens: 400,
  messages: [...user("What is the weather in Oslo?"), asked.choices[0].message, ...calls.map((c) => ({ role: "tool", tool_call_id: c.id, content: "12 degrees, rain" }))],
});
seen.afterTools = answered.choices[0].message.content;

const schema = { type: "object", properties: { name: { type: "string", maxLength: 40 }, age: { type: "integer" } }, required: ["name", "age"], additionalProperties: false };
const person = await client.chat.completions.create({
  model, temperature: 0, messages: user("Anna is 31 years old."), response_format: { type: "json_schema", json_schema: { name: "person", schema, strict: true } },
});
seen.person = JSON.parse(person.choices[0].message.content);

const several = await client.chat.completions.create({ model, n: 3, seed: 7, max_tokens: 200, messages: user("Write a haiku about rain.") });
seen.several = several.choices.map((c) => c.index);

const probabilities = await client.chat.completions.create({ model, logprobs: true, max_tokens: 200, top_logprobs: 2, temperature: 0, messages: user("Hello!") });
seen.logprobs = probabilities.choices[0].logprobs.content.map((t) => [t.token, t.logprob, t.top_logprobs.length]);
seen.logprobsContent = probabilities.choices[0].message.content;

const aborted = await client.chat.completions.create({ model, stream: true, max_tokens: 400, messages: user("Tell me a long story.") });
let chunks = 0;
for await (const _ of aborted) { if (++chunks === 3) break; }
seen.abortedAfter = chunks;

seen.errors = [];
for (const [name, call] of [
  ["unknown model", () => client.chat.completions.create({ model: "gpt-9", messages: user("x") })],
  ["wrong field", () => client.chat.completions.create({ model, temperature: 9, messages: user("x") })],
]) {
  try { await call(); } catch (error) { seen.errors.push([name, error.constructor.name, error.status, error.code, error.param]); }
}
console.log(JSON.stringify(seen));
