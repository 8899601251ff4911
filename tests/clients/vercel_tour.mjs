// The real Vercel AI SDK with @ai-sdk/openai-compatible on a tour; prints one JSON object of what it saw.
// Usage: node vercel_tour.mjs BASE_URL MODEL
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const [, , baseURL, name] = process.argv;
const provider = createOpenAICompatible({ name: "maxserve", baseURL, apiKey: "unused", includeUsage: true, supportsStructuredOutputs: true });
const model = provider(name);
const seen = {};
const common = { model, temperature: 0, maxRetries: 0, maxOutputTokens: 400 };

const whole = await generateText({ ...common, prompt: "What is the capital of France?" });
seen.whole = { text: whole.text, reasoning: whole.reasoningText, finish: whole.finishReason, usage: whole.usage };

const stream = streamText({ ...common, prompt: "What is the capital of France?" });
const kinds = new Set();
let text = "", reasoning = "";
for await (const part of stream.fullStream) {
  kinds.add(part.type);
  if (part.type === "text-delta") text += part.text;
  if (part.type === "reasoning-delta") reasoning += part.text;
}
seen.stream = { text, reasoning, kinds: [...kinds], finish: await stream.finishReason, usage: await stream.usage };

const person = await generateObject({ ...common, schema: z.object({ name: z.string(), age: z.number().int() }), prompt: "Anna is 31 years old." });
seen.person = person.object;

const asked = [];
const weather = tool({
  description: "Get the weather", inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => { asked.push(city); return { temperature: 12, sky: "rain" }; },
});
const loop = await generateText({
  ...common, tools: { get_weather: weather }, toolChoice: "required", stopWhen: stepCountIs(1), prompt: "What is the weather in Oslo?",
});
seen.tool = { asked, steps: loop.steps.length, finish: loop.finishReason, results: loop.toolResults.map((r) => r.output) };

try {
  await generateText({ ...common, model: provider("gpt-9"), prompt: "x" });
} catch (error) {
  seen.error = { name: error.name, status: error.statusCode, message: error.message, retryable: error.isRetryable };
}
console.log(JSON.stringify(seen));
