// The same tour inside a Worker, where the provider takes env.AI as it comes; and what else asks through the binding.
import { createAiGateway } from "ai-gateway-provider";
import { createUnified } from "ai-gateway-provider/providers/unified";
import { createWorkersAI } from "workers-ai-provider";
import { openai } from "workers-ai-provider/openai";
import { short, tour } from "./tour.mjs";

const ways = {
  "/tour": (env) => tour(createWorkersAI({ binding: env.AI })),
  "/delegate": (env) => short(createWorkersAI({ binding: env.AI, providers: [openai], gateway: "travel" })("minimax/m3")),
  "/gateway": (env) => short(createAiGateway({ binding: env.AI.gateway("travel") })(createUnified()("minimax/m3"))),
};

export default {
  async fetch(request, env) {
    try {
      return Response.json(await ways[new URL(request.url).pathname](env));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
