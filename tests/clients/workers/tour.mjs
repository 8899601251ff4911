// What a user of the AI SDK does, with any model that a provider of Cloudflare's makes; returns what was seen.
import { generateText, isStepCount, Output, streamText, tool } from "ai";
import { z } from "zod";

const QUESTION = "What is the capital of France?";

export async function tour(provider) {
  const seen = {};
  const common = { model: provider("minimax/m2.7"), temperature: 0, maxRetries: 0, maxOutputTokens: 400 };

  const whole = await generateText({ ...common, prompt: QUESTION });
  seen.whole = { text: whole.text, reasoning: whole.reasoningText, finish: whole.finishReason, usage: whole.usage };

  const stream = streamText({ ...common, prompt: QUESTION });
  const kinds = new Set();
  let text = "", reasoning = "";
  for await (const part of stream.fullStream) {
    kinds.add(part.type);
    if (part.type === "text-delta") text += part.text;
    if (part.type === "reasoning-delta") reasoning += part.text;
  }
  seen.stream = { text, reasoning, kinds: [...kinds], finish: await stream.finishReason, usage: await stream.usage };

  const m3 = await generateText({ ...common, model: provider("minimax/m3"), prompt: QUESTION });
  seen.m3 = { text: m3.text, usage: m3.usage };

  const schema = z.object({ name: z.string(), age: z.number().int() });
  const person = await generateText({ ...common, output: Output.object({ schema }), prompt: "Anna is 31 years old." });
  seen.person = person.output;

  const asked = [];
  const weather = tool({
    description: "Get the weather", inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => { asked.push(city); return { temperature: 12, sky: "rain" }; },
  });
  const loop = await generateText({
    ...common, tools: { get_weather: weather }, toolChoice: "required", stopWhen: isStepCount(1),
    prompt: "What is the weather in Oslo?",
  });
  seen.tool = { asked, finish: loop.finishReason, results: loop.toolResults.map((result) => result.output) };
  const after = await generateText({
    ...common, tools: { get_weather: weather },
    messages: [{ role: "user", content: "What is the weather in Oslo?" }, ...loop.responseMessages ?? loop.response.messages],
  });
  seen.after = { text: after.text, finish: after.finishReason };

  seen.unknown = await thrown(() => generateText({ ...common, model: provider("minimax/m9"), prompt: QUESTION }));
  seen.range = await thrown(() => generateText({ ...common, temperature: 3, prompt: QUESTION }));
  return seen;
}

export async function thrown(call) {
  try {
    await call();
  } catch (error) {
    return { name: error.name, status: error.statusCode, message: error.message, retryable: error.isRetryable };
  }
  return null;
}

export async function short(model) {
  const common = { model, temperature: 0, maxRetries: 0, maxOutputTokens: 400, prompt: QUESTION };
  const whole = await generateText(common);
  const stream = streamText({ ...common, onError: ({ error }) => { throw error; } });
  return { whole: whole.text, stream: await stream.text, finish: await stream.finishReason, usage: whole.usage };
}
