#include "app/commands/witness_command.h"

#include <sys/prctl.h>

#include <memory>
#include <ostream>

#include "app/api/witness_api.h"
#include "app/commands/shown_log.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "base/log.h"
#include "base/os/service_manager.h"

namespace pawl {
namespace {

struct Asked {
  std::string name, state, listen;
  std::vector<std::string> logs;
};

int init(Context& context, const Asked& asked) {
  const Result<std::string> vkey =
      witness::WitnessState::make(context.files, asked.state, asked.name);
  if (!vkey) {
    return report(context, vkey.error(),
                  vkey.error().code == Code::kInvalidParams ? kExitUnclear : kExitBad);
  }
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"name", asked.name}, {"vkey", *vkey}}) << '\n';
  } else {
    context.io.out << labelled("witness", shown_text(*vkey)) << labelled("state", asked.state)
                   << "Never restore this folder from a copy: a witness that forgot what it "
                      "cosigned may cosign another history.\n";
  }
  return kExitGood;
}

Result<std::vector<ledger::VerifierKey>> read_logs(const std::vector<std::string>& vkeys) {
  std::vector<ledger::VerifierKey> logs;
  for (const std::string& vkey : vkeys) {
    Result<ledger::VerifierKey> log = ledger::VerifierKey::parse(vkey);
    if (!log) {
      return fail_at("--log " + vkey, log.error());
    }
    logs.push_back(*std::move(log));
  }
  return logs;
}

void tell_ready(Context& context, const witness::WitnessState& state, const std::string& url) {
  if (context.io.json) {
    context.io.out << json::print(json::Object{
                          {"name", state.name()}, {"vkey", state.cosigner().vkey()}, {"url", url}})
                   << std::endl;
  } else {
    context.io.out << labelled("witness", shown_text(state.cosigner().vkey()))
                   << labelled("listens on", url) << std::flush;
  }
}

std::string url_of(const std::string& address, const http::Server& server) {
  return address.starts_with("unix:") ? address
                                      : "http://" + address.substr(0, address.rfind(':') + 1) +
                                            std::to_string(server.port());
}

int serve(Context& context, const Asked& asked) {
  // Other processes of this user may not read our memory or trace us (not proof against root).
  prctl(PR_SET_DUMPABLE, 0);
  const Result<std::vector<ledger::VerifierKey>> logs = read_logs(asked.logs);
  if (!logs) {
    return report(context, logs.error());
  }
  Result<witness::WitnessDesk> desk = witness::WitnessDesk::open(context.files, asked.state, *logs);
  if (!desk) {
    return report(context, desk.error(), kExitBad);
  }
  if (context.io.error_terminal) {
    set_log_sink(terminal_log(context.files, DataFolder{asked.state}));
  }
  EventLoop loop;
  WitnessApi api(*desk, context.clock);
  http::ServerOptions options;
  options.address = asked.listen;
  options.max_body_bytes = witness::kMaxAddCheckpoint;
  Result<std::unique_ptr<http::Server>> server = http::Server::listen(
      loop, options,
      [&api](const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer) {
        api.handle(request, writer);
      });
  if (!server) {
    return report(context, server.error(), kExitBad);
  }
  loop.on_termination([&loop](int) {
    tell_service_manager("STOPPING=1");
    loop.stop();
  });
  tell_ready(context, desk->state(), url_of(asked.listen, **server));
  tell_service_manager("READY=1");
  loop.run();
  return kExitGood;
}

}  // namespace

void add_witness(CLI::App& root, Context& context) {
  CLI::App* group =
      add_group(root, "witness", "Be a witness for the logs of others",
                {"pawl witness init --name example.org/witness --state ./witness",
                 "pawl witness serve --state ./witness --log VKEY --listen 127.0.0.1:7710"});
  auto asked = std::make_shared<Asked>();
  CLI::App* made =
      add_command(*group, "init", "Make a witness: its key, and that it has cosigned nothing",
                  {"pawl witness init --name example.org/witness --state ./witness"});
  CLI::App* served =
      add_command(*group, "serve", "Cosign checkpoints of these logs, each extending those before",
                  {"pawl witness serve --state ./witness --log VKEY",
                   "pawl witness serve --state ./witness --log VKEY --listen 192.0.2.7:7710"});
  for (CLI::App* command : {made, served}) {
    command->add_option("--state", asked->state, "Folder of the key and of what was cosigned")
        ->type_name("DIR")
        ->required();
  }
  made->add_option("--name", asked->name, "The witness's name: a URL without a scheme")->required();
  served->add_option("--log", asked->logs, "A log's public key; again for each log")
      ->type_name("VKEY")
      ->required();
  served->add_option("--listen", asked->listen, "HTTP address (plain; put TLS in front)")
      ->type_name("ADDR")
      ->default_val("127.0.0.1:7710");
  on_run(*made, context, [&context, asked] { return init(context, *asked); });
  on_run(*served, context, [&context, asked] { return serve(context, *asked); });
}

}  // namespace pawl
