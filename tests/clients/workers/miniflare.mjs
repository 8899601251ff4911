// Miniflare, in which `wrangler dev` runs Workers, with the plugin of clients/workers.
// Usage: MAXSERVE_URL=… node miniflare.mjs FOLDER_OF_THE_PLUGIN
import { Miniflare } from "miniflare";

const [, , folder] = process.argv;
const script = `export default {
  async fetch(request, env) {
    const messages = [{ role: "user", content: "What is the capital of France?" }];
    const inputs = { max_tokens: 200, temperature: 0, messages };
    const response = await env.AI.run("minimax/m2.7", inputs, { gateway: { id: "default" } });
    const logId = env.AI.aiGatewayLogId;
    const stream = await env.AI.run("minimax/m2.7", { ...inputs, stream: true });
    const thrown = await env.AI.run("minimax/m9", inputs).catch((error) => error.message);
    const text = response.choices[0].message.content;
    return Response.json({ text, logId, stream: await new Response(stream).text(), thrown });
  },
};`;
const plugin = { package: folder, name: "maxserve" };
const miniflare = new Miniflare({
  cf: false, modules: true, script, compatibilityDate: "2026-04-01",
  unsafeBindings: [{ name: "AI", type: "ai", plugin, options: {} }],
});
const seen = await (await miniflare.dispatchFetch("http://worker/")).json();
await miniflare.dispose();

// What later versions hand to the plugin: the whole configuration of a Worker, with or without the binding.
const { plugins } = await import(`${folder}/plugin.mjs`);
const worker = (env) => ({ config: { name: "worker", env } });
const binding = { type: "unsafe:ai", dev: { plugin, options: {} } };
seen.later = plugins.maxserve.getBindings(worker({ AI: binding, NAME: { type: "text", value: "x" } }));
seen.earlier = plugins.maxserve.getBindings([{ name: "AI" }]);
seen.services = (await plugins.maxserve.getServices({ options: worker({ AI: binding }) })).map(({ name }) => name);
seen.none = [plugins.maxserve.getBindings(worker({})), await plugins.maxserve.getServices({ options: worker({}) })];
console.log(JSON.stringify(seen));
