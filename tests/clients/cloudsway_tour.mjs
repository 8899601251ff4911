// The real openai client for JavaScript at Cloudsway's two kinds of address; prints one JSON object of what it saw.
// Usage: node cloudsway_tour.mjs BASE_URL MODEL
import OpenAI from "openai";

const [, , baseURL, model] = process.argv;
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const question = { model, messages: [{ role: "user", content: "What is the capital of France?" }], seed: 1, temperature: 0.01 };
const seen = {};

const whole = await client.chat.completions.create({ ...question, reasoning_split: true });
seen.whole = { model: whole.model, choice: whole.choices[0], usage: whole.usage };

const stream = await client.chat.completions.create({ ...question, reasoning_split: true, stream: true, stream_options: { include_usage: true } });
seen.stream = { content: "", thought: "", reasons: [], usage: null };
for await (const chunk of stream) {
  const choice = chunk.choices[0];
  seen.stream.content += choice?.delta?.content ?? "";
  seen.stream.thought += choice?.delta?.reasoning_details?.[0]?.text ?? "";
  if (choice?.finish_reason) seen.stream.reasons.push(choice.native_finish_reason);
  seen.stream.usage ??= chunk.usage ?? null;
}

seen.plain = (await client.chat.completions.create(question)).choices[0].message;

try { await client.chat.completions.create({ ...question, n: 2 }); } catch (error) { seen.error = [error.constructor.name, error.status, error.param]; }
console.log(JSON.stringify(seen));
