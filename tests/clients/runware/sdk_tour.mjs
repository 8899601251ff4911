// Runware's second JavaScript SDK (@runware/sdk) doing one thing; prints what it saw as JSON.
// Usage: node sdk_tour.mjs SCENE '{"ws": URL, "http": URL, "key": KEY, "transport": "websocket" | "rest", …}'
import { createClient } from "@runware/sdk";

const [, , scene, given] = process.argv;
const asked = JSON.parse(given);
const text = (fields) => ({
  taskType: "textInference", model: "minimax:m2.7@0", messages: [{ role: "user", content: "What is the capital of France?" }], ...fields,
});
const weather = {
  type: "function", name: "get_weather", description: "Get the weather",
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const told = (error) => ({
  code: error.code, message: error.message, parameter: error.parameter, task: error.taskUUID, status: error.statusCode,
  retryable: error.retryable, documentation: error.documentation,
});

const scenes = {
  sync: (client) => client.run(text({
    deliveryMethod: "sync", includeCost: true, includeUsage: true, seed: 7,
    settings: { systemPrompt: "Answer briefly.", temperature: 0.5, topP: 0.9, maxTokens: 200 }, ...asked.fields,
  })),
  two: (client) => client.run(text({ deliveryMethod: "sync", numberResults: 2, includeCost: true, seed: 7 })),
  many: (client) => Promise.all(Array.from({ length: asked.count }, (_, number) => (
    client.run(text({ deliveryMethod: "sync", messages: [{ role: "user", content: `Say the number ${number}.` }] }))))),
  async polled(client) {
    let done = 0;
    const results = await client.run(text({ numberResults: asked.results ?? 1 }), { onResult: () => { done += 1; }, timeout: 20000 });
    return { results, told: done, again: await client.getResponse({ taskUUID: results[0].taskUUID }) };
  },
  // Says nothing until the server hangs up, and goes on.
  async idle(client) {
    while (client.isConnected()) await new Promise((resolve) => { setTimeout(resolve, 5); });
    while (!client.isConnected()) await new Promise((resolve) => { setTimeout(resolve, 5); });
    await new Promise((resolve) => { setTimeout(resolve, 200); }); // it calls itself connected before it is let in
    return scenes.sync(client);
  },
  async stream(client) {
    const opened = await client.stream(text({ includeCost: true, includeUsage: true, ...asked.fields }));
    const pieces = [];
    const thoughts = [];
    try {
      for await (const piece of opened.textStream) pieces.push(piece);
      for await (const thought of opened.reasoningStream) thoughts.push(thought);
      return { pieces, thoughts, result: await opened.result() };
    } catch (error) {
      return { pieces, thoughts, error: told(error) };
    }
  },
  webhook: (client) => client.run(text({ deliveryMethod: asked.delivery, webhookURL: asked.webhook })),
  // Some tasks with wrong fields, one after the other.
  async refused(client) {
    const seen = [];
    for (const fields of asked.fields) {
      try { seen.push(await client.run(text(fields), { timeout: 20000 })); } catch (error) { seen.push(told(error)); }
    }
    return seen;
  },
  async tools(client) {
    const question = { role: "user", content: "What is the weather in Oslo?" };
    const [calling] = await client.run(text({ messages: [question], tools: [weather], toolChoice: { type: asked.choice }, deliveryMethod: "sync" }));
    const messages = [
      question,
      { role: "assistant", content: calling.text, tools: calling.tools },
      { role: "tool", id: calling.tools[0].id, content: "12 degrees, rain" },
    ];
    return { calling, answer: await client.run(text({ messages, tools: [weather], deliveryMethod: "sync" })) };
  },
  async look(client) {
    const first = await client.run(text({ deliveryMethod: "sync", seed: 1 }));
    return {
      first,
      models: await client.modelSearch({ search: "minimax", limit: 10, sort: "name" }),
      details: await client.getTaskDetails({ taskUUID: first[0].taskUUID }),
      account: await client.accountManagement({ operation: "getDetails" }),
    };
  },
  lost: (client) => client.getResponse({ taskUUID: "00000000-0000-4000-8000-000000000000" }),
};

const client = await createClient({
  apiKey: asked.key, wsBaseUrl: asked.ws, httpBaseUrl: asked.http, transport: asked.transport ?? "websocket", transportType: asked.transport ?? "websocket",
  retryDelay: 10, timeout: 30000, authTimeout: 5000, maxRetries: 1, maxReconnectAttempts: 3,
});
let seen;
try {
  await client.connect();
  seen = await scenes[scene](client);
} catch (error) {
  seen = { error: told(error) };
}
await client.disconnect();
console.log(JSON.stringify(seen));
process.exit(0); // one whose key is wrong goes on trying
