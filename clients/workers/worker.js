// Answers ?q=QUESTION with the model's words; with &stream they come as they are made.
export default {
  async fetch(request, env) {
    const query = new URL(request.url).searchParams;
    const question = query.get("q") ?? "What is the capital of France?";
    const inputs = { max_tokens: 2048, messages: [{ role: "user", content: question }] };
    if (query.has("stream")) {
      const stream = await env.AI.run("minimax/m2.7", { ...inputs, stream: true });
      return new Response(stream, { headers: { "content-type": "text/event-stream" } });
    }
    const response = await env.AI.run("minimax/m2.7", inputs);
    return new Response(`${response.choices[0].message.content}\n`);
  },
};
