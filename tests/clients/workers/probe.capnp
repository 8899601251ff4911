# A Worker that runs what the tests send to it, with the env.AI of clients/workers.
@0xd94d259aee39c63b;

using Workerd = import "/workerd/workerd.capnp";
using Maxserve = import "../../../clients/workers/maxserve.capnp";

const config :Workerd.Config = (
  services = [
    (name = "probe", worker = .probe),
    Maxserve.relay,
    Maxserve.network,
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "probe")],
);

const probe :Workerd.Worker = (
  modules = [(name = "probe.js", esModule = embed "probe.js")],
  compatibilityDate = "2026-11-01",
  bindings = [Maxserve.binding, (name = "UNSAFE", unsafeEval = void)],
);
