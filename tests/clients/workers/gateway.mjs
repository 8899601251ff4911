// ai-gateway-provider without a Worker: it has a constant address and takes no fetch of its own.
// Usage: node gateway.mjs URL
import { createAiGateway } from "ai-gateway-provider";
import { createUnified } from "ai-gateway-provider/providers/unified";
import { short, thrown } from "./tour.mjs";

const [, , url] = process.argv;
const real = globalThis.fetch;
globalThis.fetch = (input, init) => real(String(input.url ?? input).replace("https://gateway.ai.cloudflare.com", url), init);
const gateway = createAiGateway({ accountId: "0123456789abcdef0123456789abcdef", gateway: "travel", apiKey: "gateway-key" });
const unified = createUnified();
console.log(JSON.stringify({
  ...(await short(gateway([unified("minimax/m9"), unified("minimax/m2.7")]))),
  unknown: await thrown(() => short(gateway(unified("minimax/m9")))),
}));
