// The real openai client for JavaScript on a tour of the Responses API; prints one JSON object of what it saw.
// Usage: node responses_tour.mjs BASE_URL MODEL
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

const [, , baseURL, model] = process.argv;
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const base = { model, temperature: 0, reasoning: { effort: "low" } };
const capital = "What is the capital of France?";
const seen = {};

const whole = await client.responses.create({ ...base, input: capital });
seen.whole = { text: whole.output_text, kinds: whole.output.map((i) => i.type), status: whole.status, store: whole.store, usage: whole.usage };

const stream = await client.responses.create({ ...base, input: capital, stream: true });
seen.stream = { text: "", numbers: [], kinds: [] };
for await (const event of stream) {
  seen.stream.numbers.push(event.sequence_number);
  seen.stream.kinds.push(event.type);
  if (event.type === "response.output_text.delta") seen.stream.text += event.delta;
}

const helper = client.responses.stream({ ...base, input: capital });
const final = await helper.finalResponse();
seen.helper = { text: final.output_text, kinds: final.output.map((i) => i.type), thought: final.output[0].content?.[0]?.text };

const tools = [{
  type: "function", name: "get_weather", description: "Get the weather", strict: true,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
}];
const input = [{ role: "user", content: "What is the weather in Oslo?" }];
const asked = await client.responses.stream({ ...base, input, tools, tool_choice: "required", max_output_tokens: 400 }).finalResponse();
const calls = asked.output.filter((i) => i.type === "function_call");
seen.calls = calls.map((c) => ({ name: c.name, arguments: JSON.parse(c.arguments) }));
input.push(...asked.output, ...calls.map((c) => ({ type: "function_call_output", call_id: c.call_id, output: "12 degrees, rain" })));
seen.afterTools = (await client.responses.create({ ...base, input, tools, max_output_tokens: 400 })).output_text;

const Person = z.object({ name: z.string(), age: z.number().int() });
const parsed = await client.responses.parse({
  ...base, input: "Anna is 31 years old.", max_output_tokens: 400, text: { format: zodTextFormat(Person, "person") },
});
seen.person = parsed.output_parsed;

seen.errors = [];
for (const [name, call] of [
  ["unknown model", () => client.responses.create({ model: "gpt-9", input: "x" })],
  ["stored", () => client.responses.create({ ...base, input: "x", previous_response_id: "resp_1" })],
  ["retrieve", () => client.responses.retrieve("resp_1")],
]) {
  try { await call(); } catch (error) { seen.errors.push([name, error.constructor.name, error.status, error.code, error.param]); }
}
console.log(JSON.stringify(seen));
