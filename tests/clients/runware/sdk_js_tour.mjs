// Runware's first JavaScript SDK (@runware/sdk-js) doing one thing; prints what it saw as JSON.
// Usage: node sdk_js_tour.mjs SCENE '{"ws": URL, "key": KEY, …}'
import { Runware } from "@runware/sdk-js";

const [, , scene, given] = process.argv;
const asked = JSON.parse(given);
const text = (fields) => ({ model: "minimax:m2.7@0", messages: [{ role: "user", content: "What is the capital of France?" }], ...fields });
const weather = {
  type: "function", name: "get_weather", description: "Get the weather",
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

const scenes = {
  sync: (client) => client.textInference(text({
    includeCost: true, includeUsage: true, seed: 7,
    settings: { systemPrompt: "Answer briefly.", temperature: 0.5, topP: 0.9, maxTokens: 200 }, ...asked.fields,
  })),
  // As the SDK's own types have it.
  flat: (client) => client.textInference(text({
    systemPrompt: "Answer briefly.", temperature: 0.5, topP: 0.9, topK: 20, maxTokens: 200, stopSequences: ["END"],
  })),
  two: (client) => client.textInference(text({ numberResults: 2, includeCost: true, seed: 7 })),
  many: (client) => Promise.all(Array.from({ length: asked.count }, (_, number) => (
    client.textInference(text({ messages: [{ role: "user", content: `Say the number ${number}.` }] }))))),
  async polled(client) {
    return client.textInference(text({ deliveryMethod: "async", numberResults: asked.results ?? 1, ...asked.fields }));
  },
  // Says nothing until the server hangs up, and goes on.
  async idle(client) {
    await new Promise((resolve) => { client._ws.once("close", resolve); });
    return scenes.sync(client);
  },
  // There is no streaming: the SDK waits for one message.
  stream: (client) => client.textInference(text({ deliveryMethod: "stream" })),
  webhook: (client) => client.textInference(text({ deliveryMethod: asked.delivery, webhookURL: asked.webhook })),
  // Some tasks with wrong fields, one after the other.
  async refused(client) {
    const seen = [];
    for (const fields of asked.fields) {
      try { seen.push(await client.textInference(text(fields))); } catch (error) { seen.push(error?.error ?? String(error)); }
    }
    return seen;
  },
  async tools(client) {
    const question = { role: "user", content: "What is the weather in Oslo?" };
    const [calling] = await client.textInference(text({ messages: [question], tools: [weather], toolChoice: { type: asked.choice } }));
    const messages = [
      question,
      { role: "assistant", content: calling.text, tools: calling.tools },
      { role: "tool", id: calling.tools[0].id, content: "12 degrees, rain" },
    ];
    return { calling, answer: await client.textInference(text({ messages, tools: [weather] })) };
  },
  async look(client) {
    const first = await client.textInference(text({ seed: 1 }));
    return {
      first,
      models: await client.modelSearch({ search: "minimax", limit: 10 }),
      again: await client.getResponse({ taskUUID: first[0].taskUUID }),
    };
  },
};

let client;
let seen;
try {
  // The environment that the SDK is tried in has no more time than this.
  client = await Runware.initialize({ apiKey: asked.key, url: asked.ws, timeoutDuration: 20000, dryRun: asked.dryRun ?? false });
  seen = await scenes[scene](client);
} catch (error) {
  seen = { error: error?.error ?? String(error) };
}
await client?.disconnect();
console.log(JSON.stringify(seen));
process.exit(0); // a client whose key is wrong leaves a timer behind
