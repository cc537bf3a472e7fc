#include "app/daemon/daemon.h"

#include <sys/prctl.h>

#include "app/api/http_answer.h"
#include "app/api/known_names.h"
#include "app/api/noted_writer.h"
#include "app/daemon/attached_shim.h"
#include "app/daemon/authentication.h"
#include "app/daemon/bridge_options.h"
#include "app/daemon/daemon_parts.h"
#include "app/daemon/foreign_tokens.h"
#include "app/daemon/listener_error.h"
#include "app/daemon/listener_options.h"
#include "app/daemon/open_tasks.h"
#include "app/daemon/outside_client.h"
#include "app/daemon/refused_operators.h"
#include "app/daemon/single_user_note.h"
#include "app/daemon/start_check.h"
#include "app/daemon/upstream_factory.h"
#include "base/log.h"
#include "base/os/service_manager.h"

namespace pawl {
namespace {

constexpr std::chrono::seconds kTick{1}, kTraceFlush{2};  // what the last spans may take at the end

}  // namespace

Status Daemon::Impl::open() {
  if (Status fit = check_start(options.config, files, clock, options.development); !fit) {
    return fit;
  }
  Result<std::unique_ptr<FileLock>> held = occupy(files, folder);
  if (!held) {
    return fail(held.error());
  }
  lock = *std::move(held);
  if (files.exists(folder.addresses())) {
    if (Status removed = files.remove(folder.addresses()); !removed) {
      return removed;
    }
  }
  lookup = std::make_unique<RecordLookupIndex>(files, clock, folder);
  spans = make_span_exporter(options.config, pool, scheduler, random);
  GovernanceOptions governance_options;
  governance_options.spans = spans.get();
  governance_options.recorded = told.observer();
  governance_options.outside =
      OutsideClient::points(options.outside, options.config, scheduler, pool);
  governance_options.config = &options.config;
  governance_options.keys = options.keys;
  governance_options.folder = folder;
  governance_options.allow_unverified = options.development;
  governance_options.server_config = [this](const std::string& server) {
    return servers ? servers->config(server) : nullptr;
  };
  governance_options.lookup =
      lookup->for_repeats([this]() -> const ledger::Ledger& { return governance->ledger(); });
  add_foreign_tokens(governance_options,
                     {options.config, files, clock, loop, scheduler, pool, *lookup, authenticator});
  governance_options.ledger.path_turns = loop.turns();
  governance_options.log_switched = [this](std::uint64_t number) {
    lookup->log_switched(number);
    face.log->log_switched();
  };
  Result<std::unique_ptr<Governance>> opened =
      Governance::open(files, clock, random, scheduler, std::move(governance_options));
  if (!opened) {
    return fail(opened.error());
  }
  governance = *std::move(opened);
  told.begin(*governance);
  lookup->keep(options.config);
  Result<std::string> token = write_token(files, folder.override_token(), random);
  if (!token) {
    return fail(token.error());
  }
  refused = std::make_unique<RefusedOperators>(governance->recorder(), clock);
  // The override listener first: it works whatever else is slow or fails.
  Result<std::unique_ptr<OverrideListener>> override_listener = OverrideListener::start(
      options.config.override_listen, *std::move(token), governance->take_stop_desk(),
      [this, names = known_names(options.config, governance->keys().agents())](
          const override_::Scope& scope) {
        return wrapped.has(scope) ? std::string() : names.doubt(scope);
      },
      [this](const std::string& method, const std::string& path, const http::Response& answer) {
        note_refusal("override", method, path, answer);
      });
  if (!override_listener) {
    return listener_error(options.config, "override", override_listener.error());
  }
  overrides = *std::move(override_listener);
  return open_path();
}

Status Daemon::Impl::open_path() {
  Result<std::shared_ptr<OrphanGuard>> guard = OrphanGuard::start();
  if (!guard) {
    return fail(guard.error());
  }
  Result<std::unique_ptr<identity::Authenticator>> made = make_authenticator(
      options.config, governance->keys(), options.development,
      {files, clock, loop, pool, governance->metrics(), folder.root + "/trust-bundles",
       [this] { return data ? data->port() : std::uint16_t{0}; }});
  if (!made) {
    return fail(made.error());
  }
  authenticator = *std::move(made);
  origin = std::make_unique<identity::OriginPolicy>(
      identity::OriginOptions{is_loopback(options.config.listen), options.config.allowed_hosts,
                              options.config.allowed_origins});
  UpstreamParts parts{
      loop,
      pool,
      files,
      folder,
      *std::move(guard),
      child_user,
      [this](const std::string& server) {
        return governance->gateway().plumbing_gate(Caller{}, server);
      },
      governance->processes(),
      [this](const std::string& server, mcp::UpstreamEvent event, std::string_view why) {
        health.note(server, event, why, clock.wall());
        governance->metrics().upstream(server, mcp::upstream_event_name(event));
        governance->metrics().upstream_up(server, event == mcp::UpstreamEvent::kStarted);
      }};
  servers = std::make_unique<mcp::Servers>(options.config.servers,
                                           make_upstream_factory(std::move(parts)));
  tasks = std::make_unique<TaskRecorder>(governance->recorder());
  vault = std::make_unique<VaultDesk>(VaultDesk::Parts{
      files, clock, random, options.config, governance->recorder(), governance->gateway()});
  bridge = std::make_unique<bridge::Bridge>(
      bridge::BridgeParts{scheduler, governance->gateway(), *servers, *authenticator, *origin,
                          *tasks, governance->latest_time(), random,
                          receipts_of(face, governance->keys())},
      bridge_options(options.config, governance->keys(), output));
  return open_public_face(
             {options.config, *governance, files, clock, folder, pool, scheduler, *lookup})
      .map([this](PublicFace shown) { face = std::move(shown); });
}

Status Daemon::Impl::open_listeners() {
  http::ServerOptions data_options = data_listener_options(options.config, output, *authenticator);
  data_options.head_check = [this](const http::Request& head) {
    return head.path == "/mcp" || head.path.starts_with("/mcp/") ? bridge->check_head(head)
                                                                 : http::Entrance{};
  };
  Result<std::unique_ptr<http::Server>> data_server = http::Server::listen(
      loop, data_options,
      [this](http::Request request, const std::shared_ptr<http::ResponseWriter>& writer) {
        handle_data(std::move(request), writer);
      });
  if (!data_server) {
    return listener_error(options.config, "listen", data_server.error());
  }
  data = *std::move(data_server);
  Result<std::string> token = write_token(files, folder.control_token(), random);
  if (!token) {
    return fail(token.error());
  }
  const Status people =
      SignInDesk::make({options.config, files, clock, governance->latest_time(), random, loop, pool,
                        folder, governance->recorder(), [this] { return control->port(); },
                        governance->decisions().recorded.enrolled})
          .map([this](std::unique_ptr<SignInDesk> desk) { sign_in = std::move(desk); });
  if (!people) {
    return people;
  }
  control_api = std::make_unique<ControlApi>(*token, control_hooks(*token));
  Result<std::unique_ptr<http::Server>> control_server = http::Server::listen(
      loop, listener_options(options.config, options.config.control, DescriptorUse::kPeople),
      [this](const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer) {
        const auto noted = [this, method = request.method, path = request.path,
                            asks_who = only_asks_who(request)](const http::Response& answer) {
          if (!asks_who) {
            note_refusal("control", method, path, answer);
          }
        };
        control_api->handle(request, noted_writer(writer, noted));
      });
  if (!control_server) {
    return listener_error(options.config, "control", control_server.error());
  }
  control = *std::move(control_server);
  Result<std::unique_ptr<WrapDesk>> desk = WrapDesk::open(
      loop, folder.wrap_socket(), *authenticator, governance->latest_time(),
      governance->processes(), [this](ArrivedShim shim) { shim_arrived(std::move(shim)); },
      [this](const std::string& agent) {
        return why_no_shim(options.config, governance->keys(), agent);
      });
  if (!desk) {
    return fail(desk.error());
  }
  wraps = *std::move(desk);
  addresses = listener_addresses(options.config, data->port(), control->port(), overrides->port());
  return write_file(files, folder.addresses(), json::print(addresses) + "\n");
}

void Daemon::Impl::handle_data(http::Request request,
                               const std::shared_ptr<http::ResponseWriter>& writer) {
  busy_at = clock.boot();
  if (request.path == "/mcp" || request.path.starts_with("/mcp/")) {
    bridge->handle(std::move(request), writer);
    return;
  }
  if (!face.api->handle(request, writer)) {
    writer->send(problem_answer({Code::kNotFound, "expected /mcp, /mcp/SERVER or /log/..."}));
  }
}

void Daemon::Impl::shim_arrived(ArrivedShim shim) {
  attach_shim({loop, governance->gateway(), wrapped, *bridge}, std::move(shim),
              [this] { busy_at = clock.boot(); });
}

void Daemon::Impl::tick() {
  governance->tick();
  told.tick();
  refused->tick();
  vault->tick();
  face.log->tick();
  rate.note(governance->metrics().actions(), clock.boot());
  reads->tick();
  bridge->tick();
  if (sign_in) {
    sign_in->tick();
  }
  authenticator->refresh_bundles();
  servers->close_idle(clock.boot());
  const bool idle = wrapped.shims() == 0 && governance->gateway().open_calls() == 0;
  const std::int64_t limit_us =
      std::chrono::duration_cast<std::chrono::microseconds>(options.idle_exit).count();
  if (!idle) {
    busy_at = clock.boot();
  } else if (limit_us > 0 && clock.boot().us - busy_at.us > limit_us) {
    stop({});
    return;
  }
  timer = loop.after(kTick, [this] { tick(); });
}

void Daemon::Impl::stop(Status why) {
  if (stopping) {
    return;
  }
  stopping = true;
  result = std::move(why);
  tell_service_manager("STOPPING=1");
  for (http::Server* server : {data.get(), control.get()}) {
    if (server != nullptr) {
      server->stop_accepting();
    }
  }
  const auto end = [this] {
    spans ? spans->flush(kTraceFlush, [this] { loop.stop(); }) : loop.stop();
  };
  const auto close = [this] {  // what was open has its answer
    bridge->shut_down();
    servers->close_all();
  };
  governance->finish(end, close, [this] { refused->flush(); });
}

Daemon::Daemon(Files& files, Clock& clock, Random& random, DaemonOptions options)
    : impl_(std::make_unique<Impl>(files, clock, random, std::move(options))) {}

Daemon::~Daemon() = default;

Status Daemon::run() {
  Impl& self = *impl_;
  Result<std::optional<ChildUser>> user = become_service(self.options.config);
  if (!user) {
    return fail(user.error());
  }
  self.child_user = *user;
  // Other processes of this user may not read our memory or trace us (not proof against root).
  prctl(PR_SET_DUMPABLE, 0);
  if (Status opened = self.open(); !opened) {
    return opened;
  }
  raise_descriptor_limit();
  tell_at_start(self.options.config, self.child_user.has_value());
  self.busy_at = self.clock.boot();
  self.governance->begin([&self](Status begun) {
    if (begun = begun ? self.vault->begin() : begun; begun) {
      self.bridge->resume_tasks(
          open_tasks(self.governance->decisions(), self.options.config, self.vault->people()));
      begun = self.open_listeners();
    }
    if (!begun) {
      self.stop(std::move(begun));
      return;
    }
    self.ready = true;
    log(LogLevel::kInfo, "ready", {{"data", self.options.config.listen}});
    tell_service_manager("READY=1");
    self.tick();
  });
  self.loop.on_termination([&self](int) { self.stop({}); });
  self.loop.on_hangup([&self] {
    static_cast<void>(self.governance->reload_rules());  // a refusal was logged
  });
  self.loop.run();
  log(LogLevel::kInfo, "ended", {{"how", self.result ? "in order" : self.result.error().message}});
  return self.result;
}

}  // namespace pawl
