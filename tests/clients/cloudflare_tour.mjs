// The real Cloudflare and OpenAI clients for JavaScript on a tour; prints one JSON object of what they saw.
// Usage: node cloudflare_tour.mjs URL ACCOUNT TOKEN MODEL
import Cloudflare from "cloudflare";
import OpenAI from "openai";

const [, , url, account_id, apiToken, model] = process.argv;
const client = new Cloudflare({ apiToken, baseURL: `${url}/client/v4`, maxRetries: 0 });
const messages = [{ role: "user", content: "What is the capital of France?" }];
const asked = { account_id, messages, max_tokens: 200, temperature: 0 };
const seen = {};

const result = await client.ai.run(model, asked);
seen.run = { keys: Object.keys(result), content: result.choices[0].message.content, usage: result.usage };

const response = await client.ai.run(model, { ...asked, stream: true }).asResponse();
seen.stream = { type: response.headers.get("content-type"), content: "", usage: [], done: false };
for (const frame of (await response.text()).split("\n\n").filter(Boolean)) {
  const data = frame.replace(/^data: /, "");
  seen.stream.done = data === "[DONE]";
  if (seen.stream.done) break;
  const chunk = JSON.parse(data);
  seen.stream.content += chunk.choices[0]?.delta.content ?? "";
  if (chunk.usage) seen.stream.usage.push(chunk.usage);
}

seen.models = [];
for await (const each of client.ai.models.list({ account_id, per_page: 1 })) {
  seen.models.push(each.name);
  if (seen.models.length > 50) throw new Error("the pages never end");
}

const { response: raw } = await client.ai.run(model, asked).withResponse();
const gateway = { account_id, gateway_id: "default" };
const line = await client.aiGateway.logs.get(raw.headers.get("cf-aig-log-id"), gateway);
seen.log = { model: line.model, cached: line.cached, tokens: line.tokens_out };

seen.errors = [];
const wrong = new Cloudflare({ apiToken: "another", baseURL: `${url}/client/v4`, maxRetries: 0 });
for (const call of [
  () => client.ai.run("minimax/m9", asked),
  () => client.ai.run(model, { ...asked, temperature: 3 }),
  () => wrong.ai.run(model, asked),
]) {
  try { await call(); } catch (error) {
    seen.errors.push([error.constructor.name, error.status, error.errors[0].code, error.errors[0].message]);
  }
}

const openai = new OpenAI({ baseURL: `${url}/client/v4/accounts/${account_id}/ai/v1`, apiKey: apiToken, maxRetries: 0 });
const chat = await openai.chat.completions.create({ model, messages, max_tokens: 200, temperature: 0 });
seen.openai = { content: chat.choices[0].message.content, object: chat.object, key: chat.gatewayMetadata?.keySource };
const stream = await openai.chat.completions.create({ model, messages, max_tokens: 200, temperature: 0, stream: true });
seen.openai.streamed = "";
for await (const chunk of stream) seen.openai.streamed += chunk.choices[0]?.delta?.content ?? "";
try { await openai.chat.completions.create({ model: "minimax/m9", messages }); } catch (error) {
  seen.openai.error = [error.constructor.name, error.status, error.code, error.message];
}

console.log(JSON.stringify(seen));
