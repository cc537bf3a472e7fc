#include "app/commands/signer_command.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <list>
#include <memory>
#include <ostream>

#include "app/commands/shown_log.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/daemon/data_folder.h"
#include "base/log.h"
#include "base/os/service_manager.h"
#include "execution/supervision/service_user.h"
#include "foundation/keys/signer_wire.h"
#include "foundation/signer/signer_desk.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/net/unix_line.h"

namespace pawl {
namespace {

constexpr auto kKeepEvery = std::chrono::seconds(1);
constexpr std::size_t kMostConnections = 16;
constexpr unsigned kOwnMode = 0600, kAnyMode = 0666;  // who asks is compared by its user

struct Asked {
  std::string state, domain, node, listen, user;
};

std::string keys_of(const Asked& asked) {
  return asked.state + "/keys";
}

int init(Context& context, const Asked& asked) {
  if (Status made = make_durable_directory(context.files, asked.state); !made) {
    return report(context, made.error(), kExitBad);
  }
  const Result<Keystore> keys = Keystore::create(context.files, keys_of(asked), context.random);
  if (!keys) {
    return report(context, keys.error(), kExitBad);
  }
  const std::string log = keys->log_key().public_key().thumbprint();
  if (context.io.json) {
    context.io.out << json::print(
                          json::Object{{"record_key", keys->instance_kid()}, {"log_key", log}})
                   << '\n';
  } else {
    context.io.out << labelled("record key", keys->instance_kid()) << labelled("log key", log)
                   << labelled("next",
                               "pawl signer serve, and keys: {instance: signer:SOCKET, "
                               "log: signer:SOCKET} in pawl.yaml");
  }
  return kExitGood;
}

// The lines of those who ask, answered in order.
class Service {
 public:
  Service(EventLoop& loop, signer::SignerDesk& desk, unsigned user)
      : loop_(loop), desk_(desk), user_(user) {}

  void accept(std::unique_ptr<LineChannel> channel, const UnixCredentials& who) {
    if (who.uid != user_ || channels_.size() >= kMostConnections) {
      log(LogLevel::kWarn, "signer_connection_refused",
          {{"uid", std::to_string(who.uid)}, {"open", std::to_string(channels_.size())}});
      return;
    }
    const auto at = channels_.insert(channels_.end(), std::move(channel));
    (*at)->on_line([this, at](const std::string& line) {
      const std::uint64_t refused = desk_.counters().refused;
      std::string answer = desk_.answer(line);
      if (desk_.counters().refused > refused) {
        log(LogLevel::kError, "signer_refused", {{"answer", answer}});
      }
      (*at)->send(std::move(answer), nullptr, nullptr);
    });
    (*at)->on_closed([this, at](const Error&) { channels_.erase(at); });
  }

  void keep() {
    if (const Status kept = desk_.keep(); !kept) {
      log(LogLevel::kError, "signer_heads_not_kept", {{"reason", kept.error().message}});
    }
    timer_ = loop_.after(kKeepEvery, [this] { keep(); });
  }

 private:
  EventLoop& loop_;
  signer::SignerDesk& desk_;
  const unsigned user_;
  std::list<std::unique_ptr<LineChannel>> channels_;
  Timer timer_;
};

Result<unsigned> user_of(const std::string& name) {
  if (name.empty()) {
    return ::geteuid();
  }
  const Result<ChildUser> user = find_user(name);
  return user ? Result<unsigned>(user->user) : fail_at("--user", user.error());
}

int run(Context& context, const Asked& asked, signer::SignerDesk& desk, unsigned user) {
  EventLoop loop;
  Service service(loop, desk, user);
  const Result<std::unique_ptr<UnixServer>> server = UnixServer::listen(
      loop, asked.listen, asked.user.empty() ? kOwnMode : kAnyMode,
      {.max_line_bytes = signer::kMaxLine},
      [&service](std::unique_ptr<LineChannel> channel, const UnixCredentials& who) {
        service.accept(std::move(channel), who);
      });
  if (!server) {
    return report(context, server.error(), kExitBad);
  }
  loop.on_termination([&loop](int) {
    tell_service_manager("STOPPING=1");
    loop.stop();
  });
  service.keep();
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"listen", asked.listen}}) << std::endl;
  } else {
    context.io.out << labelled("listens on", shown_text(asked.listen)) << std::flush;
  }
  tell_service_manager("READY=1");
  loop.run();
  const Status kept = desk.keep();
  return kept ? kExitGood : report(context, kept.error(), kExitBad);
}

int serve(Context& context, const Asked& asked) {
  // Other processes of this user may not read our memory or trace us (not proof against root).
  prctl(PR_SET_DUMPABLE, 0);
  const Result<unsigned> user = user_of(asked.user);
  if (!user) {
    return report(context, user.error());
  }
  const Result<std::unique_ptr<FileLock>> held =
      context.files.lock(asked.state + "/lock", "pawl signer");
  const Result<Keystore> keys =
      held ? Keystore::open(context.files, keys_of(asked)) : fail(held.error());
  if (!keys) {
    return report(context, keys.error(), kExitBad);
  }
  if (context.io.error_terminal) {
    set_log_sink(terminal_log(context.files, DataFolder{asked.state}));
  }
  const std::string origin = asked.domain + "/pawl/" + asked.node;
  Result<signer::SignerDesk> desk =
      signer::SignerDesk::open({context.files, context.clock, *keys, "spiffe://" + origin, origin,
                                asked.state + "/signer-heads.json"});
  return desk ? run(context, asked, *desk, *user) : report(context, desk.error(), kExitBad);
}

}  // namespace

void add_signer(CLI::App& root, Context& context) {
  const char* init_example = "pawl signer init --state ./signer";
  const char* serve_example =
      "pawl signer serve --state ./signer --domain example.org --node gw1 --listen ./sign.sock";
  CLI::App* group = add_group(root, "signer", "Sign for a gateway, as a process of its own",
                              {init_example, serve_example});
  auto asked = std::make_shared<Asked>();
  CLI::App* made =
      add_command(*group, "init", "Make the keys, in a folder of the signer's own", {init_example});
  CLI::App* served = add_command(
      *group, "serve", "Sign well-formed records and checkpoints of one instance, and nothing else",
      {serve_example});
  for (CLI::App* command : {made, served}) {
    command
        ->add_option("--state", asked->state,
                     "Folder of the keys and of the heads that were signed")
        ->type_name("DIR")
        ->required();
  }
  served->add_option("--domain", asked->domain, "The instance's domain, as in pawl.yaml")
      ->required();
  served->add_option("--node", asked->node, "The instance's node, as in pawl.yaml")->required();
  served->add_option("--listen", asked->listen, "Its socket")->type_name("PATH")->required();
  served
      ->add_option("--user", asked->user,
                   "The gateway's user, who alone may ask (default: the signer's own)")
      ->type_name("USER");
  on_run(*made, context, [&context, asked] { return init(context, *asked); });
  on_run(*served, context, [&context, asked] { return serve(context, *asked); });
}

}  // namespace pawl
