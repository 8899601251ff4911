# A Worker made of binding.mjs and its packages; workerd finds bundle.js and maxserve.capnp with --import-path.
@0xc2c7cfa7c2a5a5f1;

using Workerd = import "/workerd/workerd.capnp";
using Maxserve = import "/maxserve.capnp";

const config :Workerd.Config = (
  services = [
    (name = "bundle", worker = .bundle),
    Maxserve.relay,
    Maxserve.network,
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bundle")],
);

const bundle :Workerd.Worker = (
  modules = [(name = "bundle.js", esModule = embed "/bundle.js")],
  compatibilityDate = "2026-11-01",
  bindings = [Maxserve.binding],
);
