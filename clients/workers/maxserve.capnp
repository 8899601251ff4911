# What a workerd configuration needs for an `env.AI` that asks maxserve. Import it; config.capnp shows how.
@0xe56566426f7a2a69;

using Workerd = import "/workerd/workerd.capnp";

const binding :Workerd.Worker.Binding = (
  # The binding of Cloudflare's own runtime. Everything it sends goes to the service named "maxserve".
  name = "AI",
  wrapped = (
    moduleName = "cloudflare-internal:ai-api",
    innerBindings = [(name = "fetcher", service = "maxserve")],
  ),
);

const relay :Workerd.Service = (
  # Sends what the binding asks to MAXSERVE_URL, with MAXSERVE_API_KEY as its key; both come from the environment.
  name = "maxserve",
  worker = (
    modules = [(name = "relay.js", esModule = embed "relay.js")],
    compatibilityDate = "2026-11-01",
    bindings = [
      (name = "MAXSERVE_URL", fromEnvironment = "MAXSERVE_URL"),
      (name = "MAXSERVE_API_KEY", fromEnvironment = "MAXSERVE_API_KEY"),
    ],
    globalOutbound = "maxserve-network",
  ),
);

const network :Workerd.Service = (
  # A network of the relay's own, so that the Worker itself reaches no more than it would anywhere else.
  name = "maxserve-network",
  network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true)),
);
